import { describe, expect, test } from 'vitest';
import type { ScanRequest, ScanRun } from '../../lib/app/scan/scan-run.ts';
import type { KeyFinding } from '../../lib/domain/key-finding.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { EMPTY_SUMMARY, type Summary } from '../../lib/domain/summary.ts';
import { type Target, targetKey } from '../../lib/domain/target.ts';
import { type ScanTotals, type ScanWork, scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import { type ScanTrigger, scanTrigger } from '../../lib/lambda/triggers.ts';
import { anEvent } from '../events/builders.ts';
import { ACCOUNT, aDenyingPolicy, aKey, aKeyArn, NOW, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld, manyGroups } from '../support/fake-cloud.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME, ONLY_IDENTITY, type SentEvent } from './support.ts';

const OTHER_REGION = 'eu-central-1';
const SCHEDULE: ScanTrigger = { kind: 'SCHEDULE', eventId: 'scheduled' };
const keyChanged = (target: Partial<Target> = {}, eventId: string | null = 'changed'): ScanTrigger => ({
  kind: 'KEY_CHANGED',
  target: { ...HOME, ...target },
  // The event names no key, so that a scan is all that it asks for. What it does otherwise: key-changes.test.ts.
  eventName: 'DisconnectCustomKeyStore',
  keyArn: null,
  alias: null,
  changedBy: null,
  eventId,
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
  const putOff: ScanRequest[] = [];
  const totals: ScanTotals[] = [];
  const findings: KeyFinding[] = [];
  const table = fakeScanTable();
  let runs = 0;
  let invocations = 0;
  const work: ScanWork = {
    config: { ...CONFIG, regions: Object.keys(worlds) },
    cloudOf: clouds.cloudOf,
    bus: bus.bus,
    scans: table.scans,
    clock: () => NOW,
    invocation: 'invocation',
    deadline: NOW.getTime() + 300_000,
    newRunId: () => `run-${++runs}`,
    isTimeUp: () => false,
    onIgnored: (because) => ignored.push(because),
    onKeyFinding: (finding) => findings.push(finding),
    onPutOff: (asked) => putOff.push(asked),
    onFindings: () => {},
    onScan: (run, asked) => scans.push([run, asked]),
    onTotals: (sums) => totals.push(sums),
    ...more,
  };
  const attempt = (number: number, triggers: readonly ScanTrigger[], now: Partial<ScanWork> = {}) => {
    const invocation = `invocation-${++invocations}`;
    return errorsOf(triggers, (own) => scanForTriggers(own, { ...work, invocation, ...now }), number);
  };
  const scan = (...triggers: ScanTrigger[]) => attempt(1, triggers);
  return { clouds, bus, ignored, scans, putOff, totals, findings, table, work, scan, attempt };
}

describe('one scan', () => {
  test.each([
    ['the schedule', SCHEDULE, 'scheduled'],
    ['a key that changed', KEY_CHANGED, 'changed'],
    ['an event without an id', keyChanged({}, null), 'run-1'],
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

  test('has the id of the first run that was requested, whatever comes first', async () => {
    const { bus, scan } = aSetup();

    await scan(KEY_CHANGED, SCHEDULE, request({ runId: 'a' }), request({ runId: 'b' }));

    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['a']);
  });

  test('continues a scan once when the same continuation comes twice', async () => {
    const { bus, clouds, scan } = aSetup({ [REGION]: { groups: manyGroups(120) } });

    await scan(request({ nextToken: '50' }), request({ nextToken: '50' }));

    expect(bus.of('Scan Completed').map(({ counts }) => counts.stores)).toEqual([70]);
    expect(clouds.calls()['logs:DescribeLogGroups']).toBe(2);
  });

  test('scans the other Regions when one fails', async () => {
    const broken = { ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } };
    const { bus, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: broken });
    const there: ScanTrigger = keyChanged({ region: OTHER_REGION });

    const results = await scan(KEY_CHANGED, there, there);

    // One of those that shared the scan is enough to scan again.
    expect(results).toEqual([undefined, expect.any(Error), undefined]);
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
          runId: 'scheduled',
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
    expect(ends.get(REGION)).toMatchObject([{ runId: 'scheduled', counts: COUNTS }]);
    // The key that is usable in the first Region cannot be used in this one.
    expect(ends.get(OTHER_REGION)).toMatchObject([
      { runId: 'scheduled', counts: { ...COUNTS, compliant: 0, nonCompliant: 3 } },
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
      expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', runId: 'scheduled', counts }]);
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

describe('taking turns', () => {
  /** Another run holds the target. */
  async function aHeldTarget() {
    const setup = aSetup();
    const other = { target: HOME, runId: 'other', invocation: 'another', heldUntil: NOW.getTime() + 1000 };
    await setup.table.scans.begin(other, true, NOW.getTime());
    return { ...setup, other };
  }

  test('while a scan of the target is under way, nothing is scanned, and one scan is asked for at its end', async () => {
    const { bus, clouds, putOff, scans, scan, table, other } = await aHeldTarget();

    expect(await scan(KEY_CHANGED)).toEqual([undefined]);
    expect(await scan(keyChanged({}, 'changed-again'), request({ runId: 'asked' }))).toEqual([undefined, undefined]);

    expect([bus.sent, scans, clouds.calls()]).toEqual([[], [], ONLY_IDENTITY]);
    expect(putOff.map(({ runId }) => runId)).toEqual(['changed', 'asked']);
    expect(await table.scans.end(other, null)).toBe('asked');
  });

  test('triggers that come while a scan is under way become one scan after it', async () => {
    const arriving: Promise<unknown>[] = [];
    const onCall = (line: string) => {
      if (line.startsWith('logs:DescribeLogGroups') && arriving.length === 0) {
        for (const id of ['x', 'y', 'z']) arriving.push(setup.scan(keyChanged({}, id)));
      }
    };
    const setup = aSetup({ [REGION]: { ...WORLD, onCall } });

    expect(await setup.scan(KEY_CHANGED)).toEqual([undefined]);
    expect(await Promise.all(arriving)).toEqual([[undefined], [undefined], [undefined]]);

    const { bus, clouds, scan } = setup;
    expect(bus.types()).toEqual(['Log Store Finding', 'Log Store Finding', 'Scan Completed', 'Scan Requested']);
    const [asked] = bus.of('Scan Requested');
    expect(asked).toMatchObject({ ...HOME, runId: 'z', nextToken: null, counts: EMPTY_SUMMARY });
    await scan(scanTrigger(asEvent({ detailType: 'Scan Requested', detail: asked })));
    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['changed', 'z']);
    expect(bus.of('Scan Requested')).toHaveLength(1);
    expect(clouds.calls()['logs:DescribeLogGroups']).toBe(2);
  });

  test('the same run in another invocation is delivered again until the first has ended', async () => {
    const { bus, scan, attempt, table } = aSetup();
    const turn = { target: HOME, runId: 'asked-for', invocation: 'another', heldUntil: NOW.getTime() + 1000 };
    await table.scans.begin(turn, true, NOW.getTime());

    for (const number of [1, 10]) {
      expect(await attempt(number, [request()])).toMatchObject([{ name: 'StillRunningError' }]);
    }
    expect(bus.sent).toEqual([]);
    await table.scans.end(turn, null);
    expect(await scan(request())).toEqual([undefined]);

    expect(bus.of('Scan Completed')).toHaveLength(1);
  });

  test('a target whose scan died is scanned when its invocation would have been over, and the run that died after it', async () => {
    const { bus, attempt, other } = await aHeldTarget();
    const later = { clock: () => new Date(other.heldUntil + 1), deadline: other.heldUntil + 300_000 };

    expect(await attempt(1, [KEY_CHANGED], later)).toEqual([undefined]);
    expect(await attempt(1, [request({ runId: 'other' })], later)).toEqual([undefined]);

    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['changed', 'other']);
  });

  test('between the parts of a run the target stays its own, and what comes then is scanned after the last part', async () => {
    const { bus, putOff, scan, attempt } = aSetup({ [REGION]: { groups: manyGroups(70) } });
    const next = () => {
      const sent = bus.sent.at(-1);
      return scanTrigger(sent && asEvent(sent));
    };

    await attempt(1, [request({ runId: 'long' })], { isTimeUp: () => true });
    const rest = next();
    await scan(KEY_CHANGED);
    await scan(rest);

    expect(putOff.map(({ runId }) => runId)).toEqual(['changed']);
    expect(bus.of('Scan Completed')).toMatchObject([{ runId: 'long', counts: { stores: 70 } }]);
    expect(bus.sent.at(-1)).toMatchObject({
      detailType: 'Scan Requested',
      detail: { runId: 'changed', nextToken: null },
    });
    await scan(next());
    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['long', 'changed']);
  });

  test('several Regions are scanned side by side', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD });

    await scan(KEY_CHANGED, keyChanged({ region: OTHER_REGION }));

    expect(
      bus
        .of('Scan Completed')
        .map(({ region }) => region)
        .sort(),
    ).toEqual([OTHER_REGION, REGION]);
  });

  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)(
    'without the table (%s) nothing is scanned, and the event is retried',
    async (code) => {
      const { scans: broken } = fakeScanTable(() => aCloudError(code, 'no table'));
      const { bus, scan, scans } = aSetup({ [REGION]: WORLD }, { scans: broken });

      expect(await scan(KEY_CHANGED)).toMatchObject([{ code, message: 'no table' }]);

      expect([bus.sent, scans]).toEqual([[], []]);
    },
  );

  test('a table that the role may not use is a FAILED scan', async () => {
    const { scans: broken } = fakeScanTable(() => aCloudError('ACCESS_DENIED', 'no right'));
    const { bus, clouds, scan, scans } = aSetup({ [REGION]: WORLD }, { scans: broken });

    expect(await scan(KEY_CHANGED)).toEqual([undefined]);

    expect(bus.sent).toMatchObject([{ detail: { status: 'FAILED', error: { message: 'no right' }, ...HOME } }]);
    expect(scans).toMatchObject([[{ goesOn: false, report: { status: 'FAILED' } }, {}]]);
    expect(clouds.calls()).toEqual(ONLY_IDENTITY);
  });

  test.each(['release', 'states'] as const)('a failure of %s hides nothing', async (method) => {
    const table = fakeScanTable((called) => (called === method ? aCloudError('THROTTLED', 'busy') : undefined));
    const failures =
      method === 'release' ? { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'the listing') } : {};
    const { scan, totals } = aSetup({ [REGION]: { ...WORLD, failures } }, { scans: table.scans });

    expect(await scan(KEY_CHANGED)).toMatchObject([method === 'release' ? { message: 'the listing' } : undefined]);

    expect(totals).toEqual([]);
  });

  test('a scan whose end could not be written is scanned again, so that nothing that came meanwhile is lost', async () => {
    let isBroken = true;
    const table = fakeScanTable((called) =>
      called === 'end' && isBroken ? aCloudError('THROTTLED', 'busy') : undefined,
    );
    const { bus, scan } = aSetup({ [REGION]: WORLD }, { scans: table.scans });

    expect(await scan(KEY_CHANGED)).toMatchObject([{ message: 'busy' }]);
    isBroken = false;
    expect(await scan(KEY_CHANGED)).toEqual([undefined]);

    expect(bus.of('Scan Completed').map(({ runId }) => runId)).toEqual(['changed', 'changed']);
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

    expect(await scan(SCHEDULE)).toMatchObject([{ message: expect.stringContaining('too many queries') }]);

    expect(bus.of('Log Store Finding').map(({ type }) => type)).toEqual(['log-group', 'log-group']);
  });
});

