import { describe, expect, test } from 'vitest';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import { type ScanTrigger, scanTrigger } from '../../lib/lambda/triggers.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import {
  aSetup,
  asEvent,
  COUNTS,
  KEY_CHANGED,
  keyChanged,
  OTHER_REGION,
  request,
  SCHEDULE,
  WORLD,
} from './scan-setup.ts';
import { HOME, ONLY_IDENTITY } from './support.ts';

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

describe('what a caller is told', () => {
  const resultOf = async (setup: ReturnType<typeof aSetup>) => {
    const { result } = await scanForTriggers([{ trigger: SCHEDULE, attempt: 1 }], setup.work);
    return result;
  };

  test('of one Region: what was scanned', async () => {
    const scanned = [expect.objectContaining({ goesOn: false })];
    expect(await resultOf(aSetup())).toEqual({ scans: scanned, putOff: [], requested: [] });
  });

  test('of one that failed: that it is requested again', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'not now') };
    expect(await resultOf(aSetup({ [REGION]: { ...WORLD, failures } }))).toEqual({
      scans: [],
      putOff: [],
      requested: [HOME],
    });
  });

  test('of several: where a scan was requested', async () => {
    const requested = [HOME, { ...HOME, region: OTHER_REGION }];
    expect(await resultOf(aSetup({ [REGION]: WORLD, [OTHER_REGION]: WORLD }))).toEqual({
      scans: [],
      putOff: [],
      requested,
    });
  });
});
