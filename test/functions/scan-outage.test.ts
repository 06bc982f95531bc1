import { expect, onTestFinished, test, vi } from 'vitest';
import { RETRY_FIRST_S } from '../../lib/pacing.ts';
import type { Fault } from '../../sandbox/world.ts';
import { aBatch, aScanRequest } from '../events/builders.ts';
import { sample } from '../events/samples.ts';
import { ringsAtMs } from '../support/alarm.ts';
import { TARGET } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { alarmOf } from '../template/resources.ts';
import { aFunction, withoutWaiting } from './support.ts';

const OUTAGE: readonly Fault[] = [{ call: 'kms:DescribeKey', kind: 'unavailable' }];
/** 120 healthy log groups under several keys, and one without a key. */
const aHealthyWorld = () =>
  aWorld({
    keys: Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { policy: 'logs' }])),
    bulk: ['a', 'b', 'c'].map((key) => ({ name: `/${key}/{n}`, count: 40, key })),
    groups: { '/open': null },
  });
/** A batch of one record that was delivered before. */
const deliveredFor = (time: number, detail = {}) => {
  const { Records } = aBatch(aScanRequest(detail));
  return {
    Records: Records.map((record) => ({
      ...record,
      attributes: { ...record.attributes, ApproximateReceiveCount: `${time}` },
    })),
  };
};
const FAILED = { batchItemFailures: [{ itemIdentifier: 'm0' }] };

test('an outage of KMS flags no log group that it hides, and the scan is retried until it ends', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();

  scan.sandbox.setFaults(OUTAGE);
  expect(await scan.invoke(deliveredFor(1))).toEqual(FAILED);
  expect(scan.events('Log Store Finding').map(({ name }) => name)).toEqual(['/open']);
  expect(scan.events('Scan Completed')).toEqual([]);
  expect(scan.metrics()).toEqual([]);
  scan.sandbox.setFaults([]);
  expect(await scan.invoke(deliveredFor(2))).toEqual({ batchItemFailures: [] });

  expect(scan.events('Scan Completed')).toMatchObject([
    { status: 'COMPLETE', counts: { stores: 121, compliant: 120, nonCompliant: 1, unknown: 0 } },
  ]);
  expect(new Set(scan.events('Log Store Finding').map(({ name }) => name))).toEqual(new Set(['/open']));
});

test('an outage does not send what a scan found once an attempt', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();
  scan.sandbox.setFaults(OUTAGE);

  for (const attempt of [1, 2, 3]) await scan.invoke(deliveredFor(attempt));
  expect(scan.events('Log Store Finding')).toHaveLength(1);
  scan.sandbox.setFaults([]);
  await scan.invoke(deliveredFor(4));

  expect(scan.events('Log Store Finding').map(({ name }) => name)).toEqual(['/open', '/open']);
  expect(scan.logged('finding')).toHaveLength(2);
});

test('a scan that fails to the last is FAILED, and says why', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();
  scan.sandbox.setFaults(OUTAGE);

  expect(await scan.invoke(deliveredFor(10))).toEqual(FAILED);

  expect(scan.events('Scan Completed')).toMatchObject([
    {
      status: 'FAILED',
      error: {
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/^120 log stores could not be evaluated yet: kms:/),
      },
      counts: { stores: 1, unknown: 0 },
    },
  ]);
  expect(scan.metrics()).toMatchObject([{ ScanFailed: 1 }, { FailedAgain: 1 }]);
});

test('the table is not needed to report that it is out of reach', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();

  scan.sandbox.setFaults([{ call: 'dynamodb:UpdateItem', kind: 'unavailable' }]);
  expect(await scan.invoke(deliveredFor(1))).toEqual(FAILED);
  expect(scan.events()).toEqual([]);
  expect(await scan.invoke(deliveredFor(10))).toEqual(FAILED);
  scan.sandbox.setFaults([{ call: 'dynamodb:UpdateItem', kind: 'deny' }]);
  expect(await scan.invoke(deliveredFor(1))).toEqual({ batchItemFailures: [] });

  expect(scan.events()).toMatchObject([
    { status: 'FAILED', error: { code: 'UNAVAILABLE' } },
    { status: 'FAILED', error: { code: 'ACCESS_DENIED' } },
  ]);
  expect(scan.metrics().filter((one) => 'ScanFailed' in one)).toMatchObject([{ ScanFailed: 1 }, { ScanFailed: 1 }]);
  expect(scan.sandbox.calls()).not.toHaveProperty('logs:DescribeLogGroups');
});

test('an outage of KMS raises an alarm within 15 minutes of its first failure, and a short one none', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();
  scan.sandbox.setFaults(OUTAGE);
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const fromMs = Date.now();
  const rings = () => ringsAtMs(alarmOf('FailedAgainAlarm'), scan.metrics(), { fromMs, untilMs: fromMs + 15 * 60_000 });

  const ringing: boolean[] = [];
  for (const attempt of [1, 2, 3]) {
    expect(await scan.invoke(deliveredFor(attempt))).toEqual(FAILED);
    ringing.push(rings() !== null);
    // The queue delivers it again after this time, and each attempt takes the function up to its timeout.
    vi.setSystemTime(Date.now() + 300_000 + RETRY_FIRST_S * 1000 * 2 ** (attempt - 1));
  }

  expect(ringing).toEqual([false, false, true]);
});

test('a scheduled scan that fails is left to the queue, which reports its end', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  withoutWaiting();
  scan.sandbox.setFaults(OUTAGE);

  expect(await scan.invoke(sample('schedule'))).toEqual({ scans: [], putOff: [], requested: [TARGET] });
  const [asked] = scan.events('Scan Requested');
  expect(await scan.invoke(deliveredFor(10, asked))).toEqual(FAILED);

  expect(scan.logged('the scheduled scan failed and is requested again')).toMatchObject([{ level: 'ERROR' }]);
  expect(scan.events('Scan Completed')).toMatchObject([{ runId: asked.runId, status: 'FAILED' }]);
});

test('alarms that cannot be told what a scan found are an error in the log, and raise another alarm', async () => {
  const scan = await aFunction('ScanFunction', { world: aHealthyWorld() });
  const meaning = 'the alarms on CRITICAL findings and on the configured key learn nothing of this scan';
  scan.sandbox.setFaults([{ call: 'dynamodb:Query', kind: 'deny' }]);

  expect(await scan.invoke(deliveredFor(1))).toEqual({ batchItemFailures: [] });

  expect(scan.logged(meaning)).toMatchObject([{ level: 'ERROR', error: { name: 'CloudError' } }]);
  expect(scan.metrics().filter((one) => 'FailedAgain' in one)).toMatchObject([{ FailedAgain: 1 }]);
  expect(scan.events('Scan Completed')).toMatchObject([{ status: 'COMPLETE' }]);
});
