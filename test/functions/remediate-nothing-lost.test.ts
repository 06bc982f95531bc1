import { DisassociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { aBatch, aFindingEvent } from '../events/builders.ts';
import { clients } from '../sandbox/support.ts';
import { again, aWorldOf, enforcing, findingsOf, many, NOTHING_FAILED, sealedIn } from './remediations.ts';
import { aSmallWorld, aStack } from './stack.ts';
import { aFunction, withoutWaiting } from './support.ts';

/** What a remediation that fails halfway says: every seal is an outcome, and is counted once. */

/** The runs that report each log group as SEALED. */
const runsOf = (outcomes: readonly { runId: string; outcome: string; store: { name: string } }[]) => {
  const sealed = outcomes.filter(({ outcome }) => outcome === 'SEALED');
  const byName = Map.groupBy(sealed, ({ store }) => store.name);
  return new Map([...byName].map(([name, all]) => [name, new Set(all.map(({ runId }) => runId))]));
};

test('after a timeout in the middle of a batch of 50, every seal is reported for its run and counted once', async () => {
  const names = many(50);
  const clock = leapingClock();
  onTestFinished(() => clock.close());
  // The function has 27 s, less than the SDK waits for an answer.
  const scale = { clock, timeScale: 1, timeoutScale: 0.09 };
  const stack = await aStack({ world: aWorldOf(names), mode: 'Enforce', ...scale });
  // Two entries for each of 27 log groups; then the three changes under way get no answer from the journal for an hour.
  stack.sandbox.setFaults([{ call: 'dynamodb:PutItem', kind: 'latency', latencyMs: 3_600_000, skip: 54, times: 3 }]);

  await stack.queue('RemediateQueue', ...names.map((name) => aFindingEvent(name)));

  const timedOut = stack.stack.logs('RemediateFunction').filter((line) => line.includes('Task timed out'));
  expect(timedOut).toHaveLength(1);
  const keys = await stack.keys();
  expect(names.filter((name) => keys[name] !== keys['/healthy'])).toEqual([]);
  const runs = runsOf(stack.outcomes());
  expect([...runs.keys()].toSorted()).toEqual(names);
  expect([...runs.values()].filter(({ size }) => size !== 1)).toEqual([]);
  expect(sealedIn(stack.stack.metrics())).toBe(50);
  expect(stack.changes()).toBe(50);
  stack.noDeadLetters();
}, 60_000);

test('an outcome that the bus does not accept returns its own record, and is sent by the next attempt', async () => {
  const names = many(12);
  const remediate = await enforcing(names);
  const batch = findingsOf(names);
  withoutWaiting();

  remediate.sandbox.setFaults([{ call: 'events:PutEvents', kind: 'partial', times: 8 }]);
  const first = await remediate.invoke(batch);
  expect(first).toEqual({ batchItemFailures: [{ itemIdentifier: expect.any(String) }] });
  expect(remediate.events()).toHaveLength(11);
  const returned = batch.Records.filter(({ messageId }) => JSON.stringify(first).includes(`"${messageId}"`));
  expect(await remediate.invoke(again({ Records: returned }))).toEqual(NOTHING_FAILED);

  expect([...runsOf(remediate.events()).keys()].toSorted()).toEqual(names);
  expect(new Set(remediate.events().map(({ runId }) => runId)).size).toBe(1);
  expect(sealedIn(remediate.metrics())).toBe(12);
  expect(remediate.sandbox.calls()['logs:AssociateKmsKey']).toBe(12);
});

test.each([
  [0, 'INTENT', 'FAILED'],
  [15, 'DONE', 'SEALED'],
] as const)(
  'entry %i of the journal (%s) that cannot be written returns its own record: the outcome is %s',
  async (skip, phase, outcome) => {
    const names = many(8);
    const remediate = await enforcing(names);
    const batch = findingsOf(names);

    remediate.sandbox.setFaults([{ call: 'dynamodb:PutItem', kind: 'deny', skip, times: 1 }]);
    const first = await remediate.invoke(batch);
    expect(first).toEqual({ batchItemFailures: [{ itemIdentifier: expect.any(String) }] });
    const [id] = (first as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures.map(
      ({ itemIdentifier }) => Number(itemIdentifier.slice(1)),
    );
    const failing = names[id ?? -1];
    expect(remediate.events()).toHaveLength(8);
    expect(remediate.events().find(({ store }) => store.name === failing)).toMatchObject({ outcome });
    expect(await remediate.keyOf(failing ?? '')).toBe(phase === 'DONE' ? await remediate.keyOf('/healthy') : null);
    expect(sealedIn(remediate.metrics())).toBe(7);
    // The run that left the entry out is over.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 330_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await remediate.invoke(again(batch))).toEqual(NOTHING_FAILED);

    expect(sealedIn(remediate.metrics())).toBe(8);
    expect([...runsOf(remediate.events()).values()].map(({ size }) => size)).toEqual(names.map(() => 1));
    expect(remediate.sandbox.calls()['logs:AssociateKmsKey']).toBe(8);
  },
);

test('with too little time left everything returns untried and without an outcome', async () => {
  const names = many(3);
  const remediate = await enforcing(names);

  expect(await remediate.invoke(findingsOf(names), { remainingMs: 60_000 })).toEqual({
    batchItemFailures: ['m0', 'm1', 'm2'].map((itemIdentifier) => ({ itemIdentifier })),
  });

  expect(remediate.events()).toEqual([]);
  expect(remediate.logged('outcome')).toEqual([]);
  expect(Object.keys(remediate.sandbox.calls())).toEqual([
    'sts:GetCallerIdentity',
    'dynamodb:UpdateItem',
    'sqs:ChangeMessageVisibility',
  ]);
});

test('while the journal fails nothing is changed, and then every log group is sealed and counted once', async () => {
  const names = many(5);
  const stack = await aStack({ world: aWorldOf(names), mode: 'Enforce' });
  stack.sandbox.setFaults([
    { call: 'dynamodb:Query', kind: 'deny', times: 5 },
    { call: 'dynamodb:PutItem', kind: 'deny', times: 8 },
  ]);

  await stack.queue('RemediateQueue', ...names.map((name) => aFindingEvent(name)));

  const keys = await stack.keys();
  expect(names.filter((name) => keys[name] !== keys['/healthy'])).toEqual([]);
  expect(stack.changes()).toBe(5);
  expect(stack.outcomes().filter(({ outcome }) => outcome === 'FAILED').length).toBeGreaterThanOrEqual(10);
  const runs = runsOf(stack.outcomes());
  expect([...runs.keys()].toSorted()).toEqual(names);
  expect(sealedIn(stack.stack.metrics())).toBe(5);
  stack.noDeadLetters();
}, 60_000);

test('a log group that somebody else changes during the run is logged and counted at its end, without an outcome', async () => {
  const remediate = await aFunction('RemediateFunction', { world: aSmallWorld(), parameters: { Mode: 'Enforce' } });
  const { logs } = clients(remediate.sandbox);
  const logGroupName = '/app/b';
  remediate.sandbox.setFaults([{ call: 'logs:AssociateKmsKey', kind: 'latency', latencyMs: 2500, resource: '/app/a' }]);

  const invocation = remediate.invoke(aBatch(aFindingEvent('/app/a'), aFindingEvent(logGroupName)));
  await vi.waitFor(() => expect(remediate.events()).toMatchObject([{ store: { name: logGroupName } }]), 5000);
  await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));

  expect(await invocation).toEqual(NOTHING_FAILED);
  expect(remediate.events()).toMatchObject([{ outcome: 'SEALED' }, { outcome: 'SEALED' }]);
  expect(remediate.logged('changed after the run')).toMatchObject([
    { level: 'WARN', name: logGroupName, outcome: 'SEALED', found: 'no key' },
  ]);
  expect(remediate.metrics().filter(({ ChangedAfterRun }) => ChangedAfterRun === 1)).toHaveLength(1);
});

test('what Enforce would seal is counted as WouldSeal in Audit', async () => {
  const remediate = await aFunction('RemediateFunction', { world: aSmallWorld(), parameters: { Mode: 'Audit' } });

  await remediate.invoke(findingsOf(['/app/a', '/app/b', '/app/healthy']));

  const counted = remediate
    .metrics()
    .map(({ WouldSeal, Unchanged }) => (WouldSeal ? 'WouldSeal' : Unchanged && 'Unchanged'));
  expect(counted.toSorted()).toEqual(['Unchanged', 'WouldSeal', 'WouldSeal']);
});
