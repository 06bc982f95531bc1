import { describe, expect, test } from 'vitest';
import type { ScanRequest, ScanRun } from '../../lib/app/scan/scan-run.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { EMPTY_SUMMARY, type Summary } from '../../lib/domain/summary.ts';
import type { Target } from '../../lib/domain/target.ts';
import { type ScanWork, scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import { type ScanTrigger, scanTrigger } from '../../lib/lambda/triggers.ts';
import { anEvent } from '../events/builders.ts';
import { ACCOUNT, aKey, aKeyArn, NOW, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld, manyGroups } from '../support/fake-cloud.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME, ONLY_IDENTITY, type SentEvent } from './support.ts';

const OTHER_REGION = 'eu-central-1';
const SCHEDULE: ScanTrigger = { kind: 'SCHEDULE' };
const keyChanged = (target: Partial<Target> = {}): ScanTrigger => ({
  kind: 'KEY_CHANGED',
  target: { ...HOME, ...target },
});
const KEY_CHANGED = keyChanged();
const request = ({
  target,
  ...more
}: Partial<Omit<ScanRequest, 'target'>> & { target?: Partial<Target> } = {}): ScanTrigger => ({
  kind: 'REQUEST',
  request: { runId: 'asked-for', target: { ...HOME, ...target }, nextToken: null, counts: EMPTY_SUMMARY, ...more },
});
const DISABLED = aKeyArn('disabled');
/** One compliant log group, one without a key, one with a disabled key. */
const WORLD: FakeWorld = {
  groups: { '/app/healthy': aKeyArn(), '/app/open': null, '/app/disabled': DISABLED },
  keys: { [aKeyArn()]: aKey(), [DISABLED]: aKey({ arn: DISABLED, state: 'Disabled' }) },
};
const COUNTS = { stores: 3, compliant: 1, nonCompliant: 2, exempt: 0, unknown: 0, filtered: 0 };
const REASONS = { NO_KEY: 1, KEY_DISABLED: 1 };
const SEVERITIES = { HIGH: 1, MEDIUM: 1 };

function aSetup(worlds: Readonly<Record<string, FakeWorld>> = { [REGION]: WORLD }, more: Partial<ScanWork> = {}) {
  const clouds = fakeClouds(worlds);
  const bus = fakeBus();
  const ignored: string[] = [];
  const scans: [ScanRun, ScanRequest][] = [];
  let runs = 0;
  const work: ScanWork = {
    config: { ...CONFIG, regions: Object.keys(worlds) },
    cloudOf: clouds.cloudOf,
    bus: bus.bus,
    now: NOW,
    newRunId: () => `run-${++runs}`,
    isTimeUp: () => false,
    onIgnored: (because) => ignored.push(because),
    onScan: (run, asked) => scans.push([run, asked]),
    ...more,
  };
  const scan = (...triggers: ScanTrigger[]) => errorsOf(triggers, (own) => scanForTriggers(own, work));
  return { clouds, bus, ignored, scans, work, scan };
}

describe('one scan', () => {
  test.each([
    ['the schedule', SCHEDULE, 'run-1'],
    ['a key that changed', KEY_CHANGED, 'run-1'],
    ['a request', request(), 'asked-for'],
  ])('%s: an event for each flagged log group, then the counts', async (_, trigger, runId) => {
    const { bus, scan, scans } = aSetup();

    expect(await scan(trigger)).toEqual([undefined]);

    expect(bus.types()).toEqual(['Log Store Finding', 'Log Store Finding', 'Scan Completed']);
    expect(bus.of('Log Store Finding')).toMatchObject([
      {
        schema: 'logseal/finding/1',
        runId,
        ...HOME,
        name: '/app/open',
        status: 'NON_COMPLIANT',
        severity: 'MEDIUM',
        keyArn: null,
      },
      { runId, name: '/app/disabled', severity: 'HIGH', reasons: [{ code: 'KEY_DISABLED' }], keyArn: DISABLED },
    ]);
    expect(bus.of('Scan Completed')).toEqual([
      {
        schema: 'logseal/scan-completed/1',
        runId,
        ...HOME,
        status: 'COMPLETE',
        error: null,
        counts: { ...COUNTS, byReason: REASONS, bySeverity: SEVERITIES },
      },
    ]);
    expect(scans).toMatchObject([[{ goesOn: false, counts: COUNTS, report: { status: 'COMPLETE' } }, { runId }]]);
  });

  test('reports only log groups that are not compliant, and reads each key once', async () => {
    const { bus, clouds, scan } = aSetup({ [REGION]: { ...WORLD, groups: manyGroups(120, aKeyArn()) } });

    await scan(SCHEDULE);

    expect(bus.types()).toEqual(['Scan Completed']);
    expect(clouds.calls()).toEqual({
      'sts:GetCallerIdentity': 1,
      'logs:DescribeLogGroups': 3,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
    });
  });

  test('sends the events of a page before it reads the next page', async () => {
    const order: string[] = [];
    const setup = aSetup({ [REGION]: { groups: manyGroups(120) } });
    const calls = () => setup.clouds.log().length;

    await scanForTriggers([{ trigger: SCHEDULE, attempt: 1 }], {
      ...setup.work,
      bus: { send: async (events) => void order.push(`${events.length} after ${calls()} calls`) },
    });

    expect(order).toEqual(['50 after 2 calls', '50 after 3 calls', '20 after 4 calls', '1 after 4 calls']);
  });
});

describe('query results', () => {
  const including = (queryResults: boolean): Partial<ScanWork> => ({
    config: { ...CONFIG, regions: [REGION], queryResults },
  });

  test('are reported like a log group when the configuration includes them', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD }, including(true));

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.of('Log Store Finding').at(-1)).toMatchObject({
      ...logStoreOf('query-results', 'aws', HOME, QUERY_RESULTS_NAME),
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'NO_KEY' }],
    });
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: { stores: 4, nonCompliant: 3 } }]);
  });

  test('are UNKNOWN when they cannot be read, and the scan is complete', async () => {
    const failures = { 'logs:StartQuery': aCloudError('ACCESS_DENIED', 'no') };
    const { bus, scan } = aSetup({ [REGION]: { ...WORLD, failures } }, including(true));

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.of('Log Store Finding').at(-1)).toMatchObject({ type: 'query-results', status: 'UNKNOWN' });
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: { unknown: 1 } }]);
  });

  test('are not queried when the configuration excludes them', async () => {
    const { clouds, scan } = aSetup({ [REGION]: WORLD }, including(false));

    await scan(SCHEDULE);

    expect(clouds.calls()).not.toHaveProperty('logs:StartQuery');
  });
});

