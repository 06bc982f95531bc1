import { describe, expect, test } from 'vitest';
import { aBatch, aKeyChange, aScanRequest, aSchedule } from '../events/builders.ts';
import {
  ALIAS_CALLS,
  eventsIn,
  KEY_EVENTS,
  KEY_STORE_CALLS,
  recordsOf,
  SCAN_CLOUDTRAIL,
  sample,
} from '../events/samples.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aFunction, withoutWaiting } from './support.ts';

const NOTHING_FAILED = { batchItemFailures: [] };
/**
 * The calls of one scan of the demo's world. 21 of 28 log groups are reported, at most ten in each PutEvents call. One DescribeKey
 * is for the alias of the configured key. UpdateItem begins and ends the scan, Query adds up what all Regions have.
 */
const ONE_SCAN = {
  'sts:GetCallerIdentity': 1,
  'logs:DescribeLogGroups': 1,
  'kms:DescribeKey': 16,
  'kms:GetKeyPolicy': 2,
  'events:PutEvents': 3,
  'dynamodb:UpdateItem': 2,
  'dynamodb:Query': 1,
};
/** The samples that name a key, or the alias of the configured one. */
const NAMING_KEYS = KEY_EVENTS.filter((name) => !KEY_STORE_CALLS.includes(name));
/** What a caller who invokes the function is told. */
const ONE_RESULT = { scans: [expect.objectContaining({ goesOn: false })], putOff: [], requested: [] };
const COUNTS = { stores: 28, compliant: 7, nonCompliant: 19, exempt: 1, unknown: 1 };
const aFleet = (count: number) => aWorld({ bulk: [{ name: '/fleet/{n}', count }] });
/** What the event in a sample says was done. */
const nameIn = (name: string) => {
  const [event] = eventsIn(name);
  return event?.detail.eventName ?? event?.['detail-type'];
};

test.each(['schedule', 'scan-requested', ...KEY_STORE_CALLS])('%s.json: scans the Region once', async (name) => {
  const scan = await aFunction('ScanFunction');

  expect(await scan.invoke(sample(name))).toEqual(name === 'schedule' ? ONE_RESULT : NOTHING_FAILED);

  expect(scan.sandbox.calls()).toEqual(ONE_SCAN);
  expect(scan.events()).toHaveLength(21);
  expect(scan.events('Log Store Finding')).toHaveLength(20);
  expect(scan.events('Scan Completed')).toMatchObject([{ region: REGION, status: 'COMPLETE', counts: COUNTS }]);
});

test.each(['scan-requested', ...KEY_STORE_CALLS])('%s.json: works the same as a bare event', async (name) => {
  const scan = await aFunction('ScanFunction');

  expect(await scan.invoke(eventsIn(name)[0])).toEqual(ONE_RESULT);

  expect(scan.sandbox.calls()).toEqual(ONE_SCAN);
});

test.each(NAMING_KEYS)('%s.json: evaluates the key, and scans the Region once where that is needed', async (name) => {
  const scan = await aFunction('ScanFunction');
  const times = name === 'put-key-policy' ? 0 : 1;

  expect(await scan.invoke(sample(name))).toEqual(NOTHING_FAILED);

  const calls = scan.sandbox.calls();
  expect(calls['logs:DescribeLogGroups'] ?? 0).toBe(times);
  // The key that changed, and the configured one, which an alias names.
  expect(calls['kms:DescribeKey']).toBe(times * ONE_SCAN['kms:DescribeKey'] + (ALIAS_CALLS.includes(name) ? 1 : 2));
  expect(calls['kms:ListAliases']).toBe(name === 'key-deletion' ? undefined : 1);
  expect(scan.events('Key Finding')).toMatchObject([{ account: ACCOUNT, region: REGION, trigger: nameIn(name) }]);
  expect(scan.events('Scan Completed')).toHaveLength(times);
});

test.each(NAMING_KEYS)('%s.json: works the same as a bare event', async (name) => {
  const scan = await aFunction('ScanFunction');
  const report = { status: 'COMPLETE' };

  expect(await scan.invoke(eventsIn(name)[0])).toMatchObject({ scans: name === 'put-key-policy' ? [] : [{ report }] });

  expect(scan.events('Key Finding')).toMatchObject([{ trigger: nameIn(name) }]);
});

test('the schedule works the same in a record', async () => {
  const scan = await aFunction('ScanFunction');

  expect(await scan.invoke(aBatch(sample('schedule')))).toEqual(NOTHING_FAILED);

  expect(scan.sandbox.calls()).toEqual(ONE_SCAN);
});

test('a requested scan keeps the run id of its request', async () => {
  const scan = await aFunction('ScanFunction');
  const [{ detail } = { detail: {} }] = eventsIn('scan-requested');

  await scan.invoke(sample('scan-requested'));

  expect(new Set(scan.events().map(({ runId }) => runId))).toEqual(new Set([detail.runId]));
});

