import { describe, expect, it } from 'vitest';
import { type RemediateOptions, remediateStores } from '../../../lib/app/change/remediate-stores.ts';
import type { IdentityDecision, IdentityPolicies } from '../../../lib/domain/caller-rights.ts';
import type { Outcome } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { KEY, KEYS, OLD } from '../../support/apply-steps.ts';
import { aDenyingPolicy, aKey, aKeyArn, aLogGroup, aLogsPolicy, NOW } from '../../support/builders.ts';
import { exempting } from '../../support/configuration.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

async function run(names: readonly string[], world: FakeWorld, options: Partial<RemediateOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const book = fakeJournal();
  const reported: Outcome[] = [];
  const outcomes = await remediateStores(
    names.map((name) => aLogGroup(name)),
    fake.cloud,
    {
      mode: 'Enforce',
      rules: rulesAt(NOW, { key: KEY }),
      runId: 'run-1',
      actor: CALLER.arn,
      journal: book.journal,
      clock: () => NOW,
      onOutcome: (outcome) => reported.push(outcome),
      onAgain: () => {},
      ...options,
    },
  );
  const short = outcomes.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
  const times = (call: string) => fake.log.filter((line) => line.startsWith(call)).length;
  return { ...fake, ...book, outcomes, short, reported, times };
}

/** IAM's answer to the needs on the key: DescribeKey, Encrypt, and the other four. */
function identity(...decisions: IdentityDecision[]): IdentityPolicies {
  return { principalArn: CALLER.arn, decisions, because: null };
}

const LACKING = identity('ALLOWED', 'IMPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED');
const GROUPS = { '/a': null, '/b': OLD, '/fine': KEY };
const NAMES = Object.keys(GROUPS);

describe('a right on the key that the caller lacks', () => {
  it.each(['Enforce', 'Audit'] as const)(
    'is reported for each store that would be sealed, and no change is tried: %s',
    async (mode) => {
      const { short, outcomes, reported, entries, log, attached, times } = await run(
        [...NAMES, '/gone'],
        { groups: GROUPS, identity: LACKING },
        { mode },
      );

      expect(short).toEqual([
        '/a REFUSED CALLER_MISSING_RIGHTS',
        '/b REFUSED CALLER_MISSING_RIGHTS',
        '/fine UNCHANGED',
        '/gone REFUSED STORE_GONE',
      ]);
      expect(outcomes[0]).toMatchObject({
        action: 'NONE',
        fromKeyArn: null,
        toKeyArn: KEY,
        refusal: { message: expect.stringContaining('kms:Encrypt'), fix: expect.stringContaining('"kms:Encrypt"') },
      });
      expect(reported).toHaveLength(4);
      expect(entries).toEqual([]);
      expect(log.filter((line) => line.startsWith('logs:AssociateKmsKey'))).toEqual([]);
      expect(Object.fromEntries(attached)).toEqual(GROUPS);
      expect(times('iam:SimulatePrincipalPolicy')).toBe(1);
    },
  );

  it('is found by the key policy alone if IAM cannot be asked', async () => {
    const nobody = JSON.parse(aLogsPolicy()) as { Statement: object[] };
    const policies = { [KEY]: JSON.stringify({ ...nobody, Statement: nobody.Statement.slice(1) }) };
    const unasked: IdentityPolicies = { principalArn: CALLER.arn, decisions: null, because: 'no' };

    const { short } = await run(['/a'], { groups: GROUPS, policies, identity: unasked });

    expect(short).toEqual(['/a REFUSED CALLER_MISSING_RIGHTS']);
  });

  it('is checked once, however many stores there are', async () => {
    const groups = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`/many/${index}`, null]));

    const { short, times } = await run(Object.keys(groups), { groups });

    expect(short.every((line) => line.endsWith('SEALED'))).toBe(true);
    expect(times('iam:SimulatePrincipalPolicy')).toBe(1);
    expect(times('kms:DescribeKey')).toBe(1);
  });
});