describe('the last attempt', () => {
  test('asks for the scan that came meanwhile, and gives the target back', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };
    const other = { target: HOME, runId: 'changed', invocation: 'another', heldUntil: NOW.getTime() };
    const onCall = (line: string) => {
      if (line.startsWith('logs:')) void setup.table.scans.begin(other, true, NOW.getTime());
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

  test('at which the run was begun by nobody changes nothing in the table', async () => {
    const table = fakeScanTable((method) => (method === 'begin' ? aCloudError('UNAVAILABLE', 'no table') : undefined));
    const { attempt, bus } = aSetup({ [REGION]: WORLD }, { scans: table.scans });

    expect(await attempt(10, [KEY_CHANGED])).toMatchObject([{ message: 'no table' }]);

    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'FAILED', error: { message: 'no table' } }]);
    expect(table.items.size).toBe(0);
  });

  test('counts as FAILED even if nothing can be sent', async () => {
    const { bus } = fakeBus(() => aCloudError('UNAVAILABLE', 'no bus'));
    const { attempt, scans } = aSetup({ [REGION]: WORLD }, { bus });

    expect(await attempt(10, [KEY_CHANGED])).toMatchObject([{ message: 'no bus' }]);

    expect(scans).toMatchObject([[{ report: { status: 'FAILED', error: { message: 'no bus' } } }, {}]]);
  });
});