describe('a batch', () => {
  test('of any number of key changes in one Region needs one scan', async () => {
    const { bus, clouds, scan } = aSetup();
    const triggers = [...Array.from({ length: 1000 }, () => KEY_CHANGED), request(), request()];

    expect(await scan(...triggers)).toEqual(triggers.map(() => undefined));

    expect(bus.types()).toEqual(['Log Store Finding', 'Log Store Finding', 'Scan Completed']);
    expect(clouds.calls()).toMatchObject({ 'sts:GetCallerIdentity': 1, 'logs:DescribeLogGroups': 1 });
  });

  test('completes each requested run under its own id, whatever comes first', async () => {
    const { bus, scan } = aSetup();

    await scan(KEY_CHANGED, request({ runId: 'a' }), request({ runId: 'b' }));

    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['a', 'b']);
  });

  test('continues a scan once when the same continuation comes twice, and other continuations as well', async () => {
    const { bus, clouds, scan } = aSetup({ [REGION]: { groups: manyGroups(120) } });

    await scan(request({ nextToken: '50' }), request({ nextToken: '50' }), request({ nextToken: '100' }));

    expect(bus.of('Scan Completed').map(({ counts }) => counts.stores)).toEqual(expect.arrayContaining([70, 20]));
    expect(clouds.calls()['logs:DescribeLogGroups']).toBe(3);
  });

  test('scans the other Regions when one fails', async () => {
    const broken = { ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } };
    const { bus, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: broken });
    const there: ScanTrigger = keyChanged({ region: OTHER_REGION });

    const results = await scan(KEY_CHANGED, there, there);

    expect(results).toEqual([undefined, expect.any(Error), expect.any(Error)]);
    expect(bus.of('Scan Completed')).toMatchObject([{ region: REGION, status: 'COMPLETE' }]);
  });

  test('reports why an event is ignored, and does not retry it', async () => {
    const { bus, clouds, ignored, scan } = aSetup();

    expect(await scan({ kind: 'IGNORED', because: 'it failed' })).toEqual([undefined]);

    expect(ignored).toEqual(['it failed']);
    expect([bus.sent, clouds.log()]).toEqual([[], []]);
  });
});

