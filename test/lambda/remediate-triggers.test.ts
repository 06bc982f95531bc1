import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoreJournal } from '../../lib/app/ports.ts';
import type { Outcome } from '../../lib/domain/plan-step.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import type { Target } from '../../lib/domain/target.ts';
import { JournalError, StillRunningError } from '../../lib/errors.ts';
import { type RemediateWork, remediateForTriggers } from '../../lib/lambda/remediate-triggers.ts';
import { type RemediateTrigger, remediateTrigger } from '../../lib/lambda/triggers.ts';
import { aFindingEvent } from '../events/builders.ts';
import {
  aKey,
  aKeyArn,
  aKeyEntry,
  aLogGroup,
  aLogsPolicy,
  anOpenPolicy,
  NOW,
  OTHER_ACCOUNT,
  REGION,
} from '../support/builders.ts';
import { aCloudError, aDenial, type FakeWorld, fakeJournal, manyGroups } from '../support/fake-cloud.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME, ONLY_IDENTITY } from './support.ts';

const OTHER_REGION = 'eu-central-1';
const DISABLED = aKeyArn('disabled');
const EVIL = aKeyArn('evil');
/** The warning about the logs that stay under that key. */
const OF_DISABLED = expect.objectContaining({ code: 'EARLIER_LOGS_UNREADABLE', severity: 'HIGH' });
const WORLD: FakeWorld = {
  groups: { '/app/a': null, '/app/b': DISABLED, '/app/healthy': EVIL },
  keys: {
    'alias/logseal': aKey(),
    [EVIL]: aKey({ arn: EVIL }),
    [DISABLED]: aKey({ arn: DISABLED, state: 'Disabled' }),
  },
};
const group = (name = '/app/a', target: Partial<Target> = {}): RemediateTrigger => ({
  kind: 'LOG_GROUP',
  target: { ...HOME, ...target },
  name,
  changedBy: null,
});

const minutesLater = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

function aSetup(
  world: FakeWorld = WORLD,
  more: Partial<RemediateWork> = {},
  mode: 'Audit' | 'Enforce' = 'Enforce',
  queryResults = false,
) {
  const worlds = { [REGION]: world, [OTHER_REGION]: { ...WORLD, groups: { '/there': null } } };
  const clouds = fakeClouds(worlds);
  const bus = fakeBus();
  const journal = fakeJournal();
  const ignored: string[] = [];
  const reported: (Outcome & { runId: string })[] = [];
  const uncounted: (Outcome & { runId: string })[] = [];
  const changedAfterRun: Outcome[] = [];
  const work: RemediateWork = {
    config: {
      ...CONFIG,
      regions: Object.keys(worlds),
      queryResults,
      mode,
      key: 'alias/logseal',
      journalTable: 'logseal-Journal',
    },
    cloudOf: clouds.cloudOf,
    bus: bus.bus,
    journal: journal.journal,
    runId: 'this-run',
    clock: () => NOW,
    onIgnored: (because) => ignored.push(because),
    isTimeUp: () => false,
    onOutcome: (outcome, runId) => reported.push({ ...outcome, runId }),
    onUncounted: (outcome, runId) => uncounted.push({ ...outcome, runId }),
    onChangedAfterRun: (outcome) => changedAfterRun.push(outcome),
    ...more,
  };
  return {
    clouds,
    bus,
    journal,
    ignored,
    reported,
    uncounted,
    changedAfterRun,
    keyOf: (name: string) => clouds.at(REGION).attached.get(name),
    /** By the names of the log stores, since they are sent in the order in which they become known. */
    outcomes: () => bus.of('Remediation Outcome').toSorted((a, b) => (a.store.name < b.store.name ? -1 : 1)),
    remediate: (...triggers: RemediateTrigger[]) => errorsOf(triggers, (own) => remediateForTriggers(own, work)),
    first: (triggers: RemediateTrigger[], now: Partial<RemediateWork>) =>
      errorsOf(triggers, (own) => remediateForTriggers(own, { ...work, ...now })),
    /** Another invocation, for events that an earlier one returned to the queue; half an hour later. */
    again: (triggers: RemediateTrigger[], now: Partial<RemediateWork> = {}, sentAt = NOW) => {
      const next = { ...work, runId: 'next-run', clock: () => minutesLater(30), ...now };
      return errorsOf(triggers, (own) => remediateForTriggers(own, next), 2, sentAt.getTime());
    },
  };
}

