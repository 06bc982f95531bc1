import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createCalls } from '../../lib/aws/calls.ts';
import { createScanTable } from '../../lib/aws/scan-table.ts';
import { targetKey } from '../../lib/domain/target.ts';
import { aBatch, aKeyChange, aScanRequest } from '../events/builders.ts';
import { sample } from '../events/samples.ts';
import { clients } from '../sandbox/support.ts';
import { REGION, TARGET } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aSmallWorld, aStack } from './stack.ts';
import { aFunction } from './support.ts';

const NOTHING_FAILED = { batchItemFailures: [] };

async function until(isTime: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTime())) await wait(5);
}

test('eight events about keys during a scan cost one scan after it', async () => {
  // They name no key, so that nothing but the scan takes time.
  const disconnected = aKeyChange('DisconnectCustomKeyStore', { requestParameters: null });
  const scan = await aFunction('ScanFunction', { world: aSmallWorld() });
  const listings = () => scan.sandbox.calls()['logs:DescribeLogGroups'] ?? 0;
  scan.sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 500, times: 1 }]);

  const scanning = scan.invoke(sample('schedule'));
  await until(() => listings() === 1);
  const changes = Array.from({ length: 8 }, () => scan.invoke(aBatch(disconnected)));
  expect(await Promise.all(changes)).toEqual(changes.map(() => NOTHING_FAILED));
  expect([listings(), scan.events('Scan Completed')]).toEqual([1, []]);
  await scanning;
  const requested = scan.events('Scan Requested');
  expect(requested).toHaveLength(1);
  await scan.invoke(aBatch(aScanRequest(requested[0])));

  expect(listings()).toBe(2);
  expect(scan.events('Scan Completed')).toHaveLength(2);
  expect(scan.events('Scan Requested')).toHaveLength(1);
});

test('a scan whose invocation died holds its Region until that would have been over, and is scanned again', async () => {
  const scan = await aFunction('ScanFunction', { world: aSmallWorld() });
  const { dynamodb: client } = clients(scan.sandbox);
  const tableName = scan.sandbox.stack?.environment('ScanFunction')['LOGSEAL_SCAN_TABLE'] ?? '';
  const table = createScanTable({ client, tableName, calls: createCalls() });
  const died = aBatch(aScanRequest({ runId: 'died' }));
  const left = { target: TARGET, runId: 'died', nextToken: null, invocation: 'dead', heldUntil: Date.now() + 60_000 };
  await table.begin(left, Date.now());

  expect(await scan.invoke(died)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(scan.events()).toEqual([]);
  // The time passes at which the invocation would have been over.
  vi.useFakeTimers({ toFake: ['Date'], now: left.heldUntil + 1 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await scan.invoke(died)).toEqual(NOTHING_FAILED);

  expect(scan.events('Scan Completed')).toMatchObject([{ runId: 'died', status: 'COMPLETE' }]);
  expect(await table.states({ matches: true })).toEqual(
    new Map([[targetKey(TARGET), { critical: 0, keyUnusable: false, matches: new Map() }]]),
  );
});

test('requests that are delivered twice are scanned one after the other, and nothing fails for good', async () => {
  const parameters = { Regions: `${REGION},eu-central-1` };
  const two = await aStack({ world: aSmallWorld(), parameters, timeScale: 0.0001 });
  two.sandbox.setFaults([{ call: 'events:PutEvents', kind: 'duplicate' }]);

  await two.schedule();

  const completed = two.events('Scan Completed');
  expect(new Set(completed.map(({ region }) => region))).toEqual(new Set([REGION, 'eu-central-1']));
  expect(new Set(completed.map(({ runId }) => runId)).size).toBe(1);
  two.noDeadLetters();
});

test('a request that came twice waits while it is scanned, and that counts as no failure', async () => {
  const scan = await aFunction('ScanFunction', { world: aSmallWorld() });
  scan.sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 500, times: 1 }]);
  const { Records } = aBatch(aScanRequest());
  const again = Records.map((one) => ({ ...one, attributes: { ...one.attributes, ApproximateReceiveCount: '5' } }));

  const scanning = scan.invoke({ Records });
  await until(() => scan.sandbox.calls()['logs:DescribeLogGroups'] === 1);
  expect(await scan.invoke({ Records: again })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });

  expect(await scanning).toEqual(NOTHING_FAILED);
  expect(scan.logged('event waits in its queue')).toMatchObject([{ level: 'INFO', attempt: 5 }]);
  expect(scan.metrics().filter((one) => 'FailedAgain' in one)).toEqual([]);
  expect(scan.events('Scan Completed')).toHaveLength(1);
});

test('what comes between the parts of a run is scanned after its last part', async () => {
  const scan = await aFunction('ScanFunction', { world: aWorld({ bulk: [{ name: '/fleet/{n}', count: 120 }] }) });
  const latest = () => aBatch(aScanRequest(scan.events('Scan Requested').at(-1)));
  const change = aKeyChange();

  await scan.invoke(sample('schedule'), { remainingMs: 59_000 });
  expect(await scan.invoke(aBatch(change))).toEqual(NOTHING_FAILED);
  expect(scan.events('Scan Completed')).toEqual([]);
  expect(scan.logged('scan put off until the one that is under way has ended')).toMatchObject([{ runId: change.id }]);
  await scan.invoke(aBatch(aScanRequest(scan.events('Scan Requested')[0])));
  expect(scan.events('Scan Completed')).toMatchObject([{ counts: { stores: 120 } }]);
  await scan.invoke(latest());

  expect(scan.events('Scan Completed')).toMatchObject([{}, { runId: change.id, counts: { stores: 120 } }]);
  expect(scan.events('Scan Requested')).toHaveLength(2);
});

test('a retry of the schedule by Lambda goes on under the same run id', async () => {
  const scan = await aFunction('ScanFunction', { world: aSmallWorld() });
  const { id } = sample('schedule') as { id: string };

  await scan.invoke(sample('schedule'));
  await scan.invoke(sample('schedule'));

  expect(scan.events('Scan Completed').map(({ runId }) => runId)).toEqual([id, id]);
});