describe('the totals', () => {
  const GONE = aKeyArn('gone');
  const CRITICAL: FakeWorld = { ...WORLD, groups: { '/a': GONE, '/b': GONE, '/c': null } };

  test('add up what the last scan of each configured Region found', async () => {
    const there = keyChanged({ region: OTHER_REGION });
    const { clouds, scan, table, totals } = aSetup({
      [REGION]: CRITICAL,
      [OTHER_REGION]: { groups: { '/there': null } },
    });
    const former = { target: { ...HOME, region: 'us-west-2' }, runId: 'r', invocation: 'i', heldUntil: 0 };
    await table.scans.begin(former, true, 0);
    await table.scans.end(former, { critical: 7, keyUnusable: true });

    await scan(KEY_CHANGED);
    await scan(there);
    clouds.at(REGION).attached.set('/a', aKeyArn());
    await scan(KEY_CHANGED);

    // The configured key is a key of the first Region.
    expect(totals).toEqual([
      { critical: 2, keysUnusable: 0 },
      { critical: 2, keysUnusable: 1 },
      { critical: 1, keysUnusable: 1 },
    ]);
  });

  test.each<[string, FakeWorld, boolean | null]>([
    ['usable', {}, false],
    ['disabled', { keys: { [aKeyArn()]: aKey({ state: 'Disabled' }) } }, true],
    ['denied to CloudWatch Logs', { policies: { [aKeyArn()]: aDenyingPolicy() } }, true],
    ['not readable with these rights', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }, false],
    ['throttled', { failures: { 'kms:DescribeKey': aCloudError('THROTTLED') } }, null],
  ])('know whether the configured key is unusable: %s', async (_, world, keyUnusable) => {
    const { scan, table } = aSetup({ [REGION]: { keys: WORLD.keys ?? {}, groups: { '/a': null }, ...world } });

    expect(await scan(KEY_CHANGED)).toEqual([undefined]);

    expect((await table.scans.states()).get(targetKey(HOME))).toEqual({ critical: 0, keyUnusable });
  });

  test('are not reported while a run goes on, or when it has failed', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('ACCESS_DENIED') };
    const { attempt, scan, totals } = aSetup({ [REGION]: { groups: manyGroups(60), failures } });

    await attempt(1, [request()], { isTimeUp: () => true });
    await scan(request());

    expect(totals).toEqual([]);
  });
});

