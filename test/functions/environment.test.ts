import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { cleanEnvironment, ROOT } from '../support/logseal.ts';

const SOUND = {
  AWS_REGION: 'eu-west-1',
  LOGSEAL_REGIONS: 'eu-west-1,eu-central-1',
  LOGSEAL_BUS: 'logseal',
  LOGSEAL_QUERY_RESULTS: 'false',
  LOGSEAL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/queue',
  LOGSEAL_MODE: 'Audit',
  LOGSEAL_KEY: 'alias/logseal',
};
/** What only one of the functions needs. */
const TABLES: Readonly<Record<string, { readonly [name: string]: string }>> = {
  scan: { LOGSEAL_SCAN_TABLE: 'logseal-Scans' },
  remediate: { LOGSEAL_JOURNAL_TABLE: 'logseal-Journal', LOGSEAL_SCAN_TABLE: 'logseal-Scans' },
};

/** Imports a function's file in its own process, as Lambda does at a cold start. */
function start(file: string, env: Readonly<Record<string, string>>): Promise<{ failed: boolean; stderr: string }> {
  const own = Object.entries(cleanEnvironment({}, ROOT)).filter(([name]) => !name.startsWith('LOGSEAL_'));
  const args = ['--input-type=module', '-e', `await import('./functions/${file}.ts')`];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: ROOT, env: { ...Object.fromEntries(own), ...env } },
      (error, _stdout, stderr) => resolve({ failed: error !== null, stderr }),
    );
  });
}

test.concurrent.each(['scan', 'remediate'])('%s starts with the variables that the template sets', async (file) => {
  expect(await start(file, { ...SOUND, ...TABLES[file] })).toEqual({ failed: false, stderr: '' });
});

test.concurrent.each(['scan', 'remediate'])(
  '%s does not start with wrong variables, and one error lists every mistake',
  async (file) => {
    const { failed, stderr } = await start(file, {
      AWS_REGION: 'Ireland',
      LOGSEAL_REGIONS: 'eu-west-1,,Frankfurt',
      LOGSEAL_BUS: 'a bus',
      LOGSEAL_QUERY_RESULTS: 'yes',
      LOGSEAL_MODE: 'enforce',
      LOGSEAL_KEY: '17eb3c01-68d0-47b2-aede-5481150f1723',
      LOGSEAL_QUEUE_URL: 'a queue',
      LOGSEAL_JOURNAL_TABLE: 'no table',
      LOGSEAL_SCAN_TABLE: 'no table',
      AWS_ENDPOINT_URL: 'nowhere',
    });

    expect(failed).toBe(true);
    expect(stderr.match(/UsageError/g)?.length).toBeGreaterThan(0);
    const mistakes = [
      /AWS_ENDPOINT_URL: expected an http or https URL, got "nowhere"/,
      /AWS_REGION: expected a Region such as eu-west-1, got "Ireland"/,
      /LOGSEAL_REGIONS: .*got "".*got "Frankfurt"/,
      /LOGSEAL_BUS: expected the name of an event bus, got "a bus"/,
      /LOGSEAL_QUERY_RESULTS: expected true or false, got "yes"/,
      /LOGSEAL_QUEUE_URL: expected the URL of a queue, got "a queue"/,
      /LOGSEAL_MODE: expected Audit or Enforce, got "enforce"/,
      /LOGSEAL_KEY: .*a bare key id names no Region/,
      ...Object.keys(TABLES[file] ?? {}).map(
        (name) => new RegExp(`${name}: expected the name of a DynamoDB table, got "no table"`),
      ),
    ];
    for (const mistake of mistakes) expect(stderr).toMatch(mistake);
  },
);

test.concurrent('an empty environment is reported with every missing variable', async () => {
  const { failed, stderr } = await start('remediate', {});

  expect(failed).toBe(true);
  for (const name of Object.keys({ ...SOUND, ...TABLES['remediate'] })) expect(stderr).toContain(`${name}: expected`);
});
