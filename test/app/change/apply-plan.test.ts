import { describe, expect, it } from 'vitest';
import { applySteps, KEY, KEYS, OLD, stepsFor } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aLogsPolicy, aReason, aStep, OTHER_ACCOUNT } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, manyGroups } from '../../support/fake-cloud.ts';

describe('a planned step', () => {
  it('is carried out', async () => {
    const { short, reported, outcomes, attached, phases } = await applySteps([aStep({ fromKeyArn: OLD })], {
      groups: { '/app/a': OLD },
    });

    expect(short).toEqual(['/app/a SEALED']);
    expect(reported).toEqual(outcomes);
    expect(attached.get('/app/a')).toBe(KEY);
    expect(phases).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  it('whose store is gone is refused', async () => {
    const { short, phases } = await applySteps([aStep()], { groups: {} });

    expect(short).toEqual(['/app/a REFUSED STORE_GONE']);
    expect(phases).toEqual([]);
  });

  it.each([
    ['had none', null, aKeyArn('theirs')],
    ['had another', OLD, aKeyArn('theirs')],
    ['has none now', OLD, null],
  ])('whose store has another key since is refused: it %s', async (_, fromKeyArn, keyArn) => {
    const { short, outcomes, attached, phases } = await applySteps([aStep({ fromKeyArn })], {
      groups: { '/app/a': keyArn },
    });

    expect(short).toEqual(['/app/a REFUSED STORE_CHANGED']);
    expect(outcomes[0]?.refusal?.message).toContain(keyArn ?? 'no key');
    expect(attached.get('/app/a')).toBe(keyArn);
    expect(phases).toEqual([]);
  });

  it('that is done already is left alone', async () => {
    const { short, phases } = await applySteps([aStep()], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(phases).toEqual([]);
  });

  it('whose own key works again is left alone', async () => {
    const keys = { ...KEYS, [OLD]: aKey({ arn: OLD }) };

    const { short, attached } = await applySteps([aStep({ fromKeyArn: OLD })], { groups: { '/app/a': OLD }, keys });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(attached.get('/app/a')).toBe(OLD);
  });

  it('whose own key works again is carried out where the planned one is required', async () => {
    const keys = { ...KEYS, [OLD]: aKey({ arn: OLD }) };

    const { short } = await applySteps(
      [aStep({ fromKeyArn: OLD })],
      { groups: { '/app/a': OLD }, keys },
      { requiresKey: true },
    );

    expect(short).toEqual(['/app/a SEALED']);
  });

  it('whose own key cannot be read any more is not changed', async () => {
    const failures = { [`kms:DescribeKey ${OLD}`]: aCloudError('ACCESS_DENIED') };

    const { short, phases } = await applySteps([aStep({ fromKeyArn: OLD })], { groups: { '/app/a': OLD }, failures });

    expect(short).toEqual(['/app/a REFUSED KEY_UNREADABLE']);
    expect(phases).toEqual([]);
  });

  it('that was refused stays refused, and costs no call', async () => {
    const { short, log } = await applySteps([aStep({ action: 'NONE', refusal: aReason('KEY_DISABLED') })], {
      groups: { '/app/a': null },
    });

    expect(short).toEqual(['/app/a REFUSED KEY_DISABLED']);
    expect(log).toEqual([]);
  });

  it('of nothing does nothing', async () => {
    const { short, log } = await applySteps([], {});

    expect({ short, log }).toEqual({ short: [], log: [] });
  });
});

describe('the planned key is looked at anew', () => {
  it.each([
    ['died', { keys: { [KEY]: aKey({ state: 'PendingDeletion' }) } }, 'KEY_PENDING_DELETION'],
    ['is gone', { keys: {} }, 'KEY_NOT_FOUND'],
    ['is not symmetric', { keys: { [KEY]: aKey({ spec: 'RSA_2048' }) } }, 'KEY_NOT_SYMMETRIC'],
    ['may not be read', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }, 'KEY_UNREADABLE'],
    ['lets nobody in', { policies: { [KEY]: aLogsPolicy('/other') } }, 'KEY_POLICY_MISSING_ACTIONS'],
    [
      'has a policy that may not be read',
      { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } },
      'KEY_POLICY_UNREADABLE',
    ],
  ] satisfies [string, FakeWorld, string][])('and nothing is sealed when it %s', async (_, world, code) => {
    const { short, phases } = await applySteps([aStep()], { groups: { '/app/a': null }, ...world });

    expect(short).toEqual([`/app/a REFUSED ${code}`]);
    expect(phases).toEqual([]);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'] as const)(
    'and another try is worth it when %s failed in passing',
    async (call) => {
      const failures = { [call]: aCloudError('THROTTLED') };
      const { short, phases } = await applySteps([aStep()], { groups: { '/app/a': null }, failures });

      expect(short).toEqual(['/app/a FAILED THROTTLED']);
      expect(phases).toEqual([]);
    },
  );

  it('and refused where a hand wrote one of another Region or account into the plan', async () => {
    const foreign = aKeyArn('x', { account: OTHER_ACCOUNT });
    const steps = [
      aStep({ name: '/a', toKeyArn: aKeyArn('x', { region: 'us-east-1' }) }),
      aStep({ name: '/b', toKeyArn: foreign }),
    ];

    const { short } = await applySteps(steps, {
      groups: { '/a': null, '/b': null },
      keys: { [foreign]: aKey({ arn: foreign, account: OTHER_ACCOUNT }) },
    });

    expect(short).toEqual(['/a REFUSED KEY_WRONG_REGION', '/b REFUSED KEY_POLICY_UNREADABLE']);
  });

  it('once, however many steps there are', async () => {
    const groups = manyGroups(120);

    const { log, short } = await applySteps(stepsFor(groups), { groups });

    expect(short.every((line) => line.endsWith('SEALED'))).toBe(true);
    const reads = log.filter((line) => !line.startsWith('logs:AssociateKmsKey'));
    expect(reads.map((line) => line.split(' ')[0])).toEqual([
      'logs:DescribeLogGroups',
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'logs:DescribeLogGroups',
      'logs:DescribeLogGroups',
    ]);
    expect(log).toHaveLength(5 + 120);
  });
});

describe('one store that fails', () => {
  it.each([aCloudError('ACCESS_DENIED'), aCloudError('THROTTLED'), aCloudError('NOT_FOUND'), aCloudError('NETWORK')])(
    'never stops the others: %s',
    async (error) => {
      const groups = manyGroups(120);
      const failures = { 'logs:AssociateKmsKey /many/7': error };

      const { outcomes, attached, phases } = await applySteps(stepsFor(groups), { groups, failures });

      expect(outcomes.map(({ store }) => store.name)).toEqual(Object.keys(groups));
      expect(outcomes.filter(({ outcome }) => outcome !== 'SEALED').map(({ store }) => store.name)).toEqual([
        '/many/7',
      ]);
      expect([...attached].filter(([, keyArn]) => keyArn !== KEY)).toEqual([['/many/7', null]]);
      // Where the answer was lost nobody knows, so the intent has no mark.
      expect(phases).toHaveLength(error.code === 'NETWORK' ? 239 : 240);
    },
  );

  it('in reading fails those that are read with it, and no others', async () => {
    const groups = manyGroups(120);
    const names = Object.keys(groups);
    const failures = { [`logs:DescribeLogGroups ${names.slice(50, 100).join(' ')}`]: aCloudError('UNAVAILABLE') };

    const { outcomes } = await applySteps(stepsFor(groups), { groups, failures });

    const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
    expect(failed.map(({ store }) => store.name)).toEqual(names.slice(50, 100));
    expect(failed[0]?.error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(outcomes.filter(({ outcome }) => outcome === 'SEALED')).toHaveLength(70);
  });

  it('in reading leaves what was refused as it was', async () => {
    const steps = [aStep({ name: '/a' }), aStep({ name: '/b', action: 'NONE', refusal: aReason('KEY_UNREADABLE') })];
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE') };

    const { short } = await applySteps(steps, { groups: {}, failures });

    expect(short).toEqual(['/a FAILED UNAVAILABLE', '/b REFUSED KEY_UNREADABLE']);
  });

  it('for a defect of the program is not swallowed', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(applySteps([aStep()], { groups: {}, failures })).rejects.toThrow('a defect');
  });
});
