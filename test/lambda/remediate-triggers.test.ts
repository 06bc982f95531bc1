import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { queryResultsOf } from '../../lib/domain/log-store.ts';
import type { Outcome } from '../../lib/domain/plan-step.ts';
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
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME, ONE_QUESTION } from './support.ts';

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
});

function aDesk(
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
  const told: Outcome[] = [];
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
    onOutcome: (outcome) => told.push(outcome),
    ...more,
  };
  return {
    clouds,
    bus,
    journal,
    ignored,
    told,
    keyOf: (name: string) => clouds.at(REGION).attached.get(name),
    outcomes: () => bus.of('Remediation Outcome'),
    remediate: (...triggers: RemediateTrigger[]) => errorsOf(triggers, (own) => remediateForTriggers(own, work)),
  };
}

describe('Enforce', () => {
  test('what needs it is sealed, and each log group has one outcome that says from which key to which', async () => {
    const desk = aDesk();

    expect(await desk.remediate(group('/app/a'), group('/app/b'), group('/app/healthy'))).toEqual([
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
    const sealed = { ...about, action: 'SEAL', toKeyArn: aKeyArn(), outcome: 'SEALED' };
    expect(desk.outcomes()).toEqual([
      { ...sealed, store: aLogGroup('/app/a'), fromKeyArn: null },
      { ...sealed, store: aLogGroup('/app/b'), fromKeyArn: DISABLED },
      { ...sealed, store: aLogGroup('/app/healthy'), action: 'NONE', fromKeyArn: EVIL, outcome: 'UNCHANGED' },
    ]);
    expect(desk.told.map(({ outcome }) => outcome)).toEqual(['SEALED', 'SEALED', 'UNCHANGED']);
    expect([desk.keyOf('/app/a'), desk.keyOf('/app/b'), desk.keyOf('/app/healthy')]).toEqual([
      aKeyArn(),
      aKeyArn(),
      EVIL,
    ]);
    expect(desk.journal.phases().sort()).toEqual(['/app/a DONE', '/app/a INTENT', '/app/b DONE', '/app/b INTENT']);
    expect(desk.journal.entries.every(({ runId }) => runId === 'this-run')).toBe(true);
  });

  test('a thousand log groups cost twenty reads, and one change each', async () => {
    const desk = aDesk({ ...WORLD, groups: manyGroups(1000) });
    const triggers = Object.keys(manyGroups(1000)).map((name) => group(name));

    expect((await desk.remediate(...triggers)).filter(Boolean)).toEqual([]);

    expect(desk.clouds.calls()).toMatchObject({
      'sts:GetCallerIdentity': 1,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
      'logs:AssociateKmsKey': 1000,
    });
    expect(desk.outcomes()).toHaveLength(1000);
  });

  test('the same log group many times is one look, one change and one outcome', async () => {
    const desk = aDesk();

    expect(await desk.remediate(...Array.from({ length: 40 }, () => group()))).toHaveLength(40);

    expect(desk.clouds.log().filter((line) => line.includes('logs:'))).toEqual([
      `${REGION} logs:DescribeLogGroups /app/a`,
      `${REGION} logs:AssociateKmsKey /app/a`,
    ]);
    expect(desk.outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
  });

  test('again is nothing left to do', async () => {
    const desk = aDesk();

    await desk.remediate(group());
    await desk.remediate(group());

    expect(desk.outcomes()).toMatchObject([
      { outcome: 'SEALED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { outcome: 'UNCHANGED', action: 'NONE', fromKeyArn: aKeyArn(), toKeyArn: aKeyArn() },
    ]);
    expect(desk.clouds.calls()['logs:AssociateKmsKey']).toBe(1);
  });

  test('whatever the order and however often: the same log groups end under the same keys', async () => {
    const names = ['/app/a', '/app/b', '/app/healthy', '/app/gone'];
    const batch = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 });

    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), async (batches) => {
        const desk = aDesk();
        for (const batchOfNames of batches) await desk.remediate(...batchOfNames.map((name) => group(name)));

        const seen = new Set(batches.flat());
        expect(desk.keyOf('/app/a')).toBe(seen.has('/app/a') ? aKeyArn() : null);
        expect(desk.keyOf('/app/b')).toBe(seen.has('/app/b') ? aKeyArn() : DISABLED);
        expect(desk.keyOf('/app/healthy')).toBe(EVIL);
        const changes = desk.clouds.log().filter((line) => line.includes('AssociateKmsKey'));
        expect(changes.length).toBe(new Set(changes).size);
        expect(desk.outcomes()).toHaveLength(batches.reduce((sum, each) => sum + new Set(each).size, 0));
      }),
      { numRuns: 50 },
    );
  });

  test('each Region is done by itself', async () => {
    const desk = aDesk({ ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE') } });

    const results = await desk.remediate(group('/app/a'), group('/there', { region: OTHER_REGION }));

    expect(results).toEqual([expect.any(Error), undefined]);
    expect(desk.clouds.log()).toContain(`${OTHER_REGION} logs:DescribeLogGroups /there`);
    expect(desk.outcomes()).toMatchObject([{ store: { name: '/there', region: OTHER_REGION } }]);
  });
});

describe('query results', () => {
  const QUERY_RESULTS: RemediateTrigger = { kind: 'QUERY_RESULTS', target: HOME };
  const STORE = queryResultsOf('aws', HOME);
  const OPEN = { [aKeyArn()]: anOpenPolicy() };

  test('are sealed like a log group, once however often they are named', async () => {
    const desk = aDesk({ ...WORLD, policies: OPEN }, {}, 'Enforce', true);

    expect(await desk.remediate(QUERY_RESULTS, group(), QUERY_RESULTS)).toEqual([undefined, undefined, undefined]);

    expect(desk.outcomes()).toMatchObject([
      { store: STORE, outcome: 'SEALED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { store: { name: '/app/a' }, outcome: 'SEALED' },
    ]);
    expect(desk.keyOf(STORE.name)).toBe(aKeyArn());
    expect(desk.clouds.calls()).toMatchObject({ 'logs:StartQuery': 1, 'logs:AssociateKmsKey': 2 });
  });

  test('that cannot be read in passing come back, and the log groups beside them are sealed', async () => {
    const failures = { 'logs:StartQuery': aCloudError('THROTTLED', 'not now') };
    const desk = aDesk({ ...WORLD, failures }, {}, 'Enforce', true);

    expect(await desk.remediate(QUERY_RESULTS, group())).toEqual([
      expect.objectContaining({ message: `${STORE.name}: THROTTLED: not now` }),
      undefined,
    ]);
    expect(desk.keyOf('/app/a')).toBe(aKeyArn());
  });

  test('that cannot be read for good are refused', async () => {
    const failures = { 'logs:StartQuery': aCloudError('ACCESS_DENIED', 'no') };
    const desk = aDesk({ ...WORLD, failures }, {}, 'Enforce', true);

    expect(await desk.remediate(QUERY_RESULTS)).toEqual([undefined]);
    expect(desk.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'KEY_UNREADABLE' } }]);
  });

  test('that are not to be looked after are ignored, and cost no query', async () => {
    const desk = aDesk();

    expect(await desk.remediate(QUERY_RESULTS, group())).toEqual([undefined, undefined]);

    expect(desk.ignored).toEqual(['query results are not included: QueryResults is false']);
    expect(desk.outcomes()).toMatchObject([{ store: { name: '/app/a' } }]);
    expect(desk.clouds.calls()).not.toHaveProperty('logs:StartQuery');
  });
});

