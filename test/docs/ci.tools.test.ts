import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toolsBin } from '../../scripts/tools-venv.ts';
import { aDirectory } from '../support/logseal.ts';
import { readPipelines } from './pipelines.ts';

const SCHEMAS = { GITHUB: 'vendor.github-workflows', GITLAB: 'vendor.gitlab-ci' } as const;

/** Checks YAML against the schema of its kind of pipeline, which comes with the tool. */
async function check(yaml: string, kind: keyof typeof SCHEMAS): Promise<string> {
  const file = join(await aDirectory(), 'pipeline.yml');
  await writeFile(file, yaml);
  const words = ['--builtin-schema', SCHEMAS[kind], file];
  return (await promisify(execFile)(join(await toolsBin(), 'check-jsonschema'), words)).stdout;
}

describe('docs/ci.md', async () => {
  const pipelines = await readPipelines();

  it('shows pipelines of both kinds', () => {
    expect(pipelines.map(({ kind }) => kind)).toEqual(['GITHUB', 'GITHUB', 'GITLAB']);
  });

  it.each(pipelines)('has a valid pipeline: $kind', async ({ yaml, kind }) => {
    expect(await check(yaml, kind)).toContain('ok -- validation done');
  });

  it.each(pipelines)('would not have one with a mistake: $kind', async ({ yaml, kind }) => {
    await expect(check(yaml.replace(/steps:|script:/, 'commands:'), kind)).rejects.toMatchObject({ code: 1 });
  });
});
