import { randomUUID } from 'node:crypto';
import type { DynamoDBClientConfig, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createCalls } from '../../lib/aws/calls.ts';
import { clientSettings } from '../../lib/aws/clients.ts';
import { createScanTable } from '../../lib/aws/scan-table.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { TARGET } from '../support/builders.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { clientAt, createScanTableAt, startDynalite, type Tables } from './journal-tables.ts';
import { describeScanTable } from './scan-table-suite.ts';

const TURN = { target: TARGET, runId: 'a', nextToken: null, invocation: 'i', heldUntil: 200_000 };

async function startSandboxTables(): Promise<Tables> {
  const sandbox = await startSandbox({ world: { region: 'eu-west-1' } });
  return { url: sandbox.url, stop: () => sandbox.close() };
}

describe.each([
  ['dynalite', startDynalite],
  ['the sandbox', startSandboxTables],
])('%s', (name, start) => {
  let tables: Tables;
  beforeAll(async () => {
    tables = await start();
  });
  afterAll(() => tables.stop());

  const open = async (settings: DynamoDBClientConfig = {}) => {
    const tableName = `scans-${randomUUID()}`;
    await createScanTableAt(tables.url, tableName);
    const client = clientAt(tables.url, settings);
    onTestFinished(() => client.destroy());
    const calls = createCalls();
    return { scans: createScanTable({ client, tableName, calls }), client, calls };
  };

  describeScanTable(name, async () => (await open()).scans);

  test('a scan that nothing hinders costs two calls, and the states one', async () => {
    const { scans, calls } = await open();

    await scans.begin(TURN, 1000);
    await scans.end(TURN, { critical: 0, keyUnusable: false, matches: new Map() });
    await scans.states({ matches: false });

    expect(calls.counts()).toEqual({ 'dynamodb:UpdateItem': 2, 'dynamodb:Query': 1 });
  });

  test('what matches exemptions is in an item of its own, so that totals are read without it', async () => {
    const { scans, client, calls } = await open();
    const matches = new Map([['e-1', 2]]);
    await scans.begin(TURN, 1000);
    await scans.end(TURN, { critical: 1, keyUnusable: false, matches });
    expect(calls.counts()).toEqual({ 'dynamodb:UpdateItem': 3 });
    const asked: unknown[] = [];
    client.middlewareStack.add(
      (next) => (args) => {
        asked.push((args.input as QueryCommandInput).ExpressionAttributeValues?.[':kind']?.S);
        return next(args);
      },
      { step: 'initialize' },
    );

    expect((await scans.states({ matches: false })).size).toBe(1);
    expect(asked).toEqual(['TARGET']);
    expect([...(await scans.states({ matches: true })).values()]).toEqual([
      { critical: 1, keyUnusable: false, matches },
    ]);
    expect(asked).toEqual(['TARGET', 'TARGET', 'MATCHES']);
  });

  test('what an invocation wrote that had lost the target is not taken for what was found', async () => {
    const { scans } = await open();
    const found = { critical: 1, keyUnusable: false, matches: new Map([['e-1', 2]]) };
    await scans.begin(TURN, 1000);
    await scans.end(TURN, found);

    await scans.end({ ...TURN, runId: 'lost' }, { ...found, matches: new Map([['e-1', 7]]) });

    expect([...(await scans.states({ matches: true })).values()]).toEqual([{ ...found, matches: new Map() }]);
  });

  test('more exemptions than an item has room for are not kept, and so not known', async () => {
    const { scans } = await open();
    const matches = new Map(Array.from({ length: 5_000 }, (_, index) => [`${'e'.repeat(120)}-${index}`, 1] as const));

    await scans.begin(TURN, 1000);
    await scans.end(TURN, { critical: 1, keyUnusable: false, matches });

    expect([...(await scans.states({ matches: true })).values()]).toEqual([
      { critical: 1, keyUnusable: false, matches: new Map() },
    ]);
  });

  test('a scan that is put off costs three requests: a condition that does not hold is not tried again', async () => {
    const { scans, client } = await open(clientSettings('eu-west-1'));
    const requests: string[] = [];
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          requests.push(commandName);
          return next(args);
        },
      { step: 'finalizeRequest', priority: 'low' },
    );

    expect(await scans.begin(TURN, 1000)).toBe('HELD');
    expect(await scans.begin({ ...TURN, runId: 'b' }, 1000)).toBe('NOTED');

    expect(requests.slice(1)).toEqual(['UpdateItemCommand', 'GetItemCommand', 'UpdateItemCommand']);
  });

  test('a lost answer to any call changes nothing: the retry of the SDK finds its own change', async () => {
    const { scans, client } = await open();
    const lost = new Set<unknown>();
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          const input = JSON.stringify(args.input);
          if (commandName !== 'UpdateItemCommand' || lost.has(input)) return answer;
          lost.add(input);
          throw Object.assign(new Error('lost'), { $retryable: {} });
        },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const other = { ...TURN, runId: 'b' };

    expect(await scans.begin(TURN, 1000)).toBe('HELD');
    expect(await scans.begin(other, 1000)).toBe('NOTED');
    expect(await scans.end(TURN, { critical: 1, keyUnusable: null, matches: new Map() })).toBe('b');
    expect(await scans.begin(other, 1000)).toBe('HELD');
    await scans.handOver(other, { nextToken: '50', counted: null }, 1000);
    const rest = { ...other, nextToken: '50', invocation: 'j' };
    expect(await scans.begin(rest, 2500)).toBe('HELD');
    await scans.release(rest, 2500);
    expect(await scans.begin({ ...rest, invocation: 'k' }, 2500)).toBe('HELD');
    await scans.end({ ...rest, invocation: 'k' }, null);
    expect(await scans.begin(TURN, 1000)).toBe('HELD');
    expect(lost.size).toBeGreaterThan(6);
  });

  test('a failure is a CloudError with the words of AWS', async () => {
    const client = clientAt(tables.url);
    onTestFinished(() => client.destroy());
    const scans = createScanTable({ client, tableName: 'elsewhere', calls: createCalls() });

    for (const call of [scans.begin(TURN, 1000), scans.end(TURN, null), scans.states({ matches: true })]) {
      await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND', name: 'CloudError' });
    }
  });
});

describeScanTable('memory', async () => fakeScanTable().scans);
