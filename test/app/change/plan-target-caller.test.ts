import { describe, expect, it } from 'vitest';
import { type PlannedKey, type PlanOptions, planTarget } from '../../../lib/app/change/plan-target.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { aKey, aKeyArn, aTarget, NOW } from '../../support/builders.ts';
import { aCallerWith, aCloudError, CALLER, type FakeWorld, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();

/** A plan that asks IAM what the caller lacks. */
async function plan(world: FakeWorld, options: Partial<PlanOptions> = {}) {
  const fake = fakeCloud({ keys: { [KEY]: aKey() }, ...world });
  const pages: (readonly Step[])[] = [];
  const planned = await planTarget(aTarget(), fake.cloud, {
    rules: rulesAt(NOW, { key: KEY }),
    checksCaller: true,
    onSteps: (page) => void pages.push(page),
    ...options,
  });
  const short = pages.flat().map(({ store, action, refusal }) => `${store.name} ${refusal?.code ?? action}`);
  const questions = fake.log.filter((line) => line.startsWith('iam:')).map((line) => Number(line.split(' ')[1]));
  const key = planned.keys[0] as PlannedKey;
  return { ...fake, ...planned, key, pages, steps: pages.flat(), short, questions };
}

const lacking = (...names: readonly string[]) =>
  aCallerWith(({ action, resource }) =>
    action === 'logs:AssociateKmsKey' && names.some((name) => resource.endsWith(`:${name}`))
      ? 'EXPLICIT_DENY'
      : undefined,
  );

describe('what the caller lacks', () => {
  it('on one log store is refused in the plan, and its place in the order stays', async () => {
    const groups = { '/a': null, '/locked': null, '/z': null };

    const { short, steps, key } = await plan({ groups, identity: lacking('/locked') });

    expect(short).toEqual(['/a SEAL', '/locked CALLER_MISSING_RIGHTS', '/z SEAL']);
    expect(steps[1]).toMatchObject({ action: 'NONE', fromKeyArn: null, toKeyArn: KEY });
    expect(key).toEqual({ ...key, refusals: [] });
    expect(key).not.toHaveProperty('rightsUnknown');
  });

  it('on the key refuses every step, and the key can be attached to no log store', async () => {
    const identity = aCallerWith(({ action }) => (action === 'kms:Encrypt' ? 'IMPLICIT_DENY' : undefined));

    const { short, key } = await plan({ groups: { '/a': null, '/b': null }, identity });

    expect(short).toEqual(['/a CALLER_MISSING_RIGHTS', '/b CALLER_MISSING_RIGHTS']);
    expect(key.refusals).toMatchObject([{ code: 'CALLER_MISSING_RIGHTS' }]);
  });

  it('refuses nothing where it is not known, and the plan says why', async () => {
    const identity = { principalArn: CALLER.arn, decisions: null, because: 'it takes a right' };

    const { short, key } = await plan({ groups: { '/a': null }, identity });

    expect(short).toEqual(['/a SEAL']);
    expect(key).toMatchObject({ refusals: [], rightsUnknown: 'it takes a right' });
  });

  it('is not asked where the plan is made without', async () => {
    const { short, questions } = await plan(
      { groups: { '/a': null }, identity: lacking('/a') },
      { checksCaller: false },
    );

    expect(short).toEqual(['/a SEAL']);
    expect(questions).toEqual([]);
  });
});

describe('the questions to IAM', () => {
  it.each<[string, FakeWorld]>([
    ['there is nothing to seal', { groups: { '/sealed': KEY, 'aws/x': null } }],
    ['the key cannot be used', { groups: { '/a': null }, keys: { [KEY]: aKey({ state: 'Disabled' }) } }],
  ])('are none where %s', async (_, world) => {
    expect((await plan(world)).questions).toEqual([]);
  });

  it('are one about the key and one about all the log stores, on however many pages they are', async () => {
    const scattered = Array.from({ length: 8 }, (_, page) => ({ [`/open/${page}`]: null, ...manyGroups(60, KEY) }));
    const groups = Object.assign({}, ...scattered.map((page, index) => renamed(page, index)));

    const { questions, pages, report } = await plan({ groups });

    expect(questions).toEqual([6, 8]);
    expect(pages.map((page) => page.length)).toEqual([8]);
    expect(report.apiCalls).toMatchObject({ 'iam:SimulatePrincipalPolicy': 2, 'logs:DescribeLogGroups': 10 });
  });

  it('are asked for a thousand steps at a time, and these are handed on', async () => {
    const { questions, pages } = await plan({ groups: manyGroups(1_120) });

    expect(questions).toEqual([6, 1_000, 120]);
    expect(pages.map((page) => page.length)).toEqual([1_000, 120]);
  });

  it('are asked for what was listed of a target that failed', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('THROTTLED') };

    const { report, steps, questions } = await plan({ groups: manyGroups(60), failures });

    expect(report.status).toBe('FAILED');
    expect(steps).toHaveLength(50);
    expect(questions).toEqual([6, 50]);
  });
});

/** The same log groups under other names, in the same order. */
function renamed(groups: Readonly<Record<string, string | null>>, index: number): Record<string, string | null> {
  return Object.fromEntries(Object.entries(groups).map(([name, key]) => [`/${index}${name}`, key]));
}