describe('in a partition without a documented service principal', () => {
  const region = 'eusc-de-east-1';
  const arn = `arn:aws-eusc:kms:${region}:111122223333:key/logseal`;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.eu`, AWS: 'arn:aws-eusc:iam::111122223333:root' },
    Action: 'kms:*',
  };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, Resource: '*' } });
  const world: FakeWorld = {
    groups: { '/a': null },
    keys: { 'alias/logseal': aKey({ arn }) },
    policies: { [arn]: policy },
  };

  test.each([
    ['the one of the configuration decides', `logs.${region}.amazonaws.eu`, 'SEALED', null],
    ['nothing is sealed where none is configured', null, 'REFUSED', { code: 'KEY_POLICY_UNCERTAIN' }],
  ])('%s', async (_, logsPrincipal, outcome, refusal) => {
    const ignored: string[] = [];
    const bus = fakeBus();
    const config = { ...CONFIG, regions: [region], mode: 'Enforce', key: 'alias/logseal', journalTable: 't' } as const;
    const work: RemediateWork = {
      ...{ config: { ...config, homeRegion: region, logsPrincipal }, bus: bus.bus, journal: fakeJournal().journal },
      ...{ cloudOf: fakeClouds({ [region]: world }).cloudOf, runId: 'this-run', clock: () => NOW },
      ...{ onIgnored: (because) => void ignored.push(because), onOutcome: () => {}, onUncounted: () => {} },
      ...{ onChangedAfterRun: () => {}, isTimeUp: () => false },
    };

    await remediateForTriggers([{ trigger: group('/a', { region }), attempt: 1 }], work);

    expect(ignored).toEqual([]);
    expect(bus.of('Remediation Outcome')).toMatchObject([{ outcome, refusal }]);
  });
});

describe('Enforce', () => {
  test('seals the log groups that need it, and sends one outcome for each with the old and the new key', async () => {
    const setup = aSetup();

    expect(await setup.remediate(group('/app/a'), group('/app/b'), group('/app/healthy'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);

    const about = {
      schema: 'logseal/remediation-outcome/1',
      runId: 'this-run',
      mode: 'Enforce',
      refusal: null,
      error: null,
    };
    const warnings = [expect.objectContaining({ code: 'WRITERS_UNPROVEN' })];
    const sealed = { ...about, action: 'SEAL', toKeyArn: aKeyArn(), outcome: 'SEALED', warnings };
    expect(setup.outcomes()).toEqual([
      { ...sealed, store: aLogGroup('/app/a'), fromKeyArn: null },
      { ...sealed, store: aLogGroup('/app/b'), fromKeyArn: DISABLED, warnings: [...warnings, OF_DISABLED] },
      {
        ...sealed,
        store: aLogGroup('/app/healthy'),
        action: 'NONE',
        fromKeyArn: EVIL,
        outcome: 'UNCHANGED',
        warnings: [],
      },
    ]);
    expect(setup.reported.map(({ outcome }) => outcome).toSorted()).toEqual(['SEALED', 'SEALED', 'UNCHANGED']);
    expect([setup.keyOf('/app/a'), setup.keyOf('/app/b'), setup.keyOf('/app/healthy')]).toEqual([
      aKeyArn(),
      aKeyArn(),
      EVIL,
    ]);
    expect(setup.journal.phases().sort()).toEqual(['/app/a DONE', '/app/a INTENT', '/app/b DONE', '/app/b INTENT']);
    expect(setup.journal.entries.every(({ runId }) => runId === 'this-run')).toBe(true);
  });

  test('makes one change for each of a thousand log groups, and few other calls', async () => {
    const setup = aSetup({ ...WORLD, groups: manyGroups(1000) });
    const triggers = Object.keys(manyGroups(1000)).map((name) => group(name));

    expect((await setup.remediate(...triggers)).filter(Boolean)).toEqual([]);

    expect(setup.clouds.calls()).toMatchObject({
      'sts:GetCallerIdentity': 1,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
      'logs:AssociateKmsKey': 1000,
    });
    expect(setup.outcomes()).toHaveLength(1000);
  });

  test('reads and seals a log group once, and reads it once after that, however many triggers name it', async () => {
    const setup = aSetup();

    expect(await setup.remediate(...Array.from({ length: 40 }, () => group()))).toHaveLength(40);

    expect(setup.clouds.log().filter((line) => line.includes('logs:'))).toEqual([
      `${REGION} logs:DescribeLogGroups /app/a`,
      `${REGION} logs:AssociateKmsKey /app/a`,
      `${REGION} logs:DescribeLogGroups /app/a`,
    ]);
    expect(setup.outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
  });

  test('changes nothing the second time', async () => {
    const setup = aSetup();

    await setup.remediate(group());
    await setup.remediate(group());

    expect(setup.outcomes()).toMatchObject([
      { outcome: 'SEALED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { outcome: 'UNCHANGED', action: 'NONE', fromKeyArn: aKeyArn(), toKeyArn: aKeyArn() },
    ]);
    expect(setup.clouds.calls()['logs:AssociateKmsKey']).toBe(1);
  });

  test('leaves the same keys in the end, whatever the order and number of triggers', async () => {
    const names = ['/app/a', '/app/b', '/app/healthy', '/app/gone'];
    const batch = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 });

    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), async (batches) => {
        const setup = aSetup();
        for (const batchOfNames of batches) await setup.remediate(...batchOfNames.map((name) => group(name)));

        const seen = new Set(batches.flat());
        expect(setup.keyOf('/app/a')).toBe(seen.has('/app/a') ? aKeyArn() : null);
        expect(setup.keyOf('/app/b')).toBe(seen.has('/app/b') ? aKeyArn() : DISABLED);
        expect(setup.keyOf('/app/healthy')).toBe(EVIL);
        const changes = setup.clouds.log().filter((line) => line.includes('AssociateKmsKey'));
        expect(changes.length).toBe(new Set(changes).size);
        expect(setup.outcomes()).toHaveLength(batches.reduce((sum, each) => sum + new Set(each).size, 0));
      }),
      { numRuns: 50 },
    );
  });

  test('continues with the next Region when one fails', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE') } });

    const results = await setup.remediate(group('/app/a'), group('/there', { region: OTHER_REGION }));

    expect(results).toEqual([expect.any(Error), undefined]);
    expect(setup.clouds.log()).toContain(`${OTHER_REGION} logs:DescribeLogGroups /there`);
    expect(setup.outcomes()).toMatchObject([{ store: { name: '/there', region: OTHER_REGION } }]);
  });
});

describe('query results', () => {
  const QUERY_RESULTS: RemediateTrigger = { kind: 'QUERY_RESULTS', target: HOME, changedBy: null };
  const STORE = logStoreOf('query-results', 'aws', HOME, QUERY_RESULTS_NAME);
  const OPEN = { [aKeyArn()]: anOpenPolicy() };

  test('are sealed like a log group, once for any number of triggers', async () => {
    const setup = aSetup({ ...WORLD, policies: OPEN }, {}, 'Enforce', true);

    expect(await setup.remediate(QUERY_RESULTS, group(), QUERY_RESULTS)).toEqual([undefined, undefined, undefined]);

    expect(setup.outcomes()).toMatchObject([
      { store: { name: '/app/a' }, outcome: 'SEALED' },
      { store: STORE, outcome: 'SEALED', fromKeyArn: null, toKeyArn: aKeyArn() },
    ]);
    expect(setup.keyOf(STORE.name)).toBe(aKeyArn());
    expect(setup.clouds.calls()).toMatchObject({ 'logs:StartQuery': 1, 'logs:AssociateKmsKey': 2 });
  });

  test('are retried after a transient error, and the log groups in the same batch are sealed', async () => {
    const failures = { 'logs:StartQuery': aCloudError('THROTTLED', 'not now') };
    const setup = aSetup({ ...WORLD, failures }, {}, 'Enforce', true);

    expect(await setup.remediate(QUERY_RESULTS, group())).toEqual([
      expect.objectContaining({ message: `${STORE.name}: THROTTLED: not now` }),
      undefined,
    ]);
    expect(setup.keyOf('/app/a')).toBe(aKeyArn());
  });

  test('are refused when reading them is denied', async () => {
    const failures = { 'logs:StartQuery': aCloudError('ACCESS_DENIED', 'no') };
    const setup = aSetup({ ...WORLD, failures }, {}, 'Enforce', true);

    expect(await setup.remediate(QUERY_RESULTS)).toEqual([undefined]);
    expect(setup.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'KEY_UNREADABLE' } }]);
  });

  test('are ignored without a query when the configuration excludes them', async () => {
    const setup = aSetup();

    expect(await setup.remediate(QUERY_RESULTS, group())).toEqual([undefined, undefined]);

    expect(setup.ignored).toEqual(['query results are not included: QueryResults is false']);
    expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/a' } }]);
    expect(setup.clouds.calls()).not.toHaveProperty('logs:StartQuery');
  });
});

describe('Audit', () => {
  test('reports what would be done, and changes nothing', async () => {
    const setup = aSetup(WORLD, {}, 'Audit');

    expect(await setup.remediate(group('/app/a'), group('/app/b'), group('/app/healthy'))).toHaveLength(3);

    expect(setup.outcomes()).toMatchObject([
      { mode: 'Audit', action: 'SEAL', outcome: 'UNCHANGED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { mode: 'Audit', action: 'SEAL', outcome: 'UNCHANGED', fromKeyArn: DISABLED, toKeyArn: aKeyArn() },
      { mode: 'Audit', action: 'NONE', outcome: 'UNCHANGED', fromKeyArn: EVIL },
    ]);
    expect(setup.clouds.calls()).not.toHaveProperty('logs:AssociateKmsKey');
    expect(setup.journal.entries).toEqual([]);
  });

  test('reports why a log group would be refused', async () => {
    const setup = aSetup({ ...WORLD, groups: { 'aws/reserved': null } }, {}, 'Audit');

    await setup.remediate(group('aws/reserved'), group('/gone'));

    expect(setup.outcomes()).toMatchObject([
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'STORE_GONE' } },
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'EXEMPT', fix: expect.any(String) } },
    ]);
  });
});

describe('a refusal is an outcome, and its event is not delivered again', () => {
  const logsOf = (pattern: string) => ({ [aKeyArn()]: aLogsPolicy(pattern) });
  test.each<[string, FakeWorld]>([
    ['STORE_GONE', { groups: {} }],
    ['KEY_NOT_FOUND', { keys: {} }],
    ['KEY_DISABLED', { keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } }],
    ['KEY_NOT_SYMMETRIC', { keys: { 'alias/logseal': aKey({ spec: 'RSA_2048' }) } }],
    ['KEY_AWS_MANAGED', { keys: { 'alias/logseal': aKey({ manager: 'AWS' }) } }],
    ['KEY_UNREADABLE', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }],
    ['KEY_POLICY_MISSING_ACTIONS', { policies: logsOf('/other/*') }],
    ['KEY_POLICY_UNREADABLE', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }],
    ['ACCESS_DENIED', { failures: { 'logs:AssociateKmsKey': aCloudError('ACCESS_DENIED') } }],
    ['ACCESS_DENIED', { failures: { 'logs:AssociateKmsKey': aCloudError('INVALID_REQUEST') } }],
    [
      'CALLER_MISSING_RIGHTS',
      {
        failures: {
          'logs:AssociateKmsKey': aDenial({ action: 'kms:Encrypt', resource: aKeyArn(), isExplicitDeny: false }),
        },
      },
    ],
  ])('%s of %j', async (code, world) => {
    const setup = aSetup({ ...WORLD, groups: { '/app/a': null }, ...world });

    expect(await setup.remediate(group())).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([
      { outcome: 'REFUSED', refusal: { code, message: expect.any(String), fix: expect.any(String) }, error: null },
    ]);
    expect(setup.keyOf('/app/a') ?? null).toBeNull();
  });
});

describe('an event is delivered again after a transient failure of', () => {
  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)(
    'one change (%s), while the others succeed',
    async (code) => {
      const setup = aSetup({ ...WORLD, failures: { 'logs:AssociateKmsKey /app/a': aCloudError(code, 'not now') } });

      const results = await setup.remediate(group('/app/a'), group('/app/b'), group('/app/a'));

      expect(results).toEqual([
        expect.objectContaining({ message: `/app/a: ${code}: not now` }),
        undefined,
        expect.any(Error),
      ]);
      // Whether the change of /app/a was made is not known, so nothing is said of it.
      expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/b' }, outcome: 'SEALED' }]);
    },
  );

  test.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])(
    '%s of the configured key, and nothing is refused',
    async (call) => {
      const setup = aSetup({ ...WORLD, failures: { [call]: aCloudError('THROTTLED', 'not now') } });

      expect(await setup.remediate(group('/app/a'), group('/gone'))).toEqual([expect.any(Error), undefined]);

      expect(setup.outcomes()).toMatchObject([
        { outcome: 'FAILED', refusal: null, error: { code: 'THROTTLED', message: 'not now' } },
        { outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } },
      ]);
      expect(setup.keyOf('/app/a')).toBeNull();
    },
  );

  test('DescribeKey of the attached key of one log group, while the others are sealed', async () => {
    const setup = aSetup({ ...WORLD, failures: { [`kms:DescribeKey ${DISABLED}`]: aCloudError('UNAVAILABLE') } });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, expect.any(Error)]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'SEALED' }, { outcome: 'FAILED', fromKeyArn: DISABLED }]);
  });

  test('the read of all log groups, and nothing is changed', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([expect.any(Error), expect.any(Error)]);

    expect(setup.outcomes()).toEqual([]);
    expect(setup.clouds.calls()).not.toHaveProperty('logs:AssociateKmsKey');
  });

  test('GetCallerIdentity, unless the event is ignored anyway', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'sts:GetCallerIdentity': aCloudError('NETWORK') } });

    const results = await setup.remediate(
      group('/app/a'),
      { kind: 'IGNORED', because: 'it failed' },
      group('/app/a', { region: 'us-east-1' }),
    );

    expect(results).toEqual([expect.any(Error), undefined, undefined]);
    expect(setup.ignored).toEqual(['it failed', expect.stringContaining('us-east-1')]);
  });
});

describe('ignored without a change', () => {
  test('an event of another Region, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate(group('/app/a', { region: 'us-east-1' }))).toEqual([undefined]);

    expect([setup.clouds.log(), setup.bus.sent]).toEqual([[], []]);
    expect(setup.ignored).toEqual([expect.stringContaining('us-east-1 is not one of the Regions')]);
  });

  test('an event of another account, after GetCallerIdentity', async () => {
    const setup = aSetup();

    expect(await setup.remediate(group('/app/a', { account: OTHER_ACCOUNT }))).toEqual([undefined]);

    expect([setup.clouds.calls(), setup.bus.sent]).toEqual([ONLY_IDENTITY, []]);
    expect(setup.ignored).toEqual([expect.stringContaining(`it is about account ${OTHER_ACCOUNT}`)]);
  });

  test('an API call that failed, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate({ kind: 'IGNORED', because: 'it failed' })).toEqual([undefined]);

    expect([setup.clouds.log(), setup.bus.sent, setup.ignored]).toEqual([[], [], ['it failed']]);
  });

  test('an empty batch, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate()).toEqual([]);
    expect(setup.clouds.log()).toEqual([]);
  });
});

describe('a forged finding', () => {
  const forged = {
    keyArn: EVIL,
    toKeyArn: EVIL,
    key: EVIL,
    mode: 'Enforce',
    action: 'SEAL',
    status: 'NON_COMPLIANT',
    arn: aLogGroup('/app/victim').arn,
    fromKeyArn: EVIL,
    policy: aLogsPolicy(),
  };

  test('with another key gets the configured key attached', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(setup.keyOf('/app/a')).toBe(aKeyArn());
    expect(setup.outcomes()).toMatchObject([{ toKeyArn: aKeyArn(), store: aLogGroup('/app/a') }]);
  });

  test('that reports a compliant log group changes nothing', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/healthy', forged)));

    expect(setup.keyOf('/app/healthy')).toBe(EVIL);
    expect(setup.outcomes()).toMatchObject([{ outcome: 'UNCHANGED', action: 'NONE' }]);
  });

  test('that calls a log group without a key compliant does not stop it from being sealed', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', { ...forged, status: 'COMPLIANT', reasons: [] })));

    expect(setup.keyOf('/app/a')).toBe(aKeyArn());
  });

  test('about a log group that does not exist is refused with STORE_GONE', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app', forged)));

    expect(setup.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } }]);
    expect(setup.keyOf('/app/a')).toBeNull();
  });

  test('with another mode changes nothing in Audit', async () => {
    const setup = aSetup(WORLD, {}, 'Audit');

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(setup.keyOf('/app/a')).toBeNull();
  });
});

describe('an event alone is delivered again', () => {
  const names = Object.keys(manyGroups(20));
  const many: FakeWorld = { ...WORLD, groups: manyGroups(20) };
  const triggers = names.map((name) => group(name));
  const onlyOf = (errors: (Error | undefined)[]) =>
    errors.flatMap((error, index) => (error ? [`${names[index]} ${error.message}`] : []));

  test('whose outcome the bus does not accept; then its seal is reported again, and not counted again', async () => {
    const { bus, sent } = fakeBus(undefined, ({ detail }) =>
      detail.store.name === '/many/7' ? aCloudError('UNAVAILABLE', 'no bus') : undefined,
    );
    const setup = aSetup(many, { bus });

    const errors = await setup.remediate(...triggers);
    expect(onlyOf(errors)).toEqual(['/many/7 /many/7: its outcome could not be sent: no bus']);
    expect(sent).toHaveLength(19);
    const again = fakeBus();
    expect(await setup.again([group('/many/7')], { bus: again.bus })).toEqual([undefined]);

    expect(again.of('Remediation Outcome')).toMatchObject([
      { runId: 'this-run', store: { name: '/many/7' }, action: 'SEAL', outcome: 'SEALED', fromKeyArn: null },
    ]);
    expect(setup.reported).toHaveLength(20);
    expect(setup.uncounted).toMatchObject([{ runId: 'this-run', store: { name: '/many/7' }, outcome: 'SEALED' }]);
    expect(setup.clouds.calls()['logs:AssociateKmsKey']).toBe(20);
  });

  test('of all whose outcomes a bus that cannot be reached does not accept', async () => {
    const { bus } = fakeBus(() => aCloudError('NETWORK', 'no bus'));
    const setup = aSetup(WORLD, { bus });

    expect(await setup.remediate(group('/app/a'), group('/app/healthy'))).toMatchObject([
      { message: '/app/a: its outcome could not be sent: no bus' },
      { message: '/app/healthy: its outcome could not be sent: no bus' },
    ]);
    expect(setup.reported.map(({ outcome }) => outcome).toSorted()).toEqual(['SEALED', 'UNCHANGED']);
  });

  /** A journal that does not take the entries of a phase, of one log group. */
  const failingAt = (phase: string, failing = '/many/7') => {
    const book = fakeJournal();
    const broken: StoreJournal = {
      ...book.journal,
      async append(entry) {
        const cause = aCloudError('UNAVAILABLE');
        if (entry.phase === phase && entry.store?.name === failing) throw new JournalError('no journal', { cause });
        await book.journal.append(entry);
      },
    };
    return { ...book, broken };
  };

  test('whose INTENT cannot be written: it is FAILED and not changed, and the others are sealed', async () => {
    const { broken } = failingAt('INTENT');
    const setup = aSetup(many, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 /many/7: UNAVAILABLE: no journal']);

    expect(setup.keyOf('/many/7')).toBeNull();
    expect(Map.groupBy(setup.outcomes(), ({ outcome }) => outcome).get('SEALED')).toHaveLength(19);
    expect(setup.outcomes().find(({ store }) => store.name === '/many/7')).toMatchObject({
      ...{ outcome: 'FAILED', error: { code: 'UNAVAILABLE', message: 'no journal' } },
    });
  });

  test('whose DONE cannot be written: it is reported as SEALED, and counted when the entry is written', async () => {
    const { broken, journal, entries } = failingAt('DONE');
    const setup = aSetup(many, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 no journal']);
    expect(setup.outcomes().map(({ outcome }) => outcome)).toEqual(names.map(() => 'SEALED'));
    expect(setup.reported).toHaveLength(19);
    expect(await setup.again([group('/many/7')], { journal })).toEqual([undefined]);

    expect(setup.reported).toHaveLength(20);
    expect(setup.reported.at(-1)).toMatchObject({ runId: 'this-run', store: { name: '/many/7' }, outcome: 'SEALED' });
    const own = entries.filter(({ store }) => store?.name === '/many/7');
    expect(own.map(({ runId, phase }) => `${runId} ${phase}`)).toEqual(['this-run INTENT', 'this-run DONE']);
  });

  test('whose FAILED cannot be written: what became of its change is left to the next attempt', async () => {
    const { broken, journal } = failingAt('FAILED');
    const failures = { 'logs:AssociateKmsKey /many/7': aCloudError('ACCESS_DENIED') };
    const setup = aSetup({ ...many, failures }, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 no journal']);
    expect(setup.outcomes()).toHaveLength(19);
    expect(await setup.again([group('/many/7')], { journal })).toEqual([undefined]);

    expect(setup.outcomes().find(({ store }) => store.name === '/many/7')).toMatchObject({
      ...{ runId: 'next-run', outcome: 'REFUSED' },
    });
  });

  test('that was not reached in time: it has no outcome', async () => {
    let calls = 0;
    const setup = aSetup({ ...many, onCall: () => void calls++ }, { isTimeUp: () => calls >= 10 });

    const errors = await setup.remediate(...triggers);

    const sealed = setup.outcomes().map(({ store }) => store.name);
    expect(sealed.length).toBeGreaterThan(0);
    expect(sealed.length).toBeLessThan(20);
    expect(names.filter((name) => setup.keyOf(name) !== null).toSorted()).toEqual(sealed);
    expect(onlyOf(errors).toSorted()).toEqual(
      names
        .filter((name) => !sealed.includes(name))
        .map((name) => `${name} not reached: the invocation has too little time left`)
        .toSorted(),
    );
  });

  test('when the time is up before anything was read', async () => {
    const setup = aSetup(many, { isTimeUp: () => true }, 'Audit');

    expect((await setup.remediate(...triggers)).every(Boolean)).toBe(true);
    expect(setup.outcomes()).toEqual([]);
    expect(setup.clouds.calls()).toEqual(ONLY_IDENTITY);
  });
});

describe('what somebody else does to a log group that was just sealed', () => {
  test('is reported once the run is at its end, without a second outcome', async () => {
    const onCall: FakeWorld['onCall'] = (line, attached) =>
      line === 'logs:AssociateKmsKey /app/b' && attached.set('/app/a', EVIL);
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, undefined]);

    expect(setup.changedAfterRun).toMatchObject([
      { store: { name: '/app/a' }, afterRun: { status: 'CHANGED', keyArn: EVIL } },
    ]);
    expect(setup.outcomes().map(({ outcome }) => outcome)).toEqual(['SEALED', 'SEALED']);
  });

  test('is not reported where it cannot be read, and no event is delivered again', async () => {
    const calls: string[] = [];
    const onCall: FakeWorld['onCall'] = (line) => {
      if (line.startsWith('logs:DescribeLogGroups') && calls.includes('logs:AssociateKmsKey /app/a'))
        throw aCloudError('UNAVAILABLE');
      calls.push(line);
    };
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group('/app/a'))).toEqual([undefined]);
    expect(setup.changedAfterRun).toEqual([]);
  });
});

describe('a later attempt at a log group that has the configured key', () => {
  test('is UNCHANGED where somebody else attached it, and the journal is asked once', async () => {
    const asked: string[] = [];
    const journal: StoreJournal = {
      append: () => Promise.reject(new Error('nothing is written')),
      ofStore: async ({ name }) => {
        asked.push(name);
        return [aKeyEntry({ phase: 'DONE', actor: 'arn:of:jane', store: aLogGroup('/app/a'), to: aKeyArn() })];
      },
    };
    const setup = aSetup({ ...WORLD, groups: { '/app/a': aKeyArn() } }, { journal });

    expect(await setup.again([group('/app/a')])).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'UNCHANGED', runId: 'next-run' }]);
    expect(asked).toEqual(['/app/a']);
  });

  test('that was the first one asks no journal', async () => {
    const ofStore = () => Promise.reject(new Error('nobody asks'));
    const setup = aSetup(WORLD, { journal: { ...fakeJournal().journal, ofStore } });

    expect(await setup.remediate(group('/app/healthy'))).toEqual([undefined]);
  });

  test('reports the seal of the earlier run and the refusal of this one, where the key was disabled meanwhile', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    setup.clouds.at(REGION).keys.set('alias/logseal', aKey({ state: 'Disabled' }));

    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes().map(({ runId, outcome }) => `${runId} ${outcome}`)).toEqual([
      'this-run SEALED',
      'this-run SEALED',
      'next-run REFUSED',
    ]);
    expect(setup.reported.map(({ outcome }) => outcome)).toEqual(['SEALED', 'REFUSED']);
  });

  test('repeats what the earlier run said of the logs that stay under the key before', async () => {
    const setup = aSetup();
    await setup.remediate(group('/app/b'));

    expect(await setup.again([group('/app/b')])).toEqual([undefined]);

    const [first, second] = setup.outcomes();
    expect(first.warnings).toContainEqual(OF_DISABLED);
    expect(second).toEqual(first);
  });

  test('reports the seal of the earlier run where the alias names another key now', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    setup.clouds.at(REGION).keys.set(aKeyArn(), aKey());
    setup.clouds.at(REGION).keys.set('alias/logseal', aKey({ arn: EVIL }));

    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes().map(({ runId, outcome }) => `${runId} ${outcome}`)).toEqual([
      'this-run SEALED',
      'this-run SEALED',
    ]);
  });

  test('fails while the journal cannot be read', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    const cause = aCloudError('THROTTLED');
    const ofStore = () => Promise.reject(new JournalError('no journal', { cause }));

    const journal = { ...setup.journal.journal, ofStore };
    expect(await setup.again([group()], { journal })).toMatchObject([{ message: '/app/a: THROTTLED: no journal' }]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'SEALED' }, { outcome: 'FAILED', runId: 'next-run' }]);
  });

  test('reports a change whose answer was lost, of which the first attempt said nothing', async () => {
    let isBroken = true;
    const onCall: FakeWorld['onCall'] = (line, attached) => {
      if (!isBroken || !line.startsWith('logs:')) return;
      if (attached.get('/app/a') === aKeyArn()) throw aCloudError('NETWORK', 'reset');
      if (line !== 'logs:AssociateKmsKey /app/a') return;
      attached.set('/app/a', aKeyArn());
      throw aCloudError('NETWORK', 'reset');
    };
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group())).toMatchObject([{ message: '/app/a: NETWORK: reset' }]);
    expect([setup.outcomes(), setup.reported, setup.uncounted]).toEqual([[], [], []]);
    isBroken = false;
    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ runId: 'this-run', outcome: 'SEALED', fromKeyArn: null }]);
    expect(setup.reported).toMatchObject([{ runId: 'this-run', outcome: 'SEALED' }]);
    expect(setup.journal.phases()).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  test('reports what is there now, where somebody else attached a key before the change was sent once more', async () => {
    let now = NOW;
    const setup = aSetup();
    const { cloud, attached } = setup.clouds.at(REGION);
    const cloudOf: RemediateWork['cloudOf'] = (target) => ({
      ...setup.clouds.cloudOf(target),
      logStores: {
        ...cloud.logStores,
        async seal(store, keyArn, mayConfigure, beforeRequest) {
          await cloud.logStores.seal(store, keyArn, mayConfigure, beforeRequest);
          attached.set(store.name, EVIL);
          now = new Date(NOW.getTime() + 60_000);
          await beforeRequest?.();
        },
      },
    });

    expect(await setup.first([group()], { cloudOf, clock: () => now })).toMatchObject([
      { message: '/app/a: it is not known what its change did' },
    ]);
    expect([setup.outcomes(), setup.journal.phases()]).toEqual([[], ['/app/a INTENT']]);
    expect(await setup.again([group()], { clock: () => now })).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ runId: 'next-run', outcome: 'UNCHANGED', fromKeyArn: EVIL }]);
  });

  test('is the work of this run where it seals what an earlier run left open: it is reported and counted once, for this run', async () => {
    const names = Object.keys(manyGroups(50));
    const triggers = names.map((name) => group(name));
    let isStorm = true;
    let nowMs = minutesLater(30).getTime();
    const onCall: FakeWorld['onCall'] = (line) => {
      if (!line.startsWith('logs:AssociateKmsKey')) return;
      if (isStorm) throw aCloudError('THROTTLED');
      // The log groups under way are read again every two seconds.
      nowMs += 900;
    };
    const book = fakeJournal();
    const journal: StoreJournal = {
      ...book.journal,
      async append(entry) {
        if (entry.phase === 'DONE' && entry.store?.name.endsWith('3')) await sleep(5);
        await book.journal.append(entry);
      },
    };
    const setup = aSetup({ ...WORLD, groups: manyGroups(50), onCall }, { journal });

    expect((await setup.remediate(...triggers)).filter(Boolean)).toHaveLength(50);
    expect(book.phases()).toEqual(names.map((name) => `${name} INTENT`));
    isStorm = false;
    expect((await setup.again(triggers, { clock: () => new Date(nowMs) })).filter(Boolean)).toEqual([]);

    const sealed = setup.reported.filter(({ outcome }) => outcome === 'SEALED');
    expect(sealed.map(({ runId, store }) => `${runId} ${store.name}`).toSorted()).toEqual(
      names.map((name) => `next-run ${name}`).toSorted(),
    );
    expect(setup.uncounted).toEqual([]);
    const done = book.entries.filter(({ phase }) => phase === 'DONE');
    expect(done.map(({ runId }) => runId)).toEqual(names.map(() => 'next-run'));
  });

  test('waits while the run that left an INTENT may still be under way', async () => {
    const setup = aSetup({ ...WORLD, groups: { '/app/a': aKeyArn() } });
    setup.journal.entries.push(aKeyEntry({ phase: 'INTENT', name: '/app/a', time: NOW.toISOString() }));

    const [error] = await setup.again([group()], { clock: () => minutesLater(5) });
    expect(error).toBeInstanceOf(StillRunningError);
    expect([setup.outcomes(), setup.reported, setup.uncounted, setup.journal.entries.length]).toEqual([[], [], [], 1]);
    expect(await setup.again([group()], { clock: () => minutesLater(6) })).toEqual([undefined]);

    expect(setup.reported).toMatchObject([{ outcome: 'SEALED', runId: aKeyEntry().runId }]);
    expect(setup.journal.phases()).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  test.each([
    [0, 'SEALED'],
    // By a clock that is half a minute slow.
    [0.5, 'SEALED'],
    [0.6, 'UNCHANGED'],
    [30 * 24 * 60, 'UNCHANGED'],
  ])('that logseal sealed %f minutes before the event was sent is %s', async (minutes, outcome) => {
    const setup = aSetup();
    await setup.remediate(group());
    const before = setup.outcomes().length;

    expect(await setup.again([group()], { clock: () => minutesLater(minutes + 1) }, minutesLater(minutes))).toEqual([
      undefined,
    ]);

    const runId = outcome === 'SEALED' ? 'this-run' : 'next-run';
    expect(setup.outcomes().slice(before)).toMatchObject([{ outcome, runId }]);
  });

  test('after an end at any moment: each seal is on the bus for its run, and is counted at most once', async () => {
    const names = Object.keys(manyGroups(6));
    const triggers = names.map((name) => group(name));
    const anEnd = fc.record({ at: fc.integer({ min: 1, max: 40 }), isAfterEffect: fc.boolean() });

    await fc.assert(
      fc.asyncProperty(anEnd, async ({ at, isAfterEffect }) => {
        const setup = aSetup({ ...WORLD, groups: manyGroups(6) });
        const killed = Promise.withResolvers<void>();
        let steps = 0;
        const lost: string[] = [];
        /** From one step on, nothing is answered any more, as when Lambda stops the function. */
        const untilTheEnd = async <T>(name: string, step: () => T | Promise<T>): Promise<T> => {
          const number = ++steps;
          if (number < at || (number === at && isAfterEffect)) {
            const answer = await step();
            if (steps < at) return answer;
            lost.push(name);
          }
          killed.resolve();
          return new Promise(() => {});
        };
        const { journal } = setup.journal;
        const mortal: Partial<RemediateWork> = {
          bus: { send: (events) => untilTheEnd('events', () => setup.bus.bus.send(events)) },
          journal: {
            append: (entry) => untilTheEnd(`${entry.phase} ${entry.store?.name}`, () => journal.append(entry)),
            ofStore: (store) => untilTheEnd('query', () => journal.ofStore(store)),
          },
          cloudOf: (target) => {
            const cloud = setup.clouds.cloudOf(target);
            const seal: typeof cloud.logStores.seal = (...args) =>
              untilTheEnd(`seal ${args[0].name}`, () => cloud.logStores.seal(...args));
            return { ...cloud, logStores: { ...cloud.logStores, seal } };
          },
        };

        await Promise.race([setup.first(triggers, mortal), killed.promise]);
        expect((await setup.again(triggers)).filter(Boolean)).toEqual([]);

        const sealed = setup.outcomes().filter(({ outcome }) => outcome === 'SEALED');
        const runs = Map.groupBy(sealed, ({ store }) => store.name);
        for (const name of names) {
          expect(setup.keyOf(name)).toBe(aKeyArn());
          const [entry] = setup.journal.entries.filter(({ phase, store }) => phase === 'DONE' && store?.name === name);
          expect(new Set(runs.get(name)?.map(({ runId }) => runId))).toEqual(new Set([entry?.runId]));
          const counted = setup.reported.filter(({ store, outcome }) => store.name === name && outcome === 'SEALED');
          expect(counted).toHaveLength(lost.includes(`DONE ${name}`) ? 0 : 1);
        }
      }),
      { numRuns: 80 },
    );
  });
});