test.each(SCAN_CLOUDTRAIL)('%s-failed.json: makes no call', async (name) => {
  const scan = await aFunction('ScanFunction');

  expect(await scan.invoke(sample(`${name}-failed`))).toEqual(NOTHING_FAILED);
  expect(await scan.invoke(eventsIn(`${name}-failed`)[0])).toEqual({ scans: [], putOff: [], requested: [] });

  expect(scan.sandbox.calls()).toEqual({});
  expect(scan.logged('event ignored')).toMatchObject([
    { level: 'WARN', because: expect.stringContaining('failed'), function_request_id: 'request-1' },
    { function_request_id: 'request-2' },
  ]);
});

test('many key changes in one batch need one scan', async () => {
  const scan = await aFunction('ScanFunction');
  const burst = [...KEY_EVENTS, ...SCAN_CLOUDTRAIL.map((name) => `${name}-failed`)].flatMap(recordsOf);

  expect(await scan.invoke({ Records: burst })).toEqual(NOTHING_FAILED);

  expect(scan.sandbox.calls()['logs:DescribeLogGroups']).toBe(1);
  expect(scan.events('Scan Completed')).toHaveLength(1);
  expect(scan.events('Key Finding')).toHaveLength(NAMING_KEYS.length);
});

test('GetCallerIdentity is called once, however often the function runs', async () => {
  const scan = await aFunction('ScanFunction', { world: aFleet(3) });

  for (let time = 0; time < 3; time++) await scan.invoke(sample('disable-key'));

  expect(scan.sandbox.calls()).toMatchObject({ 'sts:GetCallerIdentity': 1, 'logs:DescribeLogGroups': 3 });
});

test('every log line has its request id, and metrics are printed', async () => {
  const scan = await aFunction('ScanFunction');

  await scan.invoke(sample('schedule'));
  await scan.invoke(sample('scan-requested'));

  const lines = scan.lines().filter((line) => line['message'] === 'scanned');
  expect(lines).toMatchObject([
    { level: 'INFO', message: 'scanned', service: 'logseal', function_request_id: 'request-1', counts: COUNTS },
    { message: 'scanned', function_request_id: 'request-2', report: { status: 'COMPLETE', account: ACCOUNT } },
  ]);
  const [metrics, finished, totals, ...more] = scan.metrics();
  expect(more).toHaveLength(3);
  expect(finished).toMatchObject({ service: 'logseal', ScanFinished: 1 });
  expect(totals).toMatchObject({ service: 'logseal', CriticalFindings: 3, KeyNotUsable: 0 });
  expect(metrics).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'logseal', Dimensions: [['service', 'Region']] }] },
    service: 'logseal',
    Region: REGION,
    ScanCompleted: 1,
    LogStores: 28,
    Compliant: 7,
    NonCompliant: 19,
    Exempt: 1,
    Unknown: 1,
    NO_KEY: 6,
    KEY_DISABLED: 2,
  });
});

