import { expect, test } from 'vitest';
import { recovers } from './invariants/scans.ts';
import { HOME } from './worlds.ts';

/** The last scan was put off, and no scan of the Region has ended since the faults did. */
const lastScanPutOff = (waiting: readonly string[], again: string | undefined = 'the last') =>
  recovers({
    evidence: { faultsEndedAtMs: 0 },
    stack: { regions: [HOME], events: [], waiting, held: [{ region: HOME, runId: 'the dead', again }] },
  } as never);

test('the last scan may be put off to one that died and is a dead letter, and to no other', () => {
  expect(lastScanPutOff(['{"requestPayload":{"id":"the dead"}}'])).toEqual([]);

  const violated = [`after the faults the scan of ${HOME} was not complete`];
  expect(lastScanPutOff(['{"requestPayload":{"id":"another"}}'])).toEqual(violated);
  expect(lastScanPutOff([])).toEqual(violated);
});

test('a dead letter excuses nothing where the last scan was not put off', () => {
  const waiting = ['{"requestPayload":{"id":"the dead"}}'];
  const stack = { regions: [HOME], events: [], waiting };

  for (const held of [
    [],
    [{ region: HOME, runId: 'the dead' }],
    [{ region: 'us-east-1', runId: 'the dead', again: 'x' }],
  ])
    expect(recovers({ evidence: { faultsEndedAtMs: 0 }, stack: { ...stack, held } } as never)).toHaveLength(1);
});
