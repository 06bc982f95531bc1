import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createCalls } from '../../lib/aws/calls.ts';
import { createRemediationTurns } from '../../lib/aws/remediation-turns.ts';
import { createScanTable } from '../../lib/aws/scan-table.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { aTarget, TARGET } from '../support/builders.ts';
import { clientAt, createScanTableAt, startDynalite, type Tables } from './journal-tables.ts';

const NOW = 1_000_000;
const turn = (invocation: string, target = TARGET) => ({ target, invocation, heldUntil: NOW + 300_000 });

async function startSandboxTables(): Promise<Tables> {
  const sandbox = await startSandbox({ world: { region: 'eu-west-1' } });
  return { url: sandbox.url, stop: () => sandbox.close() };
}

describe.each([
  ['dynalite', startDynalite],
  ['the sandbox', startSandboxTables],
])('remediations take turns by a table in %s', (_, start) => {
  let tables: Tables;
  beforeAll(async () => {
    tables = await start();
  });
  afterAll(() => tables.stop());

  const open = async () => {
    const tableName = `scans-${randomUUID()}`;
    await createScanTableAt(tables.url, tableName);
    const client = clientAt(tables.url);
    onTestFinished(() => client.destroy());
    const table = { client, tableName, calls: createCalls() };
    return { turns: createRemediationTurns(table), scans: createScanTable(table) };
  };

  test('two invocations hold a target at a time, however many want to', async () => {
    const { turns } = await open();

    const taken = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => turns.take(turn(name), NOW)));

    expect(taken.filter(Boolean)).toHaveLength(2);
    expect(await turns.take(turn('f'), NOW)).toBeNull();
    expect(await turns.take(turn('f', aTarget('us-east-1')), NOW)).not.toBeNull();
  });

  test('one that gives the target back makes room for another one, once', async () => {
    const { turns } = await open();
    const giveBack = await turns.take(turn('a'), NOW);
    await turns.take(turn('b'), NOW);

    await giveBack?.();
    expect(await turns.take(turn('c'), NOW)).not.toBeNull();
    await giveBack?.();

    expect(await turns.take(turn('d'), NOW)).toBeNull();
  });

  test('one that died makes room when it would have been over', async () => {
    const { turns } = await open();
    await turns.take(turn('a'), NOW);
    await turns.take(turn('b'), NOW);

    expect(await turns.take(turn('c'), NOW + 299_999)).toBeNull();
    expect(await turns.take(turn('c'), NOW + 300_001)).not.toBeNull();
  });

  test('scans of the target are not hindered, and do not see the turns', async () => {
    const { turns, scans } = await open();
    await turns.take(turn('a'), NOW);

    expect(await scans.begin({ ...turn('scan'), runId: 'r', nextToken: null }, NOW)).toBe('HELD');
    expect((await scans.states({ matches: true })).size).toBe(0);
  });
});
