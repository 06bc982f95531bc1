import { describe, expect, test } from 'vitest';
import { prepare } from '../../lib/domain/configuration.ts';
import { targetKey } from '../../lib/domain/target.ts';
import { aKey, aKeyArn, NOW, REGION } from '../support/builders.ts';
import { anExemption, exempting, keyRules } from '../support/configuration.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import { exemptions, reads, unreadable } from './configurations.ts';
import { aSetup, KEY_CHANGED, keyChanged, OTHER_REGION, request, SCHEDULE, WORLD } from './scan-setup.ts';
import { HOME } from './support.ts';

const day = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString().slice(0, 10);
const LATER = day(100);
const SOON = day(3);
const PAST = day(-1);
const OTHER = aKeyArn('other');

describe('a scan under a configuration', () => {
  test('sends no finding of an exempt log group, counts it, and says that the file was read', async () => {
    const { bus, scan } = aSetup(undefined, { configuration: reads(exempting('/app/open')) });

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.of('Log Store Finding').map(({ name }) => name)).toEqual(['/app/disabled']);
    expect(bus.of('Scan Completed')).toMatchObject([
      { config: 'READ', counts: { exempt: 1, nonCompliant: 1, bySeverity: { HIGH: 1 } } },
    ]);
  });

  test('goes on without exemptions where the file is wrong or refused, and says so', async () => {
    const { bus, exemptions: totals, scan } = aSetup(undefined, { configuration: unreadable('ACCESS_DENIED') });

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.of('Log Store Finding')).toHaveLength(2);
    expect(bus.of('Scan Completed')).toMatchObject([
      { status: 'COMPLETE', config: 'UNREADABLE', counts: { exempt: 0 } },
    ]);
    expect(totals).toEqual([]);
  });

  test.each([1, 2, 9])('is tried again while the file cannot be read for a time: attempt %d', async (attempt) => {
    const setup = aSetup(undefined, { configuration: unreadable('THROTTLED') });

    expect(await setup.attempt(attempt, [request()])).toMatchObject([{ message: 'no file', isTransient: true }]);

    expect(setup.bus.sent).toEqual([]);
    expect(setup.clouds.log().filter((line) => line.includes('logs:'))).toEqual([]);
    // The target is free for the next attempt, and for whatever else asks.
    expect([...setup.table.items.values()]).toEqual([{ failingSince: NOW.getTime() }]);
  });

  test('is requested again where it came from the schedule, which has too few attempts', async () => {
    const { bus, scan } = aSetup(undefined, { configuration: unreadable('THROTTLED') });

    expect(await scan(SCHEDULE)).toEqual([undefined]);

    expect(bus.types()).toEqual(['Scan Requested']);
  });

  test('does not stop for the file at its last attempt', async () => {
    const setup = aSetup(undefined, { configuration: unreadable('UNAVAILABLE') });

    expect(await setup.attempt(10, [request()])).toEqual([undefined]);

    expect(setup.bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', config: 'UNREADABLE' }]);
  });

  test('is UNREADABLE as a whole where an earlier part was', async () => {
    const groups = manyGroups(60);
    const { attempt, bus, exemptions: totals } = aSetup({ [REGION]: { groups } });
    await attempt(1, [request()], { isTimeUp: () => true, configuration: unreadable('ACCESS_DENIED') });
    const { nextToken, counts } = bus.of('Scan Requested')[0];

    await attempt(1, [request({ nextToken, counts })], { configuration: reads(exempting('*')) });

    expect(bus.of('Scan Completed')).toMatchObject([{ config: 'UNREADABLE', counts: { exempt: 10 } }]);
    // What matched in the first part is not known.
    expect(totals).toEqual([{ expired: 0, endingSoon: 0, unmatched: null }]);
  });
});