test('a Region that needs two invocations is scanned completely, and the end has the counts of both', async () => {
  const scan = await aFunction('ScanFunction', { world: aFleet(120) });

  await scan.invoke(sample('schedule'), { remainingMs: 59_000 });
  expect(scan.events('Scan Requested')).toMatchObject([{ nextToken: expect.any(String), counts: { stores: 50 } }]);
  expect(scan.metrics()).toEqual([]);
  await scan.invoke(aBatch(aScanRequest(scan.events('Scan Requested')[0])));

  const counts = { stores: 120, nonCompliant: 120, byReason: { NO_KEY: 120 } };
  expect(scan.events('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts }]);
  expect(new Set(scan.events('Log Store Finding').map(({ name }) => name)).size).toBe(120);
  expect(scan.events('Log Store Finding')).toHaveLength(120);
  expect(scan.metrics()).toMatchObject([{ LogStores: 120, NO_KEY: 120 }, { ScanFinished: 1 }, { CriticalFindings: 0 }]);
});

describe('a part of a scan whose page token is refused, as it is a day later,', () => {
  async function aPart() {
    const scan = await aFunction('ScanFunction', { world: aFleet(120) });
    await scan.invoke(sample('schedule'), { remainingMs: 59_000 });
    const next = () => aBatch(aScanRequest(scan.events('Scan Requested').at(-1)));
    const refuseTokens = (times: number) =>
      scan.sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'expired-token', times }]);
    return { scan, next, refuseTokens };
  }
  const meaning =
    'CloudWatch Logs no longer takes the token of the next page, so the scan starts again from its first page';

  test('starts its target again, says so, and counts nothing twice', async () => {
    const { scan, next, refuseTokens } = await aPart();
    refuseTokens(1);

    expect(await scan.invoke(next(), { remainingMs: 59_000 })).toEqual(NOTHING_FAILED);
    await scan.invoke(next());

    expect(scan.logged(meaning)).toMatchObject([{ level: 'ERROR', error: { code: 'INVALID_REQUEST' } }]);
    const counts = { stores: 120, nonCompliant: 120, byReason: { NO_KEY: 120 } };
    expect(scan.events('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts }]);
    expect(scan.metrics()[0]).toMatchObject({ LogStores: 120, NO_KEY: 120 });
    expect(new Set(scan.events('Log Store Finding').map(({ name }) => name)).size).toBe(120);
    expect(new Set(scan.events().map(({ runId }) => runId)).size).toBe(1);
  });

  test('ends the run as FAILED when that happens to it again', async () => {
    const { scan, next, refuseTokens } = await aPart();
    refuseTokens(1);
    await scan.invoke(next(), { remainingMs: 59_000 });
    refuseTokens(1);

    expect(await scan.invoke(next())).toEqual(NOTHING_FAILED);

    expect(scan.logged(meaning)).toHaveLength(1);
    expect(scan.events('Scan Completed')).toMatchObject([
      { status: 'FAILED', error: { code: 'INVALID_REQUEST', message: 'The specified nextToken is invalid.' } },
    ]);
  });
});

test('with several Regions a scan of each is requested, and each is scanned in its own Region', async () => {
  const parameters = { Regions: `${REGION},eu-central-1` };
  const world = aWorld({
    groups: { '/here': null },
    elsewhere: [{ region: 'eu-central-1', groups: { '/there': null } }],
  });
  const scan = await aFunction('ScanFunction', { parameters, world });

  await scan.invoke(sample('schedule'));

  expect(scan.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1, 'events:PutEvents': 1 });
  const requests = scan.events('Scan Requested');
  expect(requests.map(({ region, nextToken }) => [region, nextToken])).toEqual([
    [REGION, null],
    ['eu-central-1', null],
  ]);
  expect(await scan.invoke(aBatch(...requests.map((detail) => aScanRequest(detail))))).toEqual(NOTHING_FAILED);
  expect(
    scan
      .events('Log Store Finding')
      .map(({ region, name }) => [region, name])
      .sort(),
  ).toEqual([
    ['eu-central-1', '/there'],
    [REGION, '/here'],
  ]);
  expect(scan.sandbox.calls()).toMatchObject({ 'sts:GetCallerIdentity': 1, 'logs:DescribeLogGroups': 2 });
  expect(
    scan
      .metrics()
      .flatMap(({ Region, LogStores }) => (Region ? [[Region, LogStores]] : []))
      .sort(),
  ).toEqual([
    ['eu-central-1', 1],
    [REGION, 1],
  ]);
});

test('events of another account or Region cause only a GetCallerIdentity', async () => {
  const scan = await aFunction('ScanFunction');
  const foreign = [
    aKeyChange('DisableKey', {}, { region: 'us-east-1' }),
    aKeyChange('DisableKey', {}, { account: OTHER_ACCOUNT }),
    aScanRequest({ region: 'us-east-1' }),
    aScanRequest({ account: OTHER_ACCOUNT }),
    aScanRequest({}, { account: OTHER_ACCOUNT }),
  ];

  expect(await scan.invoke(aBatch(...foreign))).toEqual(NOTHING_FAILED);

  expect(scan.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
  expect(scan.events()).toEqual([]);
  expect(scan.logged('event ignored')).toHaveLength(5);
});

test('a schedule that claims another account or Region scans the configured one', async () => {
  const scan = await aFunction('ScanFunction', { world: aFleet(1) });

  await scan.invoke(aSchedule({ account: OTHER_ACCOUNT, region: 'us-east-1' }));

  expect(scan.events('Scan Completed')).toMatchObject([{ account: ACCOUNT, region: REGION }]);
});

test('unknown events return to the queue, and the rest is handled', async () => {
  const scan = await aFunction('ScanFunction', { world: aFleet(1) });

  expect(await scan.invoke(aBatch('{', aKeyChange(), { hello: 'world' }, sample('finding')))).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
  });
  expect(await scan.invoke(aBatch('{'))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  await expect(scan.invoke({ hello: 'world' })).rejects.toThrow(expect.objectContaining({ name: 'UnknownEventError' }));

  expect(scan.events('Scan Completed')).toHaveLength(1);
});

test('a Region is scanned again after a transient failure, and reported as FAILED after a denied call', async () => {
  const scan = await aFunction('ScanFunction', { world: aFleet(1) });
  const batch = aBatch(aScanRequest());
  withoutWaiting();

  scan.sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'unavailable' }]);
  expect(await scan.invoke(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(scan.events()).toEqual([]);
  scan.sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'deny' }]);
  expect(await scan.invoke(batch)).toEqual(NOTHING_FAILED);

  expect(scan.events()).toMatchObject([{ status: 'FAILED', error: { code: 'ACCESS_DENIED' } }]);
  expect(scan.metrics()).toMatchObject([{ ScanFailed: 1 }]);
});
