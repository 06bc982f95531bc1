import { describe, expect, it } from 'vitest';
import { type PlanOptions, planTarget } from '../../../lib/app/change/plan-target.ts';
import { aKey, aKeyArn, aLogsPolicy, aTarget, NOW, OTHER_ACCOUNT, REGION } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const OTHER = aKeyArn('other');
const KEYS = { 'alias/logseal': aKey(), [OTHER]: aKey({ arn: OTHER }) };

async function plan(world: FakeWorld, options: Partial<PlanOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const planned = await planTarget(aTarget(), fake.cloud, {
    key: 'alias/logseal',
    requiresKey: false,
    now: NOW,
    ...options,
  });
  const steps = planned.steps.map(({ store, action, refusal }) => `${store.name} ${refusal?.code ?? action}`);
  return { ...fake, ...planned, steps, planned };
}

describe('a plan', () => {
  it('holds what is not compliant, and nothing else', async () => {
    const groups = { '/none': null, '/sealed': KEY, '/other': OTHER, 'aws/x': null };

    const { steps, key } = await plan({ groups });

    expect(steps).toEqual(['/none SEAL', 'aws/x STORE_RESERVED']);
    expect(key).toEqual({ provider: 'aws', account: '111122223333', region: REGION, keyArn: KEY, refusals: [] });
  });

  it('leaves a healthy other key alone, save where the configured one is required', async () => {
    const groups = { '/sealed': KEY, '/other': OTHER };

    expect((await plan({ groups })).steps).toEqual([]);
    expect((await plan({ groups }, { requiresKey: true })).steps).toEqual(['/other SEAL']);
  });

  it('refuses what the policy of the configured key does not cover, group by group', async () => {
    const policies = { [KEY]: aLogsPolicy('/app/*') };

    const { steps } = await plan({ groups: { '/app/a': null, '/ops/b': null }, policies });

    expect(steps).toEqual(['/app/a SEAL', '/ops/b KEY_POLICY_MISSING_ACTIONS']);
  });

  it('refuses everything under a configured key that cannot be used', async () => {
    const keys = { 'alias/logseal': aKey({ state: 'PendingDeletion', spec: 'RSA_2048' }) };

    const { steps, key } = await plan({ groups: { '/a': null, '/b': null }, keys });

    expect(steps).toEqual(['/a KEY_PENDING_DELETION', '/b KEY_PENDING_DELETION']);
    expect(key.refusals.map(({ code }) => code)).toEqual(['KEY_PENDING_DELETION', 'KEY_NOT_SYMMETRIC']);
  });

  it.each([
    ['alias/missing', 'KEY_NOT_FOUND', null],
    [aKeyArn('far', { region: 'us-east-1' }), 'KEY_WRONG_REGION', aKeyArn('far', { region: 'us-east-1' })],
  ])('refuses everything under %s: %s', async (key, code, keyArn) => {
    const { steps, planned } = await plan({ groups: { '/a': null } }, { key });

    expect(steps).toEqual([`/a ${code}`]);
    expect(planned.steps[0]?.toKeyArn).toBe(keyArn);
  });

  it('refuses a configured key of another account, and shows what its owner must allow', async () => {
    const foreign = aKeyArn('partner', { account: OTHER_ACCOUNT });
    const keys = { [foreign]: aKey({ arn: foreign, account: OTHER_ACCOUNT }) };

    const { steps, planned } = await plan({ groups: { '/a': null }, keys }, { key: foreign });

    expect(steps).toEqual(['/a KEY_POLICY_UNREADABLE']);
    expect(planned.steps[0]?.refusal?.fix).toContain('its owner must');
    expect(planned.steps[0]?.refusal?.fix).toContain('"Effect":"Allow"');
  });

  it('hands the findings on', async () => {
    const counts: number[] = [];

    await plan({ groups: manyGroups(70) }, { onFindings: (findings) => counts.push(findings.length) });

    expect(counts).toEqual([50, 20]);
  });
});

describe('the calls of a plan', () => {
  it.each([
    ['nothing is attached', manyGroups(120), 3 + 3],
    // Its two calls are those of the configured key.
    ['the configured key is attached', { ...manyGroups(119), '/sealed': KEY }, 3 + 2 + 1],
    ['another key is attached', { ...manyGroups(119), '/sealed': OTHER }, 3 + 2 + 3],
    ['all is well', { '/sealed': OTHER }, 1 + 2 + 3],
    ['there is nothing', {}, 1 + 3],
  ])('are ⌈N/50⌉ + 2K + 3 at most, and all counted: %s', async (_, groups, calls) => {
    const { log, report } = await plan({ groups });

    expect(log).toHaveLength(calls);
    expect(Object.values(report.apiCalls).reduce((sum, count) => sum + count, 0)).toBe(calls);
  });
});

describe('a target that cannot be listed whole', () => {
  it('keeps the steps that were seen', async () => {
    const failures = { 'logs:DescribeLogGroups 3': aCloudError('THROTTLED') };

    const { report, planned } = await plan({ groups: manyGroups(120), failures });

    expect(report.status).toBe('FAILED');
    expect(planned.steps).toHaveLength(100);
  });

  it('whose caller is not known has no key', async () => {
    const { report, key, steps } = await plan({ failures: { 'sts:GetCallerIdentity': aCloudError('NETWORK') } });

    expect(report.status).toBe('FAILED');
    expect(key).toEqual({ provider: 'aws', account: '', region: REGION, keyArn: null, refusals: [] });
    expect(steps).toEqual([]);
  });
});

it('an interrupted plan is none', async () => {
  const interruption = new AbortController();
  interruption.abort();

  await expect(plan({ groups: { '/a': null } }, { signal: interruption.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
