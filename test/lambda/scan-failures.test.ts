import { describe, expect, test } from 'vitest';
import { aKeyArn, REGION } from '../support/builders.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import { aSetup, COUNTS, DISABLED, KEY_CHANGED, OTHER_REGION, request, SCHEDULE, WORLD } from './scan-setup.ts';
import { CONFIG, fakeBus } from './support.ts';

describe('failures', () => {
  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)('%s of the listing is retried', async (code) => {
    const failures = { 'logs:DescribeLogGroups': aCloudError(code, 'not now') };
    const { bus, scan, scans } = aSetup({ [REGION]: { ...WORLD, failures } });

    expect(await scan(KEY_CHANGED, SCHEDULE)).toMatchObject([{ code, message: 'not now' }, undefined]);

    expect(bus.sent).toEqual([]);
    expect(scans).toEqual([]);
  });

  test.each(['ACCESS_DENIED', 'INVALID_REQUEST', 'CREDENTIALS'] as const)(
    '%s of the listing is not retried: the scan is reported as FAILED',
    async (code) => {
      const failures = { 'logs:DescribeLogGroups': aCloudError(code, 'never') };
      const { bus, scan, scans } = aSetup({ [REGION]: { ...WORLD, failures } });

      expect(await scan(KEY_CHANGED)).toEqual([undefined]);

      expect(bus.of('Scan Completed')).toMatchObject([{ status: 'FAILED', error: { code, message: 'never' } }]);
      expect(scans).toMatchObject([[{ report: { status: 'FAILED' }, goesOn: false }, {}]]);
    },
  );

  test('a listing that fails half-way is a FAILED scan with the counts so far', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('ACCESS_DENIED') };
    const { bus, scan } = aSetup({ [REGION]: { groups: manyGroups(120), failures } });

    await scan(SCHEDULE);

    expect(bus.of('Log Store Finding')).toHaveLength(50);
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'FAILED', counts: { stores: 50 } }]);
  });

  test('a key that cannot be read is UNKNOWN, and the scan is complete', async () => {
    const failures = { [`kms:DescribeKey ${DISABLED}`]: aCloudError('ACCESS_DENIED') };
    const { bus, scan } = aSetup({ [REGION]: { ...WORLD, failures } });

    await scan(SCHEDULE);

    expect(bus.of('Log Store Finding')).toMatchObject([{ name: '/app/open' }, { status: 'UNKNOWN' }]);
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: { unknown: 1 } }]);
  });

  test.each([
    [1, 'findings'],
    [2, 'the end of the scan'],
  ])('an event is retried when the bus fails at send %i (%s)', async (failing) => {
    const bus = fakeBus((sending) => (sending === failing ? aCloudError('UNAVAILABLE', 'no bus') : undefined));
    const { scan, scans } = aSetup({ [REGION]: WORLD }, { bus: bus.bus });

    expect(await scan(KEY_CHANGED)).toMatchObject([{ message: 'no bus' }]);

    expect(bus.of('Scan Completed')).toEqual([]);
    expect(scans).toEqual([]);
  });

  test('the schedule of several Regions fails when the bus denies its events', async () => {
    const bus = fakeBus(() => aCloudError('ACCESS_DENIED', 'no right'));
    const { scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD }, { bus: bus.bus });

    expect(await scan(SCHEDULE)).toMatchObject([{ code: 'ACCESS_DENIED' }]);
  });
});

describe('a key that cannot be read now, but perhaps at the next try', () => {
  const outage = { [`kms:DescribeKey ${aKeyArn()}`]: aCloudError('UNAVAILABLE', 'KMS is down') };

  test('flags nothing, the others are reported, and the scan is retried', async () => {
    const { bus, clouds, scan, scans } = aSetup({ [REGION]: { ...WORLD, failures: outage } });

    expect(await scan(KEY_CHANGED)).toMatchObject([
      {
        name: 'CloudError',
        isTransient: true,
        message: expect.stringMatching(/^1 log store could not be evaluated yet: .*KMS is down$/),
      },
    ]);

    expect(bus.of('Log Store Finding').map(({ name }) => name)).toEqual(['/app/open', '/app/disabled']);
    expect([bus.of('Scan Completed'), scans]).toEqual([[], []]);
    clouds.at(REGION).failures.clear();
    expect(await scan(KEY_CHANGED)).toEqual([undefined]);
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: COUNTS }]);
  });

  test('ends the scan as FAILED at the last attempt, and the event becomes a dead letter', async () => {
    const { bus, attempt, scan, scans, table } = aSetup({ [REGION]: { ...WORLD, failures: outage } });

    expect(await attempt(9, [request()])).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect(scans).toEqual([]);
    expect(await attempt(10, [request()])).toMatchObject([{ code: 'UNAVAILABLE' }]);

    const error = { code: 'UNAVAILABLE', message: expect.stringContaining('KMS is down') };
    expect(bus.of('Scan Completed')).toMatchObject([
      { runId: 'asked-for', status: 'FAILED', error, counts: { stores: 2, unknown: 0 } },
    ]);
    expect(scans).toMatchObject([[{ goesOn: false, report: { status: 'FAILED' } }, { runId: 'asked-for' }]]);
    expect([...table.items.values()]).toEqual([{}]);
    expect(await scan(KEY_CHANGED)).toMatchObject([{ code: 'UNAVAILABLE' }]);
  });

  test('does not let a run go on without those log stores: the part is scanned again', async () => {
    const groups = { ...manyGroups(60, aKeyArn()), '/open': null };
    const { bus, clouds, scan, attempt } = aSetup({ [REGION]: { ...WORLD, groups, failures: outage } });

    expect(await attempt(1, [request()], { isTimeUp: () => true })).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect(bus.sent).toEqual([]);
    clouds.at(REGION).failures.clear();
    await scan(request());

    expect(bus.of('Scan Completed')).toMatchObject([{ counts: { stores: 61, compliant: 60, nonCompliant: 1 } }]);
  });

  test('applies to query results that could not be read, too', async () => {
    const failures = { 'logs:StartQuery': aCloudError('THROTTLED', 'too many queries') };
    const config = { ...CONFIG, queryResults: true };
    const { bus, scan } = aSetup({ [REGION]: { ...WORLD, failures } }, { config });

    expect(await scan(KEY_CHANGED)).toMatchObject([{ message: expect.stringContaining('too many queries') }]);

    expect(bus.of('Log Store Finding').map(({ type }) => type)).toEqual(['log-group', 'log-group']);
  });
});
