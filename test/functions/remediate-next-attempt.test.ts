import { DeleteLogGroupCommand, DisassociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { SQSBatchResponse } from 'aws-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { clients } from '../sandbox/support.ts';
import { again, enforcing, findingsOf, many, NOTHING_FAILED, sealedIn } from './remediations.ts';
import { withoutWaiting } from './support.ts';

/** What the next attempt says of log groups that an earlier one sealed, or may have sealed. */

test('a seal whose outcome was not sent is reported even where somebody else changed the log group since then', async () => {
  const names = many(2);
  const remediate = await enforcing(names);
  const { logs } = clients(remediate.sandbox);
  const batch = findingsOf(names);
  const [unsealed, deleted] = names;
  withoutWaiting();

  remediate.sandbox.setFaults([{ call: 'events:PutEvents', kind: 'unavailable', times: 1000 }]);
  expect((await remediate.invoke(batch)) as SQSBatchResponse).toMatchObject({ batchItemFailures: [{}, {}] });
  expect(remediate.events()).toEqual([]);
  const [line] = remediate.logged('outcome');
  remediate.sandbox.setFaults([]);
  await logs.send(new DisassociateKmsKeyCommand({ logGroupName: unsealed }));
  await logs.send(new DeleteLogGroupCommand({ logGroupName: deleted }));
  expect(await remediate.invoke(again(batch))).toEqual(NOTHING_FAILED);

  const said = remediate
    .events()
    .map(({ runId, outcome, store }) => [store.name, outcome, runId === line.runId ? 'the first run' : 'the second']);
  expect(said.toSorted()).toEqual([
    [unsealed, 'SEALED', 'the first run'],
    [unsealed, 'SEALED', 'the second'],
    [deleted, 'REFUSED', 'the second'],
    [deleted, 'SEALED', 'the first run'],
  ]);
  expect(sealedIn(remediate.metrics())).toBe(3);
});

test('a log group that another run seals after the INTENT of this one is reported as SEALED by that run', async () => {
  const names = many(1);
  const [name = ''] = names;
  const remediate = await enforcing(names);
  const batch = findingsOf(names);
  withoutWaiting();

  // The journal takes three seconds to accept the INTENT, so that the log group is read again before the request.
  remediate.sandbox.setFaults([
    { call: 'dynamodb:PutItem', kind: 'latency', latencyMs: 3000, times: 1 },
    { call: 'events:PutEvents', kind: 'unavailable', times: 10 },
  ]);
  const second = remediate.invoke(again(batch));
  await vi.waitFor(() => expect(remediate.sandbox.calls()['dynamodb:PutItem']).toBe(1), 3000);
  const first = await remediate.invoke(batch);
  expect(first).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });

  expect(await second).toEqual(NOTHING_FAILED);
  expect(await remediate.keyOf(name)).toBe(await remediate.keyOf('/healthy'));
  expect(remediate.sandbox.calls()['logs:AssociateKmsKey']).toBe(1);
  const [line] = remediate.logged('outcome');
  expect(remediate.events()).toMatchObject([{ outcome: 'SEALED', runId: line.runId, store: { name } }]);
  expect(sealedIn(remediate.metrics())).toBe(1);
});

test('while the request of an earlier run may still be carried out, nothing final is said of its log group', async () => {
  const names = many(1);
  const [logGroupName = ''] = names;
  const remediate = await enforcing(names);
  const { logs } = clients(remediate.sandbox);
  const batch = findingsOf(names);
  const returned = { batchItemFailures: [{ itemIdentifier: 'm0' }] };
  withoutWaiting();

  remediate.sandbox.setFaults([{ call: 'logs:AssociateKmsKey', kind: 'reset', times: 100 }]);
  expect(await remediate.invoke(batch)).toEqual(returned);
  remediate.sandbox.setFaults([]);
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  expect(await remediate.invoke(again(batch))).toEqual(returned);
  expect(remediate.events()).toEqual([]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 330_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await remediate.invoke(again(batch))).toEqual(NOTHING_FAILED);

  expect(remediate.events()).toMatchObject([{ outcome: 'REFUSED', store: { name: logGroupName } }]);
});