describe('rights that are not known', () => {
  it.each<[string, IdentityPolicies]>([
    ['could not be simulated', { principalArn: CALLER.arn, decisions: null, because: 'it takes a right' }],
    ['depend on a condition', identity('ALLOWED', 'UNKNOWN', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED')],
    ['may not be checked', identity('ALLOWED', 'ALLOWED', 'IMPLICIT_DENY', 'EXPLICIT_DENY', 'ALLOWED', 'ALLOWED')],
  ])('stop no change: they %s', async (_, rights) => {
    const { short, attached } = await run(NAMES, { groups: GROUPS, identity: rights });

    expect(short).toEqual(['/a SEALED', '/b SEALED', '/fine UNCHANGED']);
    expect([...attached.values()]).toEqual([KEY, KEY, KEY]);
  });

  it('are no reason to refuse in Audit', async () => {
    const rights = { principalArn: CALLER.arn, decisions: null, because: 'no' };

    const { outcomes, attached } = await run(NAMES, { groups: GROUPS, identity: rights }, { mode: 'Audit' });

    expect(outcomes.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'SEAL UNCHANGED',
      'SEAL UNCHANGED',
      'NONE UNCHANGED',
    ]);
    expect(Object.fromEntries(attached)).toEqual(GROUPS);
  });
});

describe('the rights are not checked', () => {
  it.each<[string, readonly string[], FakeWorld]>([
    ['nothing is to be sealed', ['/fine', '/gone'], { groups: { '/fine': KEY } }],
    ['the key cannot be used', ['/a'], { groups: GROUPS, keys: { [KEY]: aKey({ state: 'Disabled' }) } }],
    ['its policy denies', ['/a'], { groups: GROUPS, policies: { [KEY]: aDenyingPolicy() } }],
    [
      'the key could not be read this time',
      ['/a'],
      { groups: GROUPS, failures: { 'kms:DescribeKey': aCloudError('THROTTLED') } },
    ],
  ])('where %s', async (_, names, world) => {
    const { times, entries } = await run(names, world);

    expect(times('iam:SimulatePrincipalPolicy')).toBe(0);
    expect(times('logs:AssociateKmsKey')).toBe(0);
    expect(entries).toEqual([]);
  });

  it('for no log store', async () => {
    expect(await run([], {})).toMatchObject({ outcomes: [], log: [] });
  });
});

it('an alias is resolved, and the rights of the caller are checked for its key', async () => {
  const keys = { 'alias/logseal': aKey() };

  const { short, log } = await run(['/a'], { groups: GROUPS, keys }, { rules: rulesAt(NOW, { key: 'alias/logseal' }) });

  expect(short).toEqual(['/a SEALED']);
  expect(log.filter((line) => line.startsWith('kms:DescribeKey'))).toEqual(['kms:DescribeKey alias/logseal']);
});

it.each(['Enforce', 'Audit'] as const)('outcomes come in the order of the log stores: %s', async (mode) => {
  const { outcomes, reported } = await run(['/gone', ...NAMES], { groups: GROUPS }, { mode });

  expect(outcomes.map(({ store }) => store.name)).toEqual(['/gone', ...NAMES]);
  expect(reported).toHaveLength(outcomes.length);
});

it('an exempt log store is refused, and the others are sealed', async () => {
  const rules = rulesAt(NOW, { key: KEY, configuration: exempting('/a') });

  const { short, attached } = await run(NAMES, { groups: GROUPS }, { rules });

  expect(short).toEqual(['/a REFUSED EXEMPT', '/b SEALED', '/fine UNCHANGED']);
  expect(attached.get('/a')).toBeNull();
});

it('a read that fails is thrown, and nothing is changed', async () => {
  const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE') };

  await expect(run(['/a'], { groups: { '/a': aKeyArn('x') }, failures })).rejects.toThrow('in the words of AWS');
});
