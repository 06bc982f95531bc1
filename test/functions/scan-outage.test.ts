import { expect, test } from 'vitest';
import type { Fault } from '../../sandbox/world.ts';
import { aBatch, aScanRequest } from '../events/builders.ts';
import { aWorld } from '../support/logseal.ts';
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
const deliveredFor = (time: number) => {
  const { Records } = aBatch(aScanRequest());
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