describe('Audit', () => {
  test('says what would be done, and changes nothing', async () => {
    const desk = aDesk(WORLD, {}, 'Audit');

    expect(await desk.remediate(group('/app/a'), group('/app/b'), group('/app/healthy'))).toHaveLength(3);

    expect(desk.outcomes()).toMatchObject([
      { mode: 'Audit', action: 'SEAL', outcome: 'UNCHANGED', fromKeyArn: null, toKeyArn: aKeyArn() },
      { mode: 'Audit', action: 'SEAL', outcome: 'UNCHANGED', fromKeyArn: DISABLED, toKeyArn: aKeyArn() },
      { mode: 'Audit', action: 'NONE', outcome: 'UNCHANGED', fromKeyArn: EVIL },
    ]);
    expect(desk.clouds.calls()).not.toHaveProperty('logs:AssociateKmsKey');
    expect(desk.journal.entries).toEqual([]);
  });

  test('says why something could not be done', async () => {
    const desk = aDesk({ ...WORLD, groups: { 'aws/reserved': null } }, {}, 'Audit');

    await desk.remediate(group('aws/reserved'), group('/gone'));

    expect(desk.outcomes()).toMatchObject([
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'STORE_RESERVED', fix: expect.any(String) } },
      { outcome: 'REFUSED', action: 'NONE', refusal: { code: 'STORE_GONE' } },
    ]);
  });
});

