import { describe, expect, test } from 'vitest';
import { targetKey } from '../../lib/domain/target.ts';
import { aDenyingPolicy, aKey, aKeyArn, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld, manyGroups } from '../support/fake-cloud.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { aSetup, KEY_CHANGED, keyChanged, OTHER_REGION, request, WORLD } from './scan-setup.ts';
import { HOME } from './support.ts';

describe('the totals', () => {
  const GONE = aKeyArn('gone');
  const CRITICAL: FakeWorld = { ...WORLD, groups: { '/a': GONE, '/b': GONE, '/c': null } };

  test('add up what the last scan of each configured Region found', async () => {
    const there = keyChanged({ region: OTHER_REGION });
    const { clouds, scan, table, totals } = aSetup({
      [REGION]: CRITICAL,
      [OTHER_REGION]: { groups: { '/there': null } },
    });
    const former = {
      target: { ...HOME, region: 'us-west-2' },
      runId: 'r',
      nextToken: null,
      invocation: 'i',
      heldUntil: 0,
    };
    await table.scans.begin(former, 0);
    await table.scans.end(former, { critical: 7, keyUnusable: true, matches: new Map() });

    await scan(KEY_CHANGED);
    await scan(there);
    clouds.at(REGION).attached.set('/a', aKeyArn());
    await scan(KEY_CHANGED);

    // The configured key is a key of the first Region. Each scan repeats only what its own Region adds to.
    expect(totals).toEqual([
      { critical: 2, keysUnusable: 0 },
      { critical: null, keysUnusable: 1 },
      { critical: 1, keysUnusable: null },
    ]);
  });

  test('count the CRITICAL findings of all parts of a run, whatever an event says of the parts before', async () => {
    const groups = { ...manyGroups(50), '/z': GONE };
    const { bus, scan, attempt, totals } = aSetup({ [REGION]: { ...WORLD, groups: { ...groups, '/a': GONE } } });
    await attempt(1, [request()], { isTimeUp: () => true });
    const { nextToken, counts } = bus.of('Scan Requested')[0];
    const forged = { ...counts, bySeverity: { CRITICAL: 9_999_999 } };

    await scan(request({ nextToken, counts: forged }));
    expect(totals).toEqual([{ critical: 2, keysUnusable: 0 }]);

    // A part of a run that nothing was handed over to.
    await scan(request({ runId: 'forged', nextToken, counts: { ...forged, bySeverity: {} } }));
    expect(totals.slice(1)).toEqual([{ critical: 2, keysUnusable: 0 }]);
  });

  test('are 0 and nothing else once all is well in every Region, in whatever order the Regions are scanned', async () => {
    const there = aKeyArn('gone', { region: OTHER_REGION });
    const { clouds, scan, totals } = aSetup({
      [REGION]: { groups: { '/a': GONE } },
      [OTHER_REGION]: { groups: { '/a': there } },
    });
    const scanAll = async () => {
      await scan(KEY_CHANGED);
      await scan(keyChanged({ region: OTHER_REGION }));
      return totals.splice(0).map(({ critical }) => critical);
    };
    expect(await scanAll()).toEqual([1, 2]);

    clouds.at(REGION).attached.set('/a', null);
    clouds.at(OTHER_REGION).attached.set('/a', null);

    expect(await scanAll()).toEqual([null, 0]);
  });

  test.each([
    ['ACCESS_DENIED', 1],
    ['THROTTLED', 0],
  ] as const)(
    'that cannot be read (%s) are an error that is logged, and counted if it persists',
    async (code, times) => {
      const { scans: table } = fakeScanTable((method) =>
        method === 'states' ? aCloudError(code, 'no query') : undefined,
      );
      const { errors, scan, scans, timesFailedAgain, totals } = aSetup({ [REGION]: WORLD }, { scans: table });

      expect(await scan(KEY_CHANGED)).toEqual([undefined]);

      expect(errors).toEqual([expect.stringMatching(/learn nothing of this scan: no query$/)]);
      expect([timesFailedAgain(), scans.length, totals]).toEqual([times, 1, []]);
    },
  );

  test('that cannot be read for a defect fail the scan', async () => {
    const defect = new TypeError('a defect');
    const { scans: table } = fakeScanTable((method) => (method === 'states' ? defect : undefined));
    const { scan } = aSetup({ [REGION]: WORLD }, { scans: table });

    expect(await scan(KEY_CHANGED)).toEqual([defect]);
  });

  test.each<[string, FakeWorld, boolean | null]>([
    ['usable', {}, false],
    ['disabled', { keys: { [aKeyArn()]: aKey({ state: 'Disabled' }) } }, true],
    ['denied to CloudWatch Logs', { policies: { [aKeyArn()]: aDenyingPolicy() } }, true],
    ['not readable with these rights', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }, true],
    ['of a policy that is not readable', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }, true],
    ['throttled', { failures: { 'kms:DescribeKey': aCloudError('THROTTLED') } }, null],
  ])('know whether the configured key is unusable: %s', async (_, world, keyUnusable) => {
    const { scan, table } = aSetup({ [REGION]: { keys: WORLD.keys ?? {}, groups: { '/a': null }, ...world } });

    expect(await scan(KEY_CHANGED)).toEqual([undefined]);

    expect((await table.scans.states({ matches: true })).get(targetKey(HOME))).toEqual({
      critical: 0,
      keyUnusable,
      matches: new Map(),
    });
  });

  test('are not reported while a run goes on, or when it has failed', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('ACCESS_DENIED') };
    const { attempt, scan, totals } = aSetup({ [REGION]: { groups: manyGroups(60), failures } });

    await attempt(1, [request()], { isTimeUp: () => true });
    await scan(request());

    expect(totals).toEqual([]);
  });
});
