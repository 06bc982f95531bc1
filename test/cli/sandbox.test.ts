import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aDirectory, aWorld, DEMO, runLogseal, startLogseal } from '../support/logseal.ts';

/** Starts the sandbox, and reads the environment that it prints. */
async function serve(words: string, cwd: string) {
  const child = startLogseal(words, { cwd });
  onTestFinished(() => void child.kill('SIGKILL'));
  const env: Record<string, string> = {};
  const errors: string[] = [];
  child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
  if (!child.stdout) throw new Error('the sandbox has no output');
  for await (const line of createInterface(child.stdout)) {
    const [, name, value] = /^export (\w+)=(\S*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not an export line: ${line}`);
    env[name] = value;
    if (Object.keys(env).length === 10) break;
  }
  return { child, env, errors };
}

async function interrupted(child: ChildProcess): Promise<unknown> {
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  return (await exit)[0];
}

describe('the sandbox', () => {
  it('prints the environment to use it, serves a world, and ends when it is interrupted', async () => {
    const directory = await aDirectory();
    const { child, env, errors } = await serve(`sandbox --port 0 --world ${DEMO}`, directory);

    const scanned = await runLogseal('scan --format json', { env, cwd: directory });
    const status = await interrupted(child);

    expect(Object.keys(env)).toEqual([
      'AWS_ENDPOINT_URL',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
      'LOGSEAL_SLS_ENDPOINT',
      'LOGSEAL_ALIBABA_KMS_ENDPOINT',
      'LOGSEAL_ALIBABA_RAM_ENDPOINT',
      'ALIBABA_CLOUD_ACCESS_KEY_ID',
      'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
    ]);
    expect(env['AWS_ENDPOINT_URL']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(parseDocument(scanSchema, scanned.stdout).summary.stores).toBe(28);
    expect({ status, errors }).toEqual({ status: 0, errors: [] });
    await expect(fetch(env['AWS_ENDPOINT_URL'] ?? '')).rejects.toThrow();
  });

  it('starts empty, in the account that it is told', async () => {
    const directory = await aDirectory();
    const { child, env } = await serve('sandbox --port 0 --account 777788889999', directory);

    const own = await runLogseal('scan --format json', { env, cwd: directory });
    const any = await runLogseal('scan --format json', { env: { ...env, AWS_ACCESS_KEY_ID: 'any' }, cwd: directory });
    const other = { ...env, AWS_ACCESS_KEY_ID: '444455556666' };
    const named = await runLogseal('scan --format json', { env: other, cwd: directory });
    await interrupted(child);

    const accounts = [own, any, named].map(({ stdout }) => parseDocument(scanSchema, stdout).targets[0]?.account);
    expect(accounts).toEqual(['777788889999', '777788889999', '444455556666']);
    expect(own.status).toBe(0);
  });

  it('finds its world where the command was typed', async () => {
    const desk = await aDesk(aWorld());
    await desk.write('world.yaml', 'region: us-east-1\ngroups: { /a: null, /b: null }\n');
    const { child, env } = await serve('sandbox --port 0 --world world.yaml', desk.directory);

    const { stdout } = await runLogseal('scan', { env });
    await interrupted(child);

    expect(env['AWS_REGION']).toBe('us-east-1');
    expect(stdout).toContain('Scanned account 111122223333, us-east-1\n2 log stores: 0 compliant, 2 not compliant');
  });

  it('has worlds of its own, by name', async () => {
    const directory = await aDirectory();
    const { child, env } = await serve('sandbox --port 0 --world writers', directory);

    const { stdout } = await runLogseal('scan', { env });
    await interrupted(child);

    expect(stdout).toMatch(/, eu-west-1\n[1-9]\d* log stores: /);
  });

  it('says which worlds there are', async () => {
    const { status, stderr } = await runLogseal('sandbox --port 0 --world nowhere', { cwd: await aDirectory() });

    expect(status).toBe(2);
    expect(stderr).toContain(
      '--world: expected demo, accounts, logstores, writers or a file that can be read, got nowhere (ENOENT',
    );
  });

  it('names every mistake of its world', async () => {
    const desk = await aDesk(aWorld());
    await desk.write('world.yaml', 'region: nowhere\ngroups: { /a: no-such-key }\nfaults: [{ call: x, kind: y }]\n');

    const { status, stdout, stderr } = await desk.run('sandbox --port 0 --world world.yaml');

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('groups./a: no key is named "no-such-key"\n');
    for (const field of ['region', 'groups./a', 'faults.0.call', 'faults.0.kind']) {
      expect(stderr).toContain(`logseal: ${desk.directory}/world.yaml: ${field}: `);
    }
  });

  it('does not take a port that is taken', async () => {
    const desk = await aDesk(aWorld());

    const { status, stderr } = await desk.run(`sandbox --port ${desk.sandbox.port}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`--port: expected a port that is free, got ${desk.sandbox.port}`);
  });
});