describe('several Regions', () => {
  test('the schedule requests a scan of each, and scans none itself', async () => {
    const { bus, clouds, scan, scans } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD, 'us-east-1': WORLD });

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.sent).toEqual(
      [REGION, OTHER_REGION, 'us-east-1'].map((region) => ({
        detailType: 'Scan Requested',
        detail: {
          schema: 'logseal/scan-requested/1',
          runId: 'run-1',
          ...HOME,
          region,
          nextToken: null,
          counts: EMPTY_SUMMARY,
        },
      })),
    );
    expect(clouds.calls()).toEqual(ONLY_IDENTITY);
    expect(scans).toEqual([]);
  });

  test('two schedules in one batch request each scan once', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD });

    await scan(SCHEDULE, SCHEDULE);

    expect(bus.types()).toEqual(['Scan Requested', 'Scan Requested']);
  });

  test('a request is scanned in its own Region', async () => {
    const { clouds, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: { groups: { '/there': null } } });

    await scan(request({ target: { region: OTHER_REGION } }));

    expect(clouds.log()).toEqual([`${REGION} sts:GetCallerIdentity me`, `${OTHER_REGION} logs:DescribeLogGroups 1`]);
  });

  test('the function understands the requests that it sends', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD });
    await scan(SCHEDULE);
    const triggers = bus.sent.map((sent) => scanTrigger(asEvent(sent)));

    expect(await scan(...triggers)).toEqual([undefined, undefined]);

    const ends = Map.groupBy(bus.of('Scan Completed'), ({ region }) => region);
    expect(ends.get(REGION)).toMatchObject([{ runId: 'run-1', counts: COUNTS }]);
    // The key that is usable in the first Region cannot be used in this one.
    expect(ends.get(OTHER_REGION)).toMatchObject([
      { runId: 'run-1', counts: { ...COUNTS, compliant: 0, nonCompliant: 3 } },
    ]);
  });
});

