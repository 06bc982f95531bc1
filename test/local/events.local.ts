import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { clients } from '../sandbox/support.ts';
import { DEMO, ROOT } from '../support/logseal.ts';
import { commandLine, invokeLocally } from './invoke.ts';

/** The log groups of the demo world that the remediate function seals, by event file. */
const SEALED_BY: Readonly<Record<string, readonly string[]>> = {
  'associate-kms-key.json': ['/legacy/other-region'],
  'create-log-group.json': ['/aws/lambda/billing'],
  'disassociate-kms-key.json': ['/app/web'],
  'finding.json': ['/app/web'],
  'findings.json': ['/app/api-v2', '/archive/2023', '/legacy/disabled-key', '/legacy/signing'],
};
const files = (await readdir(join(ROOT, 'events'))).filter((name) => /(?<!-failed|^env)\.json$/.test(name));

describe('sam local invoke ScanFunction', () => {
  it.concurrent.each(files.filter((name) => !(name in SEALED_BY)))('takes %s and changes nothing', async (name) => {
    const { calls, sealed } = await invoked('ScanFunction', name);

    // The policy of a key that is not the configured one costs no scan.
    const scanned = name === 'put-key-policy.json' ? undefined : 1;
    expect(calls['logs:DescribeLogGroups']).toBe(scanned);
    expect(calls['sts:GetCallerIdentity']).toBe(1);
    expect(calls['events:PutEvents']).toBeGreaterThan(0);
    expect(sealed).toEqual([]);
  });
});

describe('sam local invoke RemediateFunction', () => {
  it.concurrent.each(Object.keys(SEALED_BY))('seals the log groups that %s names', async (name) => {
    const { calls, sealed } = await invoked('RemediateFunction', name);

    expect(sealed).toEqual(SEALED_BY[name]);
    // Read before the change, and once more after the run.
    expect(calls).toMatchObject({ 'logs:DescribeLogGroups': 2, 'logs:AssociateKmsKey': sealed.length });
  });
});

// The tests of the functions cover every event of a failed call.
it.concurrent.each([
  ['ScanFunction', 'disable-key-failed.json'],
  ['RemediateFunction', 'create-log-group-failed.json'],
])('%s makes no call for %s', async (functionId, name) => {
  const { calls } = await invoked(functionId, name);
  expect(calls).toEqual({});
});

it('uses the commands of docs/sandbox.md', async () => {
  const page = await readFile(join(ROOT, 'docs/sandbox.md'), 'utf8');
  for (const words of [
    commandLine('ScanFunction', 'events/schedule.json'),
    commandLine('RemediateFunction', 'events/finding.json'),
  ]) {
    expect(page).toContain(`npm run -s ${words.join(' ').replace('sam ', 'sam -- ')}`);
  }
});

/** Invokes a function in the demo world. @returns the calls that it made, and the log groups whose key changed */
async function invoked(functionId: string, name: string): Promise<{ calls: Record<string, number>; sealed: string[] }> {
  const sandbox = await startSandbox({ world: DEMO });
  try {
    const before = await keys(sandbox);
    sandbox.resetCalls();
    const { status, answer, stderr } = await invokeLocally(functionId, `events/${name}`, sandbox);
    // SAM CLI's exit status says nothing about the function. Its answer does.
    const isBatch = 'Records' in JSON.parse(await readFile(join(ROOT, 'events', name), 'utf8'));
    const result = functionId === 'ScanFunction' ? { scans: expect.any(Array) } : { outcomes: expect.any(Array) };
    expect(answer, stderr).toMatchObject(isBatch ? { batchItemFailures: [] } : result);
    expect(status).toBe(0);
    // SAM CLI itself calls GetCallerIdentity once.
    const { 'sts:GetCallerIdentity': identities = 0, ...others } = sandbox.calls();
    const calls = identities > 1 ? { ...others, 'sts:GetCallerIdentity': identities - 1 } : others;
    const after = await keys(sandbox);
    return { calls, sealed: [...after.keys()].filter((group) => after.get(group) !== before.get(group)) };
  } finally {
    await sandbox.close();
  }
}

async function keys(sandbox: Sandbox): Promise<Map<string, string | undefined>> {
  const { logGroups = [] } = await clients(sandbox).logs.send(new DescribeLogGroupsCommand({}));
  return new Map(logGroups.map(({ logGroupName = '', kmsKeyId }) => [logGroupName, kmsKeyId]));
}
