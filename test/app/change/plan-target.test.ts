import { describe, expect, it } from 'vitest';
import { type PlannedKey, type PlanOptions, planTarget } from '../../../lib/app/change/plan-target.ts';
import { prepare } from '../../../lib/domain/configuration.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import {
  aFoundLogGroup,
  aKey,
  aKeyArn,
  aLogsPolicy,
  aTarget,
  NOW,
  OTHER_ACCOUNT,
  REGION,
} from '../../support/builders.ts';
import { anExemption } from '../../support/configuration.ts';
import { aCloudError, type FakeWorld, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const OTHER = aKeyArn('other');
const A = { status: 'FOUND', found: aFoundLogGroup() } as const;
const KEYS = { 'alias/logseal': aKey(), [OTHER]: aKey({ arn: OTHER }) };

async function plan(world: FakeWorld, options: Partial<PlanOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const pages: (readonly Step[])[] = [];
  const planned = await planTarget(aTarget(), fake.cloud, {
    rules: rulesAt(NOW, { key: 'alias/logseal' }),
    onSteps: (page) => void pages.push(page),
    ...options,
  });
  const steps = pages.flat();
  const short = steps.map(({ store, action, refusal }) => `${store.name} ${refusal?.code ?? action}`);
  const key = planned.keys[0] as PlannedKey;
  return { ...fake, ...planned, key, pages, steps, short };
}

const NAMED = { configured: 'alias/logseal' };
const NOTHING_WRONG = { refusals: [], warnings: [], problems: [] };

describe('a plan', () => {
  it('holds what is not compliant, and nothing else', async () => {
    const groups = { '/none': null, '/sealed': KEY, '/other': OTHER, 'aws/spans': null, 'aws/x': null };

    const { short, key } = await plan({ groups });

    expect(short).toEqual(['/none SEAL', 'aws/spans SEAL']);
    expect(key).toEqual({
      provider: 'aws',
      account: '111122223333',
      region: REGION,
      ...NAMED,
      keyArn: KEY,
      ...NOTHING_WRONG,
    });
  });

  it('says which log groups a CloudFormation stack owns, and counts the call', async () => {
    const stacks = { [aFoundLogGroup('/a').store.arn]: 'shop' };

    const { steps, key, report } = await plan({ groups: { '/a': null, '/b': null }, stacks });

    expect(steps.map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([
      ['WRITERS_UNPROVEN', 'MANAGED_BY_CLOUDFORMATION'],
      ['WRITERS_UNPROVEN'],
    ]);
    expect(key).not.toHaveProperty('stacksUnknown');
    expect(report.apiCalls).toMatchObject({ 'tag:GetResources': 1 });
  });

  it('says why that is not known', async () => {
    const failures = { 'tag:GetResources': aCloudError('ACCESS_DENIED') };

    const { key, short } = await plan({ groups: { '/a': null }, stacks: {}, failures });

    expect(short).toEqual(['/a SEAL']);
    expect(key.stacksUnknown).toContain('ACCESS_DENIED, in the words of AWS');
  });

  it('leaves another healthy key alone, unless the configured one is required', async () => {
    const groups = { '/sealed': KEY, '/other': OTHER };

    expect((await plan({ groups })).short).toEqual([]);
    const rules = rulesAt(NOW, { key: 'alias/logseal', requiresKey: true });
    expect((await plan({ groups }, { rules })).short).toEqual(['/other SEAL']);
  });

  it('refuses what the policy of the configured key does not cover, group by group', async () => {
    const policies = { [KEY]: aLogsPolicy('/app/*') };

    const { short } = await plan({ groups: { '/app/a': null, '/ops/b': null }, policies });

    expect(short).toEqual(['/app/a SEAL', '/ops/b KEY_POLICY_MISSING_ACTIONS']);
  });

  it('refuses everything under a configured key that cannot be used', async () => {
    const keys = { 'alias/logseal': aKey({ state: 'PendingDeletion', spec: 'RSA_2048' }) };

    const { short, key } = await plan({ groups: { '/a': null, '/b': null }, keys });

    expect(short).toEqual(['/a KEY_PENDING_DELETION', '/b KEY_PENDING_DELETION']);
    expect(key.refusals.map(({ code }) => code)).toEqual(['KEY_PENDING_DELETION', 'KEY_NOT_SYMMETRIC']);
  });

  it.each([
    ['alias/missing', 'KEY_NOT_FOUND', null],
    [aKeyArn('far', { region: 'us-east-1' }), 'KEY_WRONG_REGION', aKeyArn('far', { region: 'us-east-1' })],
  ])('refuses everything under %s: %s', async (key, code, keyArn) => {
    const { short, steps } = await plan({ groups: { '/a': null } }, { rules: rulesAt(NOW, { key }) });

    expect(short).toEqual([`/a ${code}`]);
    expect(steps[0]?.toKeyArn).toBe(keyArn);
  });

  it('refuses a configured key of another account, and shows what its owner must allow', async () => {
    const foreign = aKeyArn('partner', { account: OTHER_ACCOUNT });
    const keys = { [foreign]: aKey({ arn: foreign, account: OTHER_ACCOUNT }) };

    const { short, steps } = await plan({ groups: { '/a': null }, keys }, { rules: rulesAt(NOW, { key: foreign }) });

    expect(short).toEqual(['/a KEY_POLICY_UNREADABLE']);
    expect(steps[0]?.refusal?.fix).toContain('ask its owner to make sure');
    expect(steps[0]?.refusal?.fix).toContain('"Effect":"Allow"');
  });

  it('hands on the steps of each page, in listing order', async () => {
    const groups = { ...manyGroups(70), '/sealed': KEY };

    const { pages, steps } = await plan({ groups });

    expect(pages.map((page) => page.length)).toEqual([50, 20]);
    expect(steps.map(({ store }) => store.name)).toEqual(Object.keys(manyGroups(70)));
  });

  it('hands on no empty page, and says how many log stores each page had', async () => {
    const groups = { ...manyGroups(50, KEY), '/none': null };
    const counts: number[] = [];

    const { pages } = await plan({ groups }, { onListed: (count) => counts.push(count) });

    expect(pages.map((page) => page.map(({ store }) => store.name))).toEqual([['/none']]);
    expect(counts).toEqual([50, 1]);
  });

  it('waits until the steps of a page are taken', async () => {
    const events: string[] = [];
    const onSteps = async (page: readonly Step[]) => {
      events.push(`${page.length} given`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push(`${page.length} taken`);
    };

    await plan({ groups: manyGroups(60) }, { onSteps });

    expect(events).toEqual(['50 given', '50 taken', '10 given', '10 taken']);
  });

  it('throws an error of whoever takes the steps', async () => {
    const onSteps = () => Promise.reject(new TypeError('a defect'));

    await expect(plan({ groups: { '/a': null } }, { onSteps })).rejects.toThrow('a defect');
  });

  it('lists a log store once, even if the listing shows it twice', async () => {
    const fake = fakeCloud({ keys: KEYS });
    const page = (nextToken: string | null) => ({ readings: [A, A], nextToken });
    async function* pages() {
      yield page('2');
      yield page(null);
    }
    const steps: Step[] = [];
    const cloud = { ...fake.cloud, logStores: { ...fake.cloud.logStores, pages } };

    await planTarget(aTarget(), cloud, {
      rules: rulesAt(NOW, { key: KEY }),
      onSteps: (some) => void steps.push(...some),
    });

    expect(steps.map(({ store }) => store.name)).toEqual(['/app/a']);
  });

  it('leaves out an exempt log store until its exemption expires', async () => {
    const planned = async (expires: string) => {
      const configuration = prepare({ exemptions: [anExemption({ expires })], keys: [] });
      return (await plan({ groups: { '/a': null } }, { rules: rulesAt(NOW, { key: KEY, configuration }) })).short;
    };

    expect(await planned('2026-11-21')).toEqual([]);
    expect(await planned('2026-11-20')).toEqual(['/a SEAL']);
  });

  it('carries the warnings of the attached key, and of the one to attach', async () => {
    const keys = { ...KEYS, [OTHER]: aKey({ arn: OTHER }) };
    const policies = { [OTHER]: aLogsPolicy('/elsewhere') };

    const { steps } = await plan(
      { groups: { '/other': OTHER }, keys, policies },
      { rules: rulesAt(NOW, { key: KEY, requiresKey: true }) },
    );

    expect(steps).toMatchObject([
      { action: 'SEAL', warnings: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }, { code: 'WRITERS_UNPROVEN' }] },
    ]);
  });
});

describe('the calls of a plan', () => {
  it.each([
    ['nothing is attached', manyGroups(120), 3 + 3],
    // Its two calls are those of the configured key.
    ['the configured key is attached', { ...manyGroups(119), '/sealed': KEY }, 3 + 2 + 1],
    ['another key is attached', { ...manyGroups(119), '/sealed': OTHER }, 3 + 2 + 3],
    ['everything is compliant', { '/sealed': OTHER }, 1 + 2 + 3],
    ['there is nothing', {}, 1 + 3],
  ])('are ⌈N/50⌉ + 2K + 3 at most, and all are counted: %s', async (_, groups, calls) => {
    const { log, report } = await plan({ groups });

    expect(log).toHaveLength(calls);
    expect(Object.values(report.apiCalls).reduce((sum, count) => sum + count, 0)).toBe(calls);
  });
});

describe('a target that is not listed completely', () => {
  it('has handed on the steps that were seen', async () => {
    const failures = { 'logs:DescribeLogGroups 3': aCloudError('THROTTLED') };

    const { report, steps } = await plan({ groups: manyGroups(120), failures });

    expect(report.status).toBe('FAILED');
    expect(steps).toHaveLength(100);
  });

  it('has no key if its caller cannot be identified', async () => {
    const { report, key, short } = await plan({ failures: { 'sts:GetCallerIdentity': aCloudError('NETWORK') } });

    expect(report.status).toBe('FAILED');
    expect(key).toEqual({ provider: 'aws', account: '', region: REGION, ...NAMED, keyArn: null, ...NOTHING_WRONG });
    expect(short).toEqual([]);
  });
});

it('a plan that is interrupted throws', async () => {
  const interruption = new AbortController();
  interruption.abort();

  await expect(plan({ groups: { '/a': null } }, { signal: interruption.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
