import { once } from 'node:events';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { REGION } from '../sandbox/alibaba-support.ts';
import { aLogsPolicy } from '../support/builders.ts';
import { DEMO, ROOT } from '../support/logseal.ts';
import { ARCHIVE, anEmptyDirectory, type Environment, runLine, startLine } from './installed.ts';

/** A sandbox of the sources. */
async function aSandbox(world = DEMO): Promise<Environment> {
  const sandbox = await startSandbox({ world });
  onTestFinished(() => sandbox.close());
  return sandbox.environment();
}

describe('from an empty folder, the installed command', () => {
  it('says which version it is', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

    expect(await runLine('logseal --version', await anEmptyDirectory())).toEqual({
      status: 0,
      stdout: `logseal ${version}\n`,
      stderr: '',
    });
  });

  it('shows its help', async () => {
    const { status, stdout, stderr } = await runLine('logseal --help', await anEmptyDirectory());

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: logseal COMMAND [options]');
  });

  it('scans', async () => {
    const directory = await anEmptyDirectory();

    const { status, stdout, stderr } = await runLine('logseal scan --output scan.json', directory, await aSandbox());

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toContain('attach a key: logseal apply --key KEY');
    expect(JSON.parse(await readFile(join(directory, 'scan.json'), 'utf8'))).toMatchObject({ summary: { stores: 28 } });
  });

  it('seals, and the undo that it prints works', async () => {
    const directory = await anEmptyDirectory();
    const environment = await aSandbox();

    const applied = await runLine('logseal apply --key alias/logseal --yes', directory, environment);
    const [, undo = ''] = /^undo: (.+)$/m.exec(applied.stdout) ?? [];
    const undone = await runLine(`${undo} --yes`, directory, environment);

    expect(applied.status).toBe(3);
    expect(undo).toMatch(/^logseal undo --run /);
    expect(undone.stdout).toContain('unsealed');
  });

  it('checks a key policy', async () => {
    const directory = await anEmptyDirectory();
    await writeFile(join(directory, 'policy.json'), aLogsPolicy());
    const arns =
      '--key-arn arn:aws:kms:eu-west-1:111122223333:key/a --log-group-arn arn:aws:logs:eu-west-1:111122223333:log-group:/a';

    const { status, stdout } = await runLine(`logseal policy check --policy policy.json ${arns}`, directory);

    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('ALLOWED') });
  });

  it('checks a configuration', async () => {
    const directory = await anEmptyDirectory();
    await writeFile(
      join(directory, 'logseal.yaml'),
      'schema: logseal/config/1\nkeys:\n  - { match: { names: ["/a"] }, key: alias/a }\n',
    );

    expect((await runLine('logseal config check logseal.yaml', directory)).status).toBe(0);
  });

  it('scans and seals Logstores of Alibaba Cloud, without native code', async () => {
    const directory = await anEmptyDirectory();
    const environment = await aSandbox(join(ROOT, 'sandbox/worlds/logstores.yaml'));
    const here = `--provider alibaba --region ${REGION}`;

    const scanned = await runLine(`logseal scan ${here} --format json`, directory, environment);
    const applied = await runLine(
      `logseal apply ${here} --service-key --confirm-irreversible 2 --format json --quiet`,
      directory,
      environment,
    );

    expect({ status: scanned.status, stderr: scanned.stderr }).toEqual({ status: 3, stderr: '' });
    expect(JSON.parse(scanned.stdout)).toMatchObject({
      status: 'COMPLETE',
      targets: [{ apiCalls: { 'log:GetLogStore': 13 } }],
    });
    const sealed = JSON.parse(applied.stdout).steps.filter(({ outcome }: { outcome: string }) => outcome === 'SEALED');
    expect(sealed.length).toBeGreaterThanOrEqual(2);
  });

  it('serves its own worlds', async () => {
    const directory = await anEmptyDirectory();
    const child = startLine('exec logseal sandbox --port 0 --world demo', directory);
    onTestFinished(() => void child.kill('SIGKILL'));
    const environment: Record<string, string> = {};
    if (!child.stdout) throw new Error('the sandbox has no output');
    for await (const line of createInterface(child.stdout)) {
      const [, name = '', value = ''] = /^export (\w+)=(\S*)$/.exec(line) ?? [];
      environment[name] = value;
      if (name === 'ALIBABA_CLOUD_ACCESS_KEY_SECRET') break;
    }

    const { stdout } = await runLine('logseal scan --format json', directory, environment);
    const exit = once(child, 'exit');
    child.kill('SIGINT');

    expect(JSON.parse(stdout).summary.stores).toBe(28);
    expect(await exit).toEqual([0, null]);
  });
});

describe('the archive', () => {
  it('runs by npx, and prints commands that do the same', async () => {
    const directory = await anEmptyDirectory();
    const archive = `./${basename(ARCHIVE)}`;
    await copyFile(ARCHIVE, join(directory, archive));

    const { status, stdout } = await runLine('npx --yes ./logseal-*.tgz scan', directory, await aSandbox());

    expect(status).toBe(3);
    expect(stdout).toContain(`attach a key: npx ${archive} apply --key KEY`);
    expect((await readdir(directory)).filter((name) => !name.startsWith('.'))).toEqual([basename(ARCHIVE)]);
  });
});

it('the npm script of the sources prints commands that do the same', async () => {
  const directory = await anEmptyDirectory();

  const { status, stdout } = await runLine(`cd ${ROOT} && npm run -s logseal -- scan`, directory, await aSandbox());

  expect(status).toBe(3);
  expect(stdout).toContain('attach a key: npm run -s logseal -- apply --key KEY');
});
