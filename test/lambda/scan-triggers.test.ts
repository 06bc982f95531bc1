import { describe, expect, test } from 'vitest';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { type ScanWork, scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import type { ScanTrigger } from '../../lib/lambda/triggers.ts';
import { aKeyArn, REGION } from '../support/builders.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import {
  aSetup,
  COUNTS,
  DISABLED,
  KEY_CHANGED,
  keyChanged,
  OTHER_REGION,
  REASONS,
  request,
  SCHEDULE,
  SEVERITIES,
  WORLD,
} from './scan-setup.ts';
import { CONFIG, HOME } from './support.ts';

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
        config: null,
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

    expect(order).toEqual(['50 after 2 calls', '50 after 3 calls', '20 after 4 calls', '1 after 5 calls']);
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
