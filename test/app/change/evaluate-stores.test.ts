import { describe, expect, it } from 'vitest';
import { evaluateStores } from '../../../lib/app/change/evaluate-stores.ts';
import { keyCache } from '../../../lib/app/key/key-cache.ts';
import { tagsNow } from '../../../lib/app/store-tags.ts';
import { type Evaluation, resolutionOf, stepOf } from '../../../lib/domain/evaluation.ts';
import type { LogStore } from '../../../lib/domain/log-store.ts';
import { type Rules, rulesAt } from '../../../lib/domain/rules.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { KEY, KEYS, OLD } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aLogGroup, aLogsPolicy, NOW, TARGET } from '../../support/builders.ts';
import { EXEMPTION, exempting } from '../../support/configuration.ts';
import { aCloudError, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const QUERY_RESULTS = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
const EXEMPTING = rulesAt(NOW, { configuration: exempting('*') });
const DENIED = aCloudError('ACCESS_DENIED', 'not you');
const THROTTLED = aCloudError('THROTTLED', 'too fast');
const failure = { code: 'THROTTLED', call: 'a:Call', message: 'too fast', isTransient: true };

/** Reads and evaluates log stores under `alias/logseal`, which is `KEY`. */
async function evaluated(stores: readonly LogStore[], world: FakeWorld, rules: Rules = rulesAt(NOW)) {
  const { cloud, log } = fakeCloud({ keys: { ...KEYS, 'alias/logseal': aKey() }, ...world });
  const readings = await cloud.logStores.read(stores);
  const facts = { keys: keyCache(TARGET, cloud.keys, rules), tags: tagsNow(cloud, rules) };
  const evaluations = await evaluateStores(readings, facts, { ...rules, key: 'alias/logseal' });
  return { evaluations, log };
}

/** The one evaluation, and what follows from it: the line of a plan, and the outcome if the store is left as it is. */
async function evaluatedOne(world: FakeWorld, rules?: Rules, store: LogStore = aLogGroup()) {
  const { evaluations } = await evaluated([store], world, rules);
  const evaluation = evaluations[0] as Evaluation;
  const resolution = resolutionOf(evaluation);
  const outcome = resolution.kind === 'SETTLED' ? resolution.outcome : null;
  return { count: evaluations.length, evaluation, step: stepOf(evaluation), resolution, outcome };
}

describe('a log store is evaluated', () => {
  it('as COMPLIANT under a healthy key, and no plan lists it', async () => {
    const { evaluation, step, outcome } = await evaluatedOne({ groups: { '/app/a': KEY } });

    expect(evaluation).toEqual({
      kind: 'COMPLIANT',
      store: aLogGroup(),
      fromKeyArn: KEY,
      toKeyArn: KEY,
      severity: null,
    });
    expect(step).toBeNull();
    expect(outcome).toMatchObject({ action: 'NONE', outcome: 'UNCHANGED', refusal: null, error: null });
  });

  it.each([null, OLD])('as SEAL under %s, with the step that attaches the key', async (fromKeyArn) => {
    const { evaluation, step, resolution } = await evaluatedOne({ groups: { '/app/a': fromKeyArn } });

    const earlier = { code: 'EARLIER_LOGS_UNREADABLE', message: expect.stringContaining(`${OLD} is disabled`) };
    const warnings = [{ code: 'WRITERS_UNPROVEN' }, ...(fromKeyArn === null ? [] : [earlier])].map((warning) =>
      expect.objectContaining(warning),
    );
    const severity = fromKeyArn === null ? 'MEDIUM' : 'HIGH';
    const seal = { store: aLogGroup(), fromKeyArn, action: 'SEAL', toKeyArn: KEY, refusal: null, severity, warnings };
    expect(evaluation).toEqual({ kind: 'SEAL', store: aLogGroup(), fromKeyArn, toKeyArn: KEY, severity, step: seal });
    expect(step).toEqual(seal);
    expect(resolution).toEqual({ kind: 'CHANGE', step: seal });
  });

  it('as SEAL under another healthy key only if the key is required', async () => {
    const other = aKeyArn('other');
    const world = { groups: { '/app/a': other }, keys: { 'alias/logseal': aKey(), [other]: aKey({ arn: other }) } };

    expect((await evaluatedOne(world)).evaluation.kind).toBe('COMPLIANT');
    const rules = rulesAt(NOW, { key: 'alias/logseal', requiresKey: true });
    expect((await evaluatedOne(world, rules)).evaluation).toMatchObject({ kind: 'SEAL', fromKeyArn: other });
  });

  it('as EXEMPT while an exemption covers it: no plan lists it, and it is refused before a change', async () => {
    const { evaluation, step, outcome } = await evaluatedOne({ groups: { '/app/a': null } }, EXEMPTING);

    expect(evaluation).toEqual({
      kind: 'EXEMPT',
      store: aLogGroup(),
      fromKeyArn: null,
      toKeyArn: KEY,
      severity: 'MEDIUM',
      exemption: EXEMPTION,
    });
    expect(step).toBeNull();
    expect(outcome).toMatchObject({
      action: 'NONE',
      outcome: 'REFUSED',
      refusal: {
        code: 'EXEMPT',
        severity: 'LOW',
        message: '/app/a is exempt by e-1 until 2026-12-31: no secrets',
        fix: 'ask team-a, who answers for the exemption',
      },
    });
  });

  it('as EXEMPT without any rule if it belongs to AWS, whichever key it has, unless AWS lets its account set the key', async () => {
    const groups = { 'aws/x': null, 'aws/dead': OLD, 'aws/spans': null };

    const { evaluations } = await evaluated(
      Object.keys(groups).map((name) => aLogGroup(name)),
      { groups },
    );

    expect(evaluations).toMatchObject([
      { kind: 'EXEMPT', exemption: { id: 'aws-reserved' } },
      { kind: 'EXEMPT', exemption: { id: 'aws-reserved' } },
      { kind: 'SEAL' },
    ]);
  });

  it.each([
    ['an exemption covers it', '/app/a', EXEMPTING],
    ['it belongs to AWS', 'aws/x', rulesAt(NOW)],
  ])('as COMPLIANT under a healthy key, even if %s', async (_, name, rules) => {
    const { evaluation } = await evaluatedOne({ groups: { [name]: KEY } }, rules, aLogGroup(name));

    expect(evaluation.kind).toBe('COMPLIANT');
  });

  it('as EXEMPT even if it could not be read', async () => {
    const world = { failures: { 'logs:StartQuery': THROTTLED } };

    expect((await evaluatedOne(world, EXEMPTING, QUERY_RESULTS)).evaluation.kind).toBe('EXEMPT');
  });

  it('as GONE if it no longer exists', async () => {
    const { count, evaluation, step, outcome } = await evaluatedOne({ groups: {} });

    expect(count).toBe(1);
    expect(evaluation).toEqual({ kind: 'GONE', store: aLogGroup(), fromKeyArn: null, toKeyArn: KEY, severity: null });
    expect(step).toBeNull();
    expect(outcome).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } });
  });
});

