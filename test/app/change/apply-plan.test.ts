import { describe, expect, it } from 'vitest';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import type { CloudErrorCode } from '../../../lib/errors.ts';
import { STORES_READ_TO_CHANGE } from '../../../lib/pacing.ts';
import { applied, KEY, KEYS, OLD, stepsFor } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aLogsPolicy, aReason, aStep, NOW, OTHER_ACCOUNT, TARGET } from '../../support/builders.ts';
import { exempting } from '../../support/configuration.ts';
import { aCloudError, type FakeWorld, manyGroups } from '../../support/fake-cloud.ts';

describe('a planned step', () => {
  it('is carried out', async () => {
    const { short, reported, outcomes, attached, phases } = await applied([aStep({ fromKeyArn: OLD })], {
      groups: { '/app/a': OLD },
    });

    expect(short).toEqual(['/app/a SEALED']);
    expect(reported).toEqual(outcomes);
    expect(attached.get('/app/a')).toBe(KEY);
    expect(phases).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  it('is refused if its log store is gone', async () => {
    const { short, phases } = await applied([aStep()], { groups: {} });

    expect(short).toEqual(['/app/a REFUSED STORE_GONE']);
    expect(phases).toEqual([]);
  });

  it.each([
    ['had none', null, aKeyArn('theirs')],
    ['had another', OLD, aKeyArn('theirs')],
    ['has none now', OLD, null],
  ])('is refused if its log store got another key since: it %s', async (_, fromKeyArn, keyArn) => {
    const { short, outcomes, attached, phases } = await applied([aStep({ fromKeyArn })], {
      groups: { '/app/a': keyArn },
    });

    expect(short).toEqual(['/app/a REFUSED STORE_CHANGED']);
    expect(outcomes[0]?.refusal?.message).toContain(keyArn ?? 'no key');
    expect(attached.get('/app/a')).toBe(keyArn);
    expect(phases).toEqual([]);
  });

  it('is left alone if it is done already', async () => {
    const { short, phases } = await applied([aStep()], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(phases).toEqual([]);
  });

  it('is left alone if the attached key works again', async () => {
    const keys = { ...KEYS, [OLD]: aKey({ arn: OLD }) };

    const { short, attached } = await applied([aStep({ fromKeyArn: OLD })], { groups: { '/app/a': OLD }, keys });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(attached.get('/app/a')).toBe(OLD);
  });

  it('is carried out although the attached key works again, if the planned one is required', async () => {
    const keys = { ...KEYS, [OLD]: aKey({ arn: OLD }) };

    const { short } = await applied(
      [aStep({ fromKeyArn: OLD })],
      { groups: { '/app/a': OLD }, keys },
      { rules: rulesAt(NOW, { key: KEY, requiresKey: true }) },
    );

    expect(short).toEqual(['/app/a SEALED']);
  });

  it('is refused if the attached key cannot be read any more', async () => {
    const failures = { [`kms:DescribeKey ${OLD}`]: aCloudError('ACCESS_DENIED') };

    const { short, phases } = await applied([aStep({ fromKeyArn: OLD })], { groups: { '/app/a': OLD }, failures });

    expect(short).toEqual(['/app/a REFUSED KEY_UNREADABLE']);
    expect(phases).toEqual([]);
  });

  it.each<[string, string, CloudErrorCode]>([
    ['REFUSED', 'KEY_UNREADABLE', 'ACCESS_DENIED'],
    ['FAILED', 'THROTTLED', 'THROTTLED'],
  ])('is %s %s with its planned keys if its log store alone could not be read: %s', async (outcome, why, code) => {
    const store = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
    const failures = { 'logs:StartQuery': aCloudError(code) };

    const { short, outcomes, phases } = await applied([aStep({ store, fromKeyArn: OLD })], { failures });

    expect(short).toEqual([`query-result:* ${outcome} ${why}`]);
    expect(outcomes[0]).toMatchObject({ action: 'NONE', fromKeyArn: OLD, toKeyArn: KEY });
    expect(phases).toEqual([]);
  });

  it('is refused if its log store is exempt', async () => {
    const rules = rulesAt(NOW, { key: KEY, configuration: exempting('/app/a') });

    const { short, attached, phases } = await applied(
      [aStep(), aStep({ name: '/app/b' })],
      { groups: { '/app/a': null, '/app/b': null } },
      { rules },
    );

    expect(short).toEqual(['/app/a REFUSED EXEMPT', '/app/b SEALED']);
    expect(attached.get('/app/a')).toBeNull();
    expect(phases).toEqual(['/app/b INTENT', '/app/b DONE']);
  });

  it('stays refused if it was refused, and costs no call', async () => {
    const { short, log } = await applied([aStep({ action: 'NONE', refusal: aReason('KEY_DISABLED') })], {
      groups: { '/app/a': null },
    });

    expect(short).toEqual(['/app/a REFUSED KEY_DISABLED']);
    expect(log).toEqual([]);
  });

  it('is needed for any call to be made', async () => {
    const { short, log } = await applied([], {});

    expect({ short, log }).toEqual({ short: [], log: [] });
  });
});

describe('the planned key is inspected again', () => {
  it.each([
    ['is to be deleted', { keys: { [KEY]: aKey({ state: 'PendingDeletion' }) } }, 'KEY_PENDING_DELETION'],
    ['is gone', { keys: {} }, 'KEY_NOT_FOUND'],
    ['is not symmetric', { keys: { [KEY]: aKey({ spec: 'RSA_2048' }) } }, 'KEY_NOT_SYMMETRIC'],
    ['is managed by AWS', { keys: { [KEY]: aKey({ manager: 'AWS' }) } }, 'KEY_AWS_MANAGED'],
    ['may not be read', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }, 'KEY_UNREADABLE'],
    [
      'has a policy that does not allow the log group',
      { policies: { [KEY]: aLogsPolicy('/other') } },
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    [
      'has a policy that may not be read',
      { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } },
      'KEY_POLICY_UNREADABLE',
    ],
  ] satisfies [string, FakeWorld, string][])('and nothing is sealed if it %s', async (_, world, code) => {
    const { short, phases } = await applied([aStep()], { groups: { '/app/a': null }, ...world });

    expect(short).toEqual([`/app/a REFUSED ${code}`]);
    expect(phases).toEqual([]);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'] as const)(
    'and the step is FAILED, for another try, if %s did not work this time',
    async (call) => {
      const failures = { [call]: aCloudError('THROTTLED') };
      const { short, phases } = await applied([aStep()], { groups: { '/app/a': null }, failures });

      expect(short).toEqual(['/app/a FAILED THROTTLED']);
      expect(phases).toEqual([]);
    },
  );

  it.each([
    ['Region', aKeyArn('x', { region: 'us-east-1' }), 'KEY_WRONG_REGION'],
    ['account', aKeyArn('x', { account: OTHER_ACCOUNT }), 'KEY_POLICY_UNREADABLE'],
  ])('and nothing is sealed if it is of another %s', async (_, key, code) => {
    const keys = { [key]: aKey({ arn: key, account: OTHER_ACCOUNT }) };

    const { short } = await applied(
      [aStep({ toKeyArn: key })],
      { groups: { '/app/a': null }, keys },
      { rules: rulesAt(NOW, { key }) },
    );

    expect(short).toEqual([`/app/a REFUSED ${code}`]);
  });

  it('and a step that names another key is refused, even if that key works', async () => {
    const other = aKeyArn('other');
    const steps = [aStep({ name: '/a', toKeyArn: other }), aStep({ name: '/b' })];
    const keys = { ...KEYS, [other]: aKey({ arn: other }) };

    const { short, outcomes, attached, log } = await applied(steps, { groups: { '/a': null, '/b': null }, keys });

    expect(short).toEqual(['/a REFUSED STORE_CHANGED', '/b SEALED']);
    expect(outcomes[0]?.refusal).toMatchObject({
      message: `it would be sealed with ${KEY}, and the plan says ${other}`,
      fix: 'plan again',
    });
    expect([...attached]).toEqual([
      ['/a', null],
      ['/b', KEY],
    ]);
    // Both were read together.
    expect(log[0]).toBe('logs:DescribeLogGroups /a /b');
  });

  it('and refused if the alias that was configured leads to another key since', async () => {
    const moved = aKeyArn('moved');
    const keys = { 'alias/logseal': aKey({ arn: moved }) };
    const required = rulesAt(NOW, { key: 'alias/logseal', requiresKey: true });

    for (const rules of [rulesAt(NOW, { key: 'alias/logseal' }), required]) {
      const world = { groups: { '/app/a': null }, keys };
      const { short, log } = await applied([aStep()], world, { rules });

      expect(short).toEqual(['/app/a REFUSED STORE_CHANGED']);
      expect(log.filter((line) => line.startsWith('kms:DescribeKey'))).toEqual(['kms:DescribeKey alias/logseal']);
    }
  });

  it('once, however many steps there are', async () => {
    const groups = manyGroups(120);

    const { log, short } = await applied(stepsFor(groups), { groups });

    expect(short.every((line) => line.endsWith('SEALED'))).toBe(true);
    const reads = log.filter((line) => !line.startsWith('logs:AssociateKmsKey'));
    expect(reads.filter((line) => !line.startsWith('logs:'))).toEqual([
      `kms:DescribeKey ${KEY}`,
      `kms:GetKeyPolicy ${KEY}`,
    ]);
    expect(log.filter((line) => line.startsWith('logs:AssociateKmsKey'))).toHaveLength(120);
  });
});

describe('a log store that fails', () => {
  it.each([aCloudError('ACCESS_DENIED'), aCloudError('THROTTLED'), aCloudError('NOT_FOUND'), aCloudError('NETWORK')])(
    'never stops the others: %s',
    async (error) => {
      const groups = manyGroups(120);
      const failures = { 'logs:AssociateKmsKey /many/7': error };

      const { outcomes, attached, phases } = await applied(stepsFor(groups), { groups, failures });

      expect(outcomes.map(({ store }) => store.name)).toEqual(Object.keys(groups));
      expect(outcomes.filter(({ outcome }) => outcome !== 'SEALED').map(({ store }) => store.name)).toEqual([
        '/many/7',
      ]);
      expect([...attached].filter(([, keyArn]) => keyArn !== KEY)).toEqual([['/many/7', null]]);
      // The answer was lost, so the INTENT has neither a DONE nor a FAILED entry.
      expect(phases).toHaveLength(error.isTransient ? 239 : 240);
    },
  );

  it('to be read fails those that are read with it, and no others', async () => {
    const groups = manyGroups(120);
    const names = Object.keys(groups);
    const failures = {
      [`logs:DescribeLogGroups ${names.slice(0, STORES_READ_TO_CHANGE).join(' ')}`]: aCloudError('UNAVAILABLE'),
    };

    const { outcomes } = await applied(stepsFor(groups), { groups, failures });

    const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
    expect(failed.map(({ store }) => store.name)).toEqual(names.slice(0, STORES_READ_TO_CHANGE));
    expect(failed[0]?.error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(outcomes.filter(({ outcome }) => outcome === 'SEALED')).toHaveLength(120 - STORES_READ_TO_CHANGE);
  });

  it('to be read leaves what was refused as it was', async () => {
    const steps = [aStep({ name: '/a' }), aStep({ name: '/b', action: 'NONE', refusal: aReason('KEY_UNREADABLE') })];
    const failures = { 'logs:DescribeLogGroups': aCloudError('UNAVAILABLE') };

    const { short } = await applied(steps, { groups: {}, failures });

    expect(short).toEqual(['/a FAILED UNAVAILABLE', '/b REFUSED KEY_UNREADABLE']);
  });

  it('because of a defect of the program is thrown', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(applied([aStep()], { groups: {}, failures })).rejects.toThrow('a defect');
  });
});
