import { describe, expect, test } from 'vitest';
import { scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import { NOW, REGION } from '../support/builders.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { aSetup, KEY_CHANGED, keyChanged, request, SCHEDULE, WORLD } from './scan-setup.ts';
import { fakeBus, HOME } from './support.ts';

describe('the last attempt', () => {
  test('asks for the scan that came meanwhile, and gives the target back', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };
    const other = { target: HOME, runId: 'changed', nextToken: null, invocation: 'another', heldUntil: NOW.getTime() };
    const onCall = (line: string) => {
      if (line.startsWith('logs:')) void setup.table.scans.begin(other, NOW.getTime());
    };
    const setup = aSetup({ [REGION]: { ...WORLD, failures, onCall } });

    expect(await setup.attempt(10, [request()])).toMatchObject([{ message: 'not now' }]);

    expect(setup.bus.types()).toEqual(['Scan Completed', 'Scan Requested']);
    expect(setup.bus.of('Scan Requested')).toMatchObject([{ runId: 'changed' }]);
  });

  test('is one only if no event that shares the scan has another', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };
    const { bus, work } = aSetup({ [REGION]: { ...WORLD, failures } });
    const deliveries = [
      { trigger: request(), attempt: 10 },
      { trigger: KEY_CHANGED, attempt: 3 },
      { trigger: request(), attempt: 4 },
    ];

    const { failed } = await scanForTriggers(deliveries, work);

    expect([...failed.keys()]).toEqual([deliveries[1]]);
    expect(bus.sent).toEqual([]);
  });

  test('frees the target if the rest of the run could not be requested, so that what was put off is scanned', async () => {
    const failing = fakeBus((sending) => (sending >= 2 ? aCloudError('UNAVAILABLE', 'no bus') : undefined));
    const groups = manyGroups(70);
    const { attempt, scan, scans, table } = aSetup(
      { [REGION]: { groups } },
      { isTimeUp: () => true, bus: failing.bus },
    );

    expect(await attempt(10, [request({ runId: 'long' })])).toMatchObject([{ message: 'no bus' }]);

    expect(scans).toMatchObject([[{ report: { status: 'FAILED' } }, { runId: 'long' }]]);
    expect([...table.items.values()]).toEqual([{}]);
    expect(await scan(KEY_CHANGED)).toMatchObject([{ message: 'no bus' }]);
  });

  test.each([
    ['from the beginning', null],
    ['of a later part', '50'],
  ])('is not needed for that: a try %s can be tried again at once', async (_, nextToken) => {
    let isBroken = true;
    // The events of the 50 findings are one sending.
    const failing = fakeBus((sending) =>
      sending === 2 && isBroken ? aCloudError('UNAVAILABLE', 'no bus') : undefined,
    );
    const world = { [REGION]: { groups: manyGroups(120) } };
    const { attempt } = aSetup(world, { isTimeUp: () => true, bus: failing.bus });

    expect(await attempt(1, [request({ nextToken })])).toMatchObject([{ message: 'no bus' }]);
    isBroken = false;
    expect(await attempt(2, [request({ nextToken })])).toEqual([undefined]);

    expect(failing.of('Scan Requested')).toHaveLength(1);
  });

  test('at which the end alone could not be written does not call a complete scan FAILED, and gives the target back', async () => {
    let ends = 0;
    const table = fakeScanTable((called) =>
      called === 'end' && ++ends === 1 ? aCloudError('THROTTLED', 'busy') : undefined,
    );
    const { attempt, bus, scans } = aSetup({ [REGION]: WORLD }, { scans: table.scans });

    expect(await attempt(10, [request()])).toMatchObject([{ message: 'busy' }]);

    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE' }]);
    expect(scans).toMatchObject([[{ report: { status: 'COMPLETE' } }, {}]]);
    expect([...table.items.values()]).toEqual([{ critical: 0, keyUnusable: false, matches: new Map() }]);
  });

  test('reports a defect as a FAILED scan, too', async () => {
    const onCall = (line: string) => {
      if (line.startsWith('logs:')) throw new TypeError('x is not a function');
    };
    const { attempt, bus, table } = aSetup({ [REGION]: { ...WORLD, onCall } });

    expect(await attempt(9, [request()])).toMatchObject([{ name: 'TypeError' }]);
    expect(await attempt(10, [request()])).toMatchObject([{ name: 'TypeError' }]);

    const error = { code: 'UNAVAILABLE', message: 'TypeError: x is not a function' };
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'FAILED', error }]);
    expect([...table.items.values()]).toEqual([{}]);
  });

  test('at which the run was begun by nobody changes nothing in the table', async () => {
    const table = fakeScanTable((method) => (method === 'begin' ? aCloudError('UNAVAILABLE', 'no table') : undefined));
    const { attempt, bus } = aSetup({ [REGION]: WORLD }, { scans: table.scans });

    expect(await attempt(10, [KEY_CHANGED])).toMatchObject([{ message: 'no table' }]);

    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'FAILED', error: { message: 'no table' } }]);
    expect(table.items.size).toBe(0);
  });

  test('counts as FAILED even if nothing can be sent', async () => {
    const { bus } = fakeBus(() => aCloudError('UNAVAILABLE', 'no bus'));
    const { attempt, errors, scans } = aSetup({ [REGION]: WORLD }, { bus });

    expect(await attempt(10, [KEY_CHANGED])).toMatchObject([{ message: 'no bus' }]);

    expect(errors).toEqual([expect.stringMatching(/could not be reported.*: no bus$/)]);

    expect(scans).toMatchObject([[{ report: { status: 'FAILED', error: { message: 'no bus' } } }, {}]]);
  });
});