describe('ignored', () => {
  test.each([
    ['a key change', keyChanged({ region: 'us-east-1' })],
    ['a request', request({ target: { region: 'us-east-1' } })],
  ])('%s in a Region that is not configured, without any call', async (_, trigger) => {
    const { bus, clouds, ignored, scan } = aSetup();

    expect(await scan(trigger as ScanTrigger)).toEqual([undefined]);

    expect(clouds.log()).toEqual([]);
    expect(bus.sent).toEqual([]);
    expect(ignored).toEqual([expect.stringContaining('us-east-1 is not one of the Regions')]);
  });

  test.each([
    ['a key change', keyChanged({ account: OTHER_ACCOUNT })],
    ['a request', request({ target: { account: OTHER_ACCOUNT } })],
    ['a request of two accounts', request({ target: { account: `${ACCOUNT} for ${OTHER_ACCOUNT}` } })],
  ])('%s of another account, after GetCallerIdentity', async (_, trigger) => {
    const { bus, clouds, ignored, scan } = aSetup();

    expect(await scan(trigger as ScanTrigger)).toEqual([undefined]);

    expect(clouds.calls()).toEqual(ONLY_IDENTITY);
    expect(bus.sent).toEqual([]);
    expect(ignored).toEqual([expect.stringContaining(OTHER_ACCOUNT)]);
  });

  test('but not while the own account is unknown: the event is retried', async () => {
    const failures = { 'sts:GetCallerIdentity': aCloudError('UNAVAILABLE') };
    const { bus, clouds, ignored, scan } = aSetup({ [REGION]: { ...WORLD, failures } });

    expect(await scan(KEY_CHANGED, { kind: 'IGNORED', because: 'it failed' })).toEqual([expect.any(Error), undefined]);

    expect([bus.sent, clouds.calls()]).toEqual([[], ONLY_IDENTITY]);
    expect(ignored).toEqual(['it failed']);
  });
});

/** As EventBridge delivers it. */
const asEvent = ({ detailType, detail }: SentEvent) => anEvent('logseal', detailType, detail);

describe('when time is up', () => {
  test('requests the rest, with the token and the counts so far', async () => {
    const { bus, scan, scans } = aSetup({ [REGION]: { groups: manyGroups(120) } }, { isTimeUp: () => true });

    await scan(request());

    expect(bus.of('Log Store Finding')).toHaveLength(50);
    expect(bus.sent.slice(50)).toEqual([
      {
        detailType: 'Scan Requested',
        detail: {
          schema: 'logseal/scan-requested/1',
          runId: 'asked-for',
          ...HOME,
          nextToken: '50',
          counts: {
            ...EMPTY_SUMMARY,
            stores: 50,
            nonCompliant: 50,
            byReason: { NO_KEY: 50 },
            bySeverity: { MEDIUM: 50 },
          },
        },
      },
    ]);
    expect(scans).toMatchObject([[{ goesOn: true }, {}]]);
  });

  test('requests nothing after the last page', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD }, { isTimeUp: () => true });

    await scan(request());

    expect(bus.types().at(-1)).toBe('Scan Completed');
  });

  test.each([1, 2, 3])(
    'a run that stops every %i pages reports each log group once, and its counts add up',
    async (pages) => {
      const groups = { ...manyGroups(170), '/healthy': aKeyArn(), '/disabled': DISABLED };
      let pagesRead = 0;
      const { bus, scan } = aSetup({ [REGION]: { ...WORLD, groups } }, { isTimeUp: () => ++pagesRead % pages === 0 });

      await scan(SCHEDULE);
      for (let handled = 0; handled < bus.of('Scan Requested').length; handled++) {
        const asked = bus.sent.filter(({ detailType }) => detailType === 'Scan Requested')[handled];
        pagesRead = 0;
        expect(await scan(scanTrigger(asked && asEvent(asked)))).toEqual([undefined]);
      }

      const counts: Summary = {
        stores: 172,
        compliant: 1,
        nonCompliant: 171,
        exempt: 0,
        unknown: 0,
        filtered: 0,
        byReason: { NO_KEY: 170, KEY_DISABLED: 1 },
        bySeverity: { HIGH: 1, MEDIUM: 170 },
      };
      expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', runId: 'run-1', counts }]);
      const names = bus.of('Log Store Finding').map(({ name }) => name);
      expect(new Set(names).size).toBe(171);
      expect(names).toHaveLength(171);
    },
  );
});

describe('failures', () => {
  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)('%s of the listing is retried', async (code) => {
    const failures = { 'logs:DescribeLogGroups': aCloudError(code, 'not now') };
    const { bus, scan, scans } = aSetup({ [REGION]: { ...WORLD, failures } });

    expect(await scan(KEY_CHANGED, SCHEDULE)).toMatchObject([{ code, message: 'not now' }, { code }]);

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