describe('exemptions', () => {
  const configuration = reads(exemptions(['/app/open', LATER], ['/app/*', PAST], ['/gone', LATER], ['/none', SOON]));

  test('with a notice are counted, and sent in one event after a complete scan', async () => {
    const { bus, exemptions: totals, scan } = aSetup(undefined, { configuration });

    await scan(SCHEDULE);

    expect(totals).toEqual([{ expired: 1, endingSoon: 1, unmatched: 2 }]);
    expect(bus.of('Exemptions Reported')).toEqual([
      {
        schema: 'logseal/exemptions-reported/1',
        runId: 'scheduled',
        ...HOME,
        exemptions: [
          expect.objectContaining({ id: 'e-2', notices: ['EXPIRED'], stores: 3, expires: PAST, owner: 'team-a' }),
          expect.objectContaining({ id: 'e-3', notices: ['UNMATCHED'], stores: 0 }),
          expect.objectContaining({ id: 'e-4', notices: ['ENDS_SOON', 'UNMATCHED'], stores: 0 }),
        ],
      },
    ]);
  });

  test('without a notice are counted as none, and no event is sent', async () => {
    const { bus, exemptions: totals, scan } = aSetup(undefined, { configuration: reads(exempting('/app/*')) });

    await scan(SCHEDULE);

    expect([totals, bus.of('Exemptions Reported')]).toEqual([[{ expired: 0, endingSoon: 0, unmatched: 0 }], []]);
  });

  test('are unmatched only once every Region was scanned under them', async () => {
    const worlds = { [REGION]: WORLD, [OTHER_REGION]: { groups: { '/gone': null } } };
    const { bus, exemptions: totals, scan } = aSetup(worlds, { configuration });

    await scan(KEY_CHANGED);
    expect(totals).toEqual([{ expired: 1, endingSoon: 1, unmatched: null }]);
    expect(bus.of('Exemptions Reported')[0].exemptions).toMatchObject([
      { id: 'e-2', stores: null },
      { id: 'e-4', stores: null, notices: ['ENDS_SOON'] },
    ]);
    await scan(keyChanged({ region: OTHER_REGION }));

    expect(totals.at(-1)).toEqual({ expired: 1, endingSoon: 1, unmatched: 1 });
    expect(bus.of('Exemptions Reported')[1].exemptions).toMatchObject([
      { id: 'e-2', stores: 3 },
      { id: 'e-4', stores: 0, notices: ['ENDS_SOON', 'UNMATCHED'] },
    ]);
  });

  test('that were added since the last scan of another Region are not known to be unmatched', async () => {
    const worlds = { [REGION]: WORLD, [OTHER_REGION]: { groups: { '/gone': null } } };
    const { attempt, exemptions: totals, scan } = aSetup(worlds, { configuration: reads(exempting('/app/*')) });
    await scan(keyChanged({ region: OTHER_REGION }));

    await attempt(1, [KEY_CHANGED], { configuration });

    expect(totals.at(-1)).toEqual({ expired: 1, endingSoon: 1, unmatched: null });
  });

  test('are matched by what any part of a run saw, whatever an event says of the parts before', async () => {
    const groups = { '/aa': null, ...manyGroups(60) };
    const only = reads(exemptions(['/aa', LATER], ['/zz', LATER]));
    const { attempt, bus, exemptions: totals, scan } = aSetup({ [REGION]: { groups } }, { configuration: only });
    await attempt(1, [request()], { isTimeUp: () => true });
    const { nextToken, counts } = bus.of('Scan Requested')[0];

    await scan(request({ nextToken, counts }));
    expect(totals).toEqual([{ expired: 0, endingSoon: 0, unmatched: 1 }]);

    // A part of a run that nothing was handed over to leaves what is known.
    await scan(request({ runId: 'forged', nextToken, counts }));
    expect(totals.at(-1)).toEqual({ expired: 0, endingSoon: 0, unmatched: 1 });
  });

  test('that ask for tags are not known to be unmatched where tags cannot be read', async () => {
    const tagged = anExemption({ match: { tags: { team: 'data' } } });
    const {
      bus,
      exemptions: totals,
      scan,
    } = aSetup(undefined, {
      configuration: reads(prepare({ exemptions: [tagged], keys: [] })),
    });

    await scan(SCHEDULE);

    expect(totals).toEqual([{ expired: 0, endingSoon: 0, unmatched: null }]);
    expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', config: 'UNREADABLE' }]);
  });

  test('of a long file come in several events', async () => {
    const many = exemptions(...Array.from({ length: 45 }, () => ['/none', PAST] as const));
    const { bus, scan } = aSetup(undefined, { configuration: reads(many) });

    await scan(SCHEDULE);

    expect(bus.of('Exemptions Reported').map(({ exemptions: some }) => some.length)).toEqual([20, 20, 5]);
  });

  test('that the bus does not accept are an error that is logged, and the scan is done', async () => {
    const refusing = aSetup(undefined, { configuration });
    const bus = { send: (events: readonly { detailType: string }[]) => refuse(events) };
    const refuse = async (events: readonly { detailType: string }[]) => {
      if (events.some(({ detailType }) => detailType === 'Exemptions Reported'))
        throw aCloudError('UNAVAILABLE', 'no bus');
    };

    expect(await refusing.attempt(1, [SCHEDULE], { bus })).toEqual([undefined]);

    expect(refusing.errors).toEqual([expect.stringMatching(/exemptions .* again: no bus$/)]);
    expect(refusing.totals).toHaveLength(1);
  });
});

