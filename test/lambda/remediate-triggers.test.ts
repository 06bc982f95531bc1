import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CloudOf } from '../../lib/app/ports.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { noConfigFile } from '../../lib/lambda/config-reader.ts';
import { type RemediateWork, remediateForTriggers } from '../../lib/lambda/remediate-triggers.ts';
import type { RemediateTrigger } from '../../lib/lambda/triggers.ts';
import { aKey, aKeyArn, aLogGroup, anOpenPolicy, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld, fakeJournal, manyGroups } from '../support/fake-cloud.ts';
import { aSetup, aTurnWork, DISABLED, EVIL, group, OF_DISABLED, OTHER_REGION, WORLD } from './remediate-setup.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME } from './support.ts';

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
    const config = {
      ...CONFIG,
      regions: [region],
      mode: 'Enforce',
      key: 'alias/logseal',
      journalTable: 't',
      scanTable: 's',
    } as const;
    const work: RemediateWork = {
      ...{ config: { ...config, homeRegion: region, logsPrincipal }, bus: bus.bus, journal: fakeJournal().journal },
      ...{ cloudOf: fakeClouds({ [region]: world }).cloudOf, runId: 'this-run', ...aTurnWork() },
      configuration: noConfigFile,
      isMember: async () => false,
      ...{ onIgnored: (because) => void ignored.push(because), onOutcome: () => {}, onUncounted: () => {} },
      ...{ onRefused: () => {}, onChangedAfterRun: () => {}, isTimeUp: () => false, isOver: () => false },
    };

    await remediateForTriggers([{ trigger: group('/a', { region }), attempt: 1 }], work);

    expect(ignored).toEqual([]);
    expect(bus.of('Remediation Outcome')).toMatchObject([{ outcome, refusal }]);
  });
});

test('targets are worked on side by side, and one that fails does not stop the others', async () => {
  const waiting: (() => void)[] = [];
  const { work, reported, clouds } = aSetup();
  const cloudOf: CloudOf = (target) => ({
    ...clouds.cloudOf(target),
    async owner() {
      if (target.account === '') return clouds.cloudOf(target).owner();
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting) go();
      });
      if (target.region === REGION) throw aCloudError('UNAVAILABLE');
      return clouds.cloudOf(target).owner();
    },
  });
  const triggers = [group('/app/a'), group('/there', { region: OTHER_REGION })];

  const errors = await errorsOf(triggers, (own) => remediateForTriggers(own, { ...work, cloudOf }));

  expect(errors).toEqual([expect.objectContaining({ code: 'UNAVAILABLE' }), undefined]);
  expect(reported.map(({ store }) => store.name)).toEqual(['/there']);
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
      { ...sealed, store: aLogGroup('/app/a'), severity: 'MEDIUM', fromKeyArn: null },
      {
        ...sealed,
        store: aLogGroup('/app/b'),
        severity: 'HIGH',
        fromKeyArn: DISABLED,
        warnings: [...warnings, OF_DISABLED],
      },
      {
        ...sealed,
        store: aLogGroup('/app/healthy'),
        severity: null,
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
