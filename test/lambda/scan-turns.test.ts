import { describe, expect, test } from 'vitest';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { scanTrigger } from '../../lib/lambda/triggers.ts';
import { NOW, REGION } from '../support/builders.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { aSetup, asEvent, KEY_CHANGED, keyChanged, OTHER_REGION, request, WORLD } from './scan-setup.ts';
import { HOME, ONLY_IDENTITY } from './support.ts';

describe('taking turns', () => {
  /** The turn of a run in another invocation. */
  const aTurnOf = (runId: string) => ({
    target: HOME,
    runId,
    nextToken: null,
    invocation: 'another',
    heldUntil: NOW.getTime() + 200_000,
  });
  /** Another run holds the target. */
  async function aHeldTarget() {
    const setup = aSetup();
    const other = aTurnOf('other');
    await setup.table.scans.begin(other, NOW.getTime());
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
    const turn = aTurnOf('asked-for');
    await table.scans.begin(turn, NOW.getTime());

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
    const later = { clock: () => new Date(other.heldUntil + 1), heldUntil: other.heldUntil + 300_000 };

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

  test('a failure to give the target back hides nothing', async () => {
    const table = fakeScanTable((called) => (called === 'release' ? aCloudError('THROTTLED', 'busy') : undefined));
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE', 'the listing') };
    const { errors, scan } = aSetup({ [REGION]: { ...WORLD, failures } }, { scans: table.scans });

    expect(await scan(KEY_CHANGED)).toMatchObject([{ message: 'the listing' }]);

    expect(errors).toEqual([expect.stringMatching(/: busy$/)]);
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