describe('a failure that persists', () => {
  test('is counted although each event that fails is replaced by a newer one, and not before it has lasted', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };
    const { attempt, clouds, timesFailedAgain } = aSetup({ [REGION]: { ...WORLD, failures } });
    let now = NOW.getTime();
    const fail = async (number: number) => {
      const time = { clock: () => new Date(now), heldUntil: now + 300_000 };
      await attempt(number, [keyChanged({}, `changed-at-${now}`)], time);
      return timesFailedAgain();
    };

    expect(await fail(1)).toBe(0);
    now += 400_000;
    expect(await fail(1)).toBe(0);
    now += 20_000;
    expect(await fail(2)).toBe(1);
    // The third attempt counts when its event returns to the queue.
    expect(await fail(3)).toBe(1);
    clouds.at(REGION).failures.clear();
    expect(await fail(1)).toBe(1);
    clouds.at(REGION).failures.set('logs:DescribeLogGroups', aCloudError('UNAVAILABLE', 'again'));
    now += 20_000;

    expect(await fail(1)).toBe(1);
  });
});

describe('the schedule of one Region', () => {
  const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };

  test('that fails is requested under the same run id, so that the queue tries it ten times', async () => {
    const { bus, errors, scan, table } = aSetup({ [REGION]: { ...WORLD, failures } });

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.sent).toMatchObject([
      { detailType: 'Scan Requested', detail: { ...HOME, runId: 'scheduled', nextToken: null } },
    ]);
    expect(errors).toEqual(['the scheduled scan failed and is requested again: not now']);
    expect([...table.items.values()]).toEqual([{ failingSince: NOW.getTime() }]);
  });

  test('loses nothing that was put off while it failed', async () => {
    const other = { target: HOME, runId: 'changed', nextToken: null, invocation: 'another', heldUntil: NOW.getTime() };
    const onCall = (line: string) => {
      if (line.startsWith('logs:')) void setup.table.scans.begin(other, NOW.getTime());
    };
    const setup = aSetup({ [REGION]: { ...WORLD, failures, onCall } });

    expect(await setup.scan(SCHEDULE)).toEqual([undefined]);
    expect(await setup.attempt(10, [request({ runId: 'scheduled' })])).toMatchObject([{ message: 'not now' }]);

    expect(setup.bus.of('Scan Completed')).toMatchObject([{ runId: 'scheduled', status: 'FAILED' }]);
    expect(setup.bus.of('Scan Requested').map(({ runId }) => runId)).toEqual(['scheduled', 'changed']);
  });

  test('fails when it cannot be requested either', async () => {
    const { bus } = fakeBus(() => aCloudError('UNAVAILABLE', 'no bus'));
    const { scan } = aSetup({ [REGION]: { ...WORLD, failures } }, { bus });

    expect(await scan(SCHEDULE)).toMatchObject([{ message: 'not now' }]);
  });
});
