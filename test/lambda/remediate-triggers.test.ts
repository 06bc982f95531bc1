import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../lib/domain/plan-step.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import type { Target } from '../../lib/domain/target.ts';
import { type RemediateWork, remediateForTriggers } from '../../lib/lambda/remediate-triggers.ts';
import { type RemediateTrigger, remediateTrigger } from '../../lib/lambda/triggers.ts';
import { aFindingEvent } from '../events/builders.ts';
import {
  aKey,
  aKeyArn,
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
  const reported: Outcome[] = [];
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
    onOutcome: (outcome) => reported.push(outcome),
    ...more,
  };
  return {
    clouds,
    bus,
    journal,
    ignored,
    reported,
    keyOf: (name: string) => clouds.at(REGION).attached.get(name),
    outcomes: () => bus.of('Remediation Outcome'),
    remediate: (...triggers: RemediateTrigger[]) => errorsOf(triggers, (own) => remediateForTriggers(own, work)),
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
      ...{ onIgnored: (because) => void ignored.push(because), onOutcome: () => {} },
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
      { ...sealed, store: aLogGroup('/app/b'), fromKeyArn: DISABLED },
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

  test('reads and seals a log group once, however many triggers name it', async () => {
    const setup = aSetup();

    expect(await setup.remediate(...Array.from({ length: 40 }, () => group()))).toHaveLength(40);

    expect(setup.clouds.log().filter((line) => line.includes('logs:'))).toEqual([
      `${REGION} logs:DescribeLogGroups /app/a`,
      `${REGION} logs:AssociateKmsKey /app/a`,
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
      { store: STORE, outcome: 'SEALED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { store: { name: '/app/a' }, outcome: 'SEALED' },
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
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'EXEMPT', fix: expect.any(String) } },
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'STORE_GONE' } },
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
      expect(setup.outcomes()).toMatchObject([
        { store: { name: '/app/a' }, outcome: 'FAILED', error: { code, message: 'not now' } },
        { store: { name: '/app/b' }, outcome: 'SEALED' },
      ]);
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

  test('the bus, and the second time nothing is left to do', async () => {
    const bus = fakeBus((sending) => (sending === 1 ? aCloudError('UNAVAILABLE', 'no bus') : undefined));
    const setup = aSetup(WORLD, { bus: bus.bus });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toMatchObject([
      { message: 'no bus' },
      { message: 'no bus' },
    ]);
    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, undefined]);

    expect(setup.clouds.calls()['logs:AssociateKmsKey']).toBe(2);
    expect(setup.reported.map(({ outcome }) => outcome)).toEqual(['SEALED', 'SEALED', 'UNCHANGED', 'UNCHANGED']);
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

  test('the journal, and nothing is changed', async () => {
    const journal = { append: () => Promise.reject(new Error('full')), ofStore: async () => [] };
    const setup = aSetup(WORLD, { journal });

    expect(await setup.remediate(group('/app/a'))).toMatchObject([{ message: 'full' }]);

    expect(setup.keyOf('/app/a')).toBeNull();
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