describe('a key that changed', () => {
  const policyOf = (keyArn: string): ScanTrigger =>
    ({ ...KEY_CHANGED, eventName: 'PutKeyPolicy', keyArn }) as ScanTrigger;

  test('is evaluated alone where its new policy is no matter of the log groups', async () => {
    const { bus, clouds, findings, scan, scans } = aSetup();

    expect(await scan(policyOf(DISABLED), policyOf(DISABLED))).toEqual([undefined, undefined]);

    expect(bus.of('Key Finding')).toMatchObject([{ keyArn: DISABLED, isConfigured: false }]);
    expect(bus.types()).toEqual(['Key Finding']);
    expect(findings).toHaveLength(1);
    expect(scans).toEqual([]);
    expect(clouds.calls()).not.toHaveProperty('logs:DescribeLogGroups');
  });

  test('is evaluated before its target is scanned where it is the configured one', async () => {
    const { bus, scan } = aSetup();

    await scan(policyOf(aKeyArn()));

    expect(bus.types()).toEqual(['Key Finding', 'Log Store Finding', 'Log Store Finding', 'Scan Completed']);
  });

  test('in an account or a Region that is not scanned is not evaluated', async () => {
    const { bus, clouds, ignored, scan } = aSetup();

    await scan({ ...policyOf(DISABLED), target: { ...HOME, region: OTHER_REGION } } as ScanTrigger);

    expect([bus.sent, clouds.calls()]).toEqual([[], {}]);
    expect(ignored).toHaveLength(1);
  });

  test('that cannot be read now is retried, and its target is scanned then', async () => {
    const failures = { 'kms:DescribeKey': aCloudError('UNAVAILABLE', 'KMS is down') };
    const { bus, scan } = aSetup({ [REGION]: { ...WORLD, failures } });

    expect(await scan(policyOf(aKeyArn()))).toMatchObject([{ message: 'KMS is down' }]);

    expect(bus.sent).toEqual([]);
  });

  test('and an alias that is not the one of the configured key, which costs no call', async () => {
    const { bus, clouds, ignored, scan } = aSetup();

    await scan({ ...KEY_CHANGED, eventName: 'UpdateAlias', alias: 'alias/other' } as ScanTrigger);

    expect([bus.sent, clouds.calls()]).toEqual([[], {}]);
    expect(ignored).toEqual([expect.stringContaining('alias/other')]);
  });
});