describe('a log store is evaluated as REFUSED', () => {
  it.each<[string, string, FakeWorld, LogStore?]>([
    ['it may not be read', 'KEY_UNREADABLE', { failures: { 'logs:StartQuery': DENIED } }, QUERY_RESULTS],
    [
      'its key may not be read',
      'KEY_UNREADABLE',
      { groups: { '/app/a': OLD }, failures: { [`kms:DescribeKey ${OLD}`]: DENIED } },
    ],
    [
      'the configured key cannot be used',
      'KEY_DISABLED',
      { groups: { '/app/a': null }, keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } },
    ],
    [
      'the policy of the configured key does not allow it',
      'KEY_POLICY_MISSING_ACTIONS',
      { groups: { '/app/a': null }, policies: { [KEY]: aLogsPolicy('/other') } },
    ],
    [
      'AWS manages the configured key',
      'KEY_AWS_MANAGED',
      { groups: { '/app/a': null }, keys: { 'alias/logseal': aKey({ manager: 'AWS' }) } },
    ],
    ['the configured key does not exist', 'KEY_NOT_FOUND', { groups: { '/app/a': null }, keys: {} }],
  ])('if %s', async (_, code, world, store = aLogGroup()) => {
    const { evaluation, step, outcome } = await evaluatedOne(world, rulesAt(NOW), store);

    expect(evaluation).toMatchObject({ kind: 'REFUSED', store, refusal: { code } });
    expect(step).toMatchObject({ store, action: 'NONE', refusal: { code } });
    expect(outcome).toMatchObject({ outcome: 'REFUSED', refusal: { code }, error: null });
  });
});

describe('a log store is evaluated as RETRY_LATER', () => {
  it.each<[string, string, FakeWorld, LogStore?]>([
    ['it could not be read this time', 'KEY_UNREADABLE', { failures: { 'logs:StartQuery': THROTTLED } }, QUERY_RESULTS],
    [
      'its key could not be read this time',
      'KEY_UNREADABLE',
      { groups: { '/app/a': OLD }, failures: { [`kms:DescribeKey ${OLD}`]: THROTTLED } },
    ],
    [
      'the configured key could not be read this time',
      'KEY_UNREADABLE',
      { groups: { '/app/a': null }, failures: { 'kms:DescribeKey alias/logseal': THROTTLED } },
    ],
    [
      'the policy of the configured key could not be read this time',
      'KEY_POLICY_UNREADABLE',
      { groups: { '/app/a': null }, failures: { 'kms:GetKeyPolicy': THROTTLED } },
    ],
  ])('if %s: a plan refuses it, and before a change it is FAILED', async (_, code, world, store = aLogGroup()) => {
    const { evaluation, step, outcome } = await evaluatedOne(world, rulesAt(NOW), store);

    expect(evaluation).toMatchObject({ kind: 'RETRY_LATER', refusal: { code }, error: failure });
    expect(step).toMatchObject({ store, action: 'NONE', refusal: { code } });
    expect(outcome).toMatchObject({
      action: 'NONE',
      outcome: 'FAILED',
      refusal: null,
      error: { code: 'THROTTLED', message: 'too fast' },
    });
  });
});

describe('many log stores', () => {
  it('are evaluated in the order in which they were read, and each key is inspected once', async () => {
    const groups = { '/c': KEY, '/a': null, '/b': OLD, '/d': OLD };
    const names = ['/a', '/gone', '/b', '/c', '/gone-too', '/d'];

    const { evaluations, log } = await evaluated(
      names.map((name) => aLogGroup(name)),
      { groups },
    );

    expect(evaluations.map(({ store, kind }) => `${store.name} ${kind}`)).toEqual([
      '/a SEAL',
      '/gone GONE',
      '/b SEAL',
      '/c COMPLIANT',
      '/gone-too GONE',
      '/d SEAL',
    ]);
    const described = log.filter((line) => line.startsWith('kms:DescribeKey'));
    expect(described).toEqual(['kms:DescribeKey alias/logseal', `kms:DescribeKey ${OLD}`]);
  });

  it('are not evaluated if a defect is thrown', async () => {
    const failures = { 'kms:DescribeKey': new TypeError('a defect') };

    await expect(evaluated([aLogGroup()], { groups: { '/app/a': null }, failures })).rejects.toThrow('a defect');
  });
});