describe('the keys of key rules', () => {
  const unusable = { ...WORLD.keys, [OTHER]: aKey({ arn: OTHER, state: 'Disabled' }) };

  test.each([
    ['an open log group', '/app/open', 1],
    ['a compliant one alone', '/app/healthy', 0],
    ['none', '/other/*', 0],
  ])('count as not usable where a rule names them for %s', async (_, name, keysUnusable) => {
    const configuration = reads(keyRules([{ names: [name] }, OTHER]));
    const { scan, totals } = aSetup({ [REGION]: { ...WORLD, keys: unusable } }, { configuration });

    await scan(SCHEDULE);

    expect(totals).toMatchObject([{ keysUnusable }]);
  });

  test.each([
    ['where a rule names the key of every open log group', [{ names: ['*'] }], 0],
    ['where no rule matches an open log group', [{ names: ['/app/open'] }], 1],
    ['where the rules are for other Regions', [{ names: ['*'], regions: [OTHER_REGION] }], 1],
    ['where it is not known which rule matches, since tags cannot be read', [{ tags: { team: 'data' } }], 0],
    ['without key rules', [], 1],
  ])('leave a configured key that cannot be used: %s', async (_, matches, keysUnusable) => {
    const configuration = reads(keyRules(...matches.map((match) => [match, OTHER] as const)));
    const keys = { ...WORLD.keys, [aKeyArn()]: aKey({ state: 'Disabled' }), [OTHER]: aKey({ arn: OTHER }) };
    const { scan, totals } = aSetup({ [REGION]: { ...WORLD, keys } }, { configuration });

    await scan(SCHEDULE);

    expect(totals).toMatchObject([{ keysUnusable }]);
  });

  test('are not known while the configuration cannot be read', async () => {
    const keys = { ...WORLD.keys, [aKeyArn()]: aKey({ state: 'Disabled' }) };
    const setup = aSetup({ [REGION]: { ...WORLD, keys } }, { configuration: unreadable('ACCESS_DENIED') });

    await setup.scan(SCHEDULE);

    expect(await setup.table.scans.states({ matches: false })).toEqual(
      new Map([[targetKey(HOME), { critical: 0, keyUnusable: null, matches: new Map() }]]),
    );
  });

  test('count in whatever part of a run they were named', async () => {
    const configuration = reads(keyRules([{ names: ['/aa'] }, OTHER]));
    const world = { keys: unusable, groups: { '/aa': null, ...manyGroups(60) } };
    const { attempt, bus, scan, totals } = aSetup({ [REGION]: world }, { configuration });
    await attempt(1, [request()], { isTimeUp: () => true });
    const { nextToken, counts } = bus.of('Scan Requested')[0];

    await scan(request({ nextToken, counts }));

    expect(totals).toMatchObject([{ keysUnusable: 1 }]);
  });

  test.each([
    ['of every Region', {}, 1],
    ['of this Region', { regions: [REGION] }, 1],
    ['of another Region', { regions: [OTHER_REGION] }, 0],
    ['of another account', { accounts: ['444455556666'] }, 0],
  ])(
    'a new policy of such a key, in a rule %s, has its target scanned as one of the configured key',
    async (_, match, scans) => {
      const configuration = reads(keyRules([{ names: ['/app/*'], ...match }, OTHER]));
      const setup = aSetup({ [REGION]: { ...WORLD, keys: unusable } }, { configuration });

      await setup.scan({ ...KEY_CHANGED, eventName: 'PutKeyPolicy', keyArn: OTHER } as typeof KEY_CHANGED);

      expect(setup.bus.of('Key Finding')).toMatchObject([{ keyArn: OTHER, isConfigured: scans === 1 }]);
      expect(setup.scans).toHaveLength(scans);
    },
  );

  test('an event about an alias is kept while nobody knows whose alias it is', async () => {
    const setup = aSetup(undefined, { configuration: unreadable('THROTTLED') });
    const moved = { ...KEY_CHANGED, eventName: 'UpdateAlias', alias: 'alias/payments' } as typeof KEY_CHANGED;

    expect(await setup.attempt(1, [moved])).toMatchObject([{ message: 'no file' }]);
    expect(await setup.attempt(10, [moved])).toEqual([undefined]);

    expect(setup.ignored).toEqual(['alias/payments is not the alias of a configured key']);
  });
});