describe('refused for good: an outcome, and the event does not come back', () => {
  const logsOf = (pattern: string) => ({ [aKeyArn()]: aLogsPolicy(pattern) });
  test.each<[string, FakeWorld]>([
    ['STORE_GONE', { groups: {} }],
    ['KEY_NOT_FOUND', { keys: {} }],
    ['KEY_DISABLED', { keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } }],
    ['KEY_NOT_SYMMETRIC', { keys: { 'alias/logseal': aKey({ spec: 'RSA_2048' }) } }],
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
    const desk = aDesk({ ...WORLD, groups: { '/app/a': null }, ...world });

    expect(await desk.remediate(group())).toEqual([undefined]);

    expect(desk.outcomes()).toMatchObject([
      { outcome: 'REFUSED', refusal: { code, message: expect.any(String), fix: expect.any(String) }, error: null },
    ]);
    expect(desk.keyOf('/app/a') ?? null).toBeNull();
  });
});

describe('failed in passing: the event comes back', () => {
  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)('%s of one change alone', async (code) => {
    const desk = aDesk({ ...WORLD, failures: { 'logs:AssociateKmsKey /app/a': aCloudError(code, 'not now') } });

    const results = await desk.remediate(group('/app/a'), group('/app/b'), group('/app/a'));

    expect(results).toEqual([
      expect.objectContaining({ message: `/app/a: ${code}: not now` }),
      undefined,
      expect.any(Error),
    ]);
    expect(desk.outcomes()).toMatchObject([
      { store: { name: '/app/a' }, outcome: 'FAILED', error: { code, message: 'not now' } },
      { store: { name: '/app/b' }, outcome: 'SEALED' },
    ]);
  });

  test.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])(
    'a %s of the configured key: nothing is refused for good',
    async (call) => {
      const desk = aDesk({ ...WORLD, failures: { [call]: aCloudError('THROTTLED', 'not now') } });

      expect(await desk.remediate(group('/app/a'), group('/gone'))).toEqual([expect.any(Error), undefined]);

      expect(desk.outcomes()).toMatchObject([
        { outcome: 'FAILED', refusal: null, error: { code: 'THROTTLED', message: 'not now' } },
        { outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } },
      ]);
      expect(desk.keyOf('/app/a')).toBeNull();
    },
  );

  test('a look at the key of one log group: the others are sealed', async () => {
    const desk = aDesk({ ...WORLD, failures: { [`kms:DescribeKey ${DISABLED}`]: aCloudError('UNAVAILABLE') } });

    expect(await desk.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, expect.any(Error)]);

    expect(desk.outcomes()).toMatchObject([{ outcome: 'SEALED' }, { outcome: 'FAILED', fromKeyArn: DISABLED }]);
  });

  test('the read of them all: each comes back, and nothing was changed', async () => {
    const desk = aDesk({ ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } });

    expect(await desk.remediate(group('/app/a'), group('/app/b'))).toEqual([expect.any(Error), expect.any(Error)]);

    expect(desk.outcomes()).toEqual([]);
    expect(desk.clouds.calls()).not.toHaveProperty('logs:AssociateKmsKey');
  });

  test('the bus: they come back, and then there is nothing left to do', async () => {
    const bus = fakeBus((sending) => (sending === 1 ? aCloudError('UNAVAILABLE', 'no bus') : undefined));
    const desk = aDesk(WORLD, { bus: bus.bus });

    expect(await desk.remediate(group('/app/a'), group('/app/b'))).toMatchObject([
      { message: 'no bus' },
      { message: 'no bus' },
    ]);
    expect(await desk.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, undefined]);

    expect(desk.clouds.calls()['logs:AssociateKmsKey']).toBe(2);
    expect(desk.told.map(({ outcome }) => outcome)).toEqual(['SEALED', 'SEALED', 'UNCHANGED', 'UNCHANGED']);
  });

  test('who we are: what needs to know comes back, and what is ignored does not', async () => {
    const desk = aDesk({ ...WORLD, failures: { 'sts:GetCallerIdentity': aCloudError('NETWORK') } });

    const results = await desk.remediate(
      group('/app/a'),
      { kind: 'IGNORED', because: 'it failed' },
      group('/app/a', { region: 'us-east-1' }),
    );

    expect(results).toEqual([expect.any(Error), undefined, undefined]);
    expect(desk.ignored).toEqual(['it failed', expect.stringContaining('us-east-1')]);
  });

  test('a journal that cannot be written: nothing is changed', async () => {
    const journal = { append: () => Promise.reject(new Error('full')) };
    const desk = aDesk(WORLD, { journal });

    expect(await desk.remediate(group('/app/a'))).toMatchObject([{ message: 'full' }]);

    expect(desk.keyOf('/app/a')).toBeNull();
  });
});

