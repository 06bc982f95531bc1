import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { toolsBin } from '../../scripts/tools-venv.ts';

/** Checks template.yaml with AWS's own tools. */

const root = resolve(import.meta.dirname, '../..');
const template = join(root, 'template.yaml');
const ofMembers = ['member-role', 'member-events'].map((name) => join(root, `deploy/${name}.yaml`));
const directory = mkdtempSync(join(tmpdir(), 'logseal-template-'));

let bin: string;
beforeAll(async () => {
  bin = await toolsBin();
}, 300_000);

/** @throws an error with the tool's output when its exit status is not 0 */
async function run(program: string, ...words: string[]): Promise<string> {
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...others } = process.env;
  const environment = { ...others, SAM_CLI_TELEMETRY: '0', AWS_CONFIG_FILE: '/nonexistent' };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, {
      cwd: root,
      env: environment,
      maxBuffer: 1e8,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${words.join(' ')}:\n${stdout}${stderr}`);
  }
}

/** A text that only the SDK's IAM client contains. */
const IAM_CLIENT = 'AWSIdentityManagement';

/** A file of a bundle and all files that it imports at start. */
function loadedAtStart(folder: string, file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, name = ''] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) loadedAtStart(folder, name, known);
  return known;
}

describe('template.yaml', () => {
  it.each(['validate', 'validate --lint'])('passes sam %s, which needs no --region', async (words) => {
    const validated = await run(join(bin, 'sam'), ...words.split(' '), '--template', template);
    expect(validated).toContain('valid SAM Template');
  });

  it('passes cfn-lint before and after the SAM transform', async () => {
    const transformed = join(directory, 'transformed.json');
    const text = await run(join(bin, 'python'), join(import.meta.dirname, 'transform.py'), template);
    writeFileSync(transformed, text);
    expect(Object.values(JSON.parse(text).Resources)).toContainEqual(
      expect.objectContaining({ Type: 'AWS::Lambda::EventSourceMapping' }),
    );
    expect(await run(join(bin, 'cfn-lint'), template, transformed, ...ofMembers)).toBe('');
  });

  it('passes checkov, except for the checks that .checkov.yaml skips with a reason', async () => {
    const checkov = join(await toolsBin('requirements-checkov.txt'), 'checkov');
    expect(await run(checkov, '--file', template, ...ofMembers, '--config-file', join(root, '.checkov.yaml'))).toMatch(
      /Passed checks: [1-9]\d+, Failed checks: 0/,
    );
    const skips = readFileSync(join(root, '.checkov.yaml'), 'utf8').match(/- CKV_\w+.*/g) ?? [];
    expect(skips.length).toBeGreaterThan(0);
    expect(skips.filter((skip) => !/# .{20}/.test(skip))).toEqual([]);
  }, 300_000);

  it('is built by sam build, and the IAM client is not loaded at start', async () => {
    const build = join(directory, 'build');
    await run(join(bin, 'sam'), 'build', '--template', template, '--build-dir', build);
    for (const [id, file] of [
      ['ScanFunction', 'scan.mjs'],
      ['RemediateFunction', 'remediate.mjs'],
    ] as const) {
      const files = (await readdir(join(build, id))).filter((name) => name.endsWith('.mjs'));
      const withIam = files.filter((name) => readFileSync(join(build, id, name), 'utf8').includes(IAM_CLIENT));
      expect(files).toContain(file);
      expect(withIam).toHaveLength(1);
      expect(loadedAtStart(join(build, id), file)).not.toContain(withIam[0]);
    }
  });
});