describe('not our business', () => {
  test('another Region: no call', async () => {
    const desk = aDesk();

    expect(await desk.remediate(group('/app/a', { region: 'us-east-1' }))).toEqual([undefined]);

    expect([desk.clouds.log(), desk.bus.sent]).toEqual([[], []]);
    expect(desk.ignored).toEqual([expect.stringContaining('us-east-1 is not one of the Regions')]);
  });

  test('another account: nothing but the question who we are', async () => {
    const desk = aDesk();

    expect(await desk.remediate(group('/app/a', { account: OTHER_ACCOUNT }))).toEqual([undefined]);

    expect([desk.clouds.calls(), desk.bus.sent]).toEqual([ONE_QUESTION, []]);
    expect(desk.ignored).toEqual([expect.stringContaining(`it is about account ${OTHER_ACCOUNT}`)]);
  });

  test('a call that failed: no call', async () => {
    const desk = aDesk();

    expect(await desk.remediate({ kind: 'IGNORED', because: 'it failed' })).toEqual([undefined]);

    expect([desk.clouds.log(), desk.bus.sent, desk.ignored]).toEqual([[], [], ['it failed']]);
  });

  test('nothing at all: no call', async () => {
    const desk = aDesk();

    expect(await desk.remediate()).toEqual([]);
    expect(desk.clouds.log()).toEqual([]);
  });
});

describe('a forged finding is a look at most', () => {
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

  test('that names another key: the configured one is attached', async () => {
    const desk = aDesk();

    await desk.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(desk.keyOf('/app/a')).toBe(aKeyArn());
    expect(desk.outcomes()).toMatchObject([{ toKeyArn: aKeyArn(), store: aLogGroup('/app/a') }]);
  });

  test('that calls a healthy log group open: it stays as it is', async () => {
    const desk = aDesk();

    await desk.remediate(remediateTrigger(aFindingEvent('/app/healthy', forged)));

    expect(desk.keyOf('/app/healthy')).toBe(EVIL);
    expect(desk.outcomes()).toMatchObject([{ outcome: 'UNCHANGED', action: 'NONE' }]);
  });

  test('that calls an open log group compliant: it is sealed all the same', async () => {
    const desk = aDesk();

    await desk.remediate(remediateTrigger(aFindingEvent('/app/a', { ...forged, status: 'COMPLIANT', reasons: [] })));

    expect(desk.keyOf('/app/a')).toBe(aKeyArn());
  });

  test('that names a log group which does not exist: STORE_GONE', async () => {
    const desk = aDesk();

    await desk.remediate(remediateTrigger(aFindingEvent('/app', forged)));

    expect(desk.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } }]);
    expect(desk.keyOf('/app/a')).toBeNull();
  });

  test('in Audit: nothing is changed, whatever mode it claims', async () => {
    const desk = aDesk(WORLD, {}, 'Audit');

    await desk.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(desk.keyOf('/app/a')).toBeNull();
  });
});
