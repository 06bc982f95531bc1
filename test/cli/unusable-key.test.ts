import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { admitting, LOG_GROUPS, logGroupsUnder } from '../support/policies.ts';

/** A world where nothing is to be sealed: the only log group has a healthy key. */
const sealedWorld = (keys: NonNullable<World['keys']>, more: World = {}): World =>
  aWorld({ ...more, keys: { ...keys, ...more.keys }, groups: { '/a': 'logseal' } });

const UNUSABLE: readonly [string, string, World][] = [
  ['a disabled key', 'KEY_DISABLED', sealedWorld({ bad: { alias: 'alias/bad', policy: 'logs', state: 'Disabled' } })],
  ['an alias that does not exist', 'KEY_NOT_FOUND', sealedWorld({})],
  ["a key with KMS's default policy", 'KEY_POLICY_MISSING_ACTIONS', sealedWorld({ bad: { alias: 'alias/bad' } })],
];
const last = (text: string) => text.trimEnd().split('\n').at(-1);

describe.each(UNUSABLE)('%s with nothing to seal', (_, code, world) => {
  it('ends plan with 3, and one line says that the key cannot be used', async () => {
    const { run } = await aDesk(world);

    const json = await run('plan --key alias/bad --format json');
    const table = await run('plan --key alias/bad');
    const file = await run('plan --key alias/bad --format json --output plan.json');

    const { steps, key } = parseDocument(planSchema, json.stdout);
    expect([json.status, table.status, file.status]).toEqual([3, 3, 3]);
    expect(steps).toEqual([]);
    expect(key.targets.map(({ refusals }) => refusals.map((each) => each.code))).toEqual([[code]]);
    expect(last(table.stdout)).toBe(`the key cannot be used: ${code}`);
    expect(table.stdout.split(key.targets[0]?.refusals[0]?.message ?? '')).toHaveLength(2);
    expect(file.stderr).toBe('0 to seal, 0 refused; the key cannot be used: plan.json\n');
  });

  it('ends apply with 3, without a question and without a journal', async () => {
    const { run, files } = await aDesk(world);

    const json = await run('apply --key alias/bad --yes --quiet --format json');
    const table = await run('apply --key alias/bad --yes --quiet');

    const { steps, key } = parseDocument(outcomeSchema, json.stdout);
    expect([json.status, table.status]).toEqual([3, 3]);
    expect(steps).toEqual([]);
    expect(key.targets).toMatchObject([{ refusals: [{ code }] }]);
    expect(last(table.stdout)).toMatch(/^the key cannot be used: /);
    expect(await files()).toEqual([]);
  });

  it('ends apply --plan with 3, and nothing is called', async () => {
    const { run, sandbox, files } = await aDesk(world);
    await run('plan --key alias/bad --format json --output plan.json');
    sandbox.resetCalls();

    const { status } = await run('apply --plan plan.json --yes');

    expect(status).toBe(3);
    expect(sandbox.calls()).toEqual({});
    expect(await files()).toEqual(['plan.json']);
  });
});

describe('a key that can be used somewhere', () => {
  it.each([
    ['for some log groups', admitting(logGroupsUnder('arn:{partition}:logs:{region}:{account}:log-group:/prod/*'))],
    ['for all log groups', admitting(LOG_GROUPS)],
  ])('%s is all well with nothing to seal', async (_, policy) => {
    const { run } = await aDesk(sealedWorld({ good: { alias: 'alias/good', policy: { ...policy } } }));

    const planned = await run('plan --key alias/good');

    expect(planned).toMatchObject({
      status: 0,
      stdout: 'Plan for account 111122223333, eu-west-1\n\n0 to seal with alias/good, 0 refused\n',
    });
    expect((await run('apply --key alias/good --yes')).status).toBe(0);
  });

  it.each([
    ['whose policy cannot be read', 'KEY_POLICY_UNREADABLE', 'kms:GetKeyPolicy'],
    ['that cannot be described', 'KEY_UNREADABLE', 'kms:DescribeKey'],
  ])('as far as is known, %s, is no reason for status 3', async (_, code, call) => {
    const faults = [{ call, kind: 'deny' }] as const;
    const world = sealedWorld({ good: { alias: 'alias/good', policy: 'logs' } }, { groups: {}, faults: [...faults] });
    const { run } = await aDesk({ ...world, groups: {} });

    const json = await run('plan --key alias/good --format json');
    const table = await run('plan --key alias/good');
    const applied = await run('apply --key alias/good --yes');

    const { key } = parseDocument(planSchema, json.stdout);
    expect([json.status, table.status, applied.status]).toEqual([0, 0, 0]);
    expect(key.targets.map(({ refusals }) => refusals.map((each) => each.code))).toEqual([[code]]);
    expect(table.stdout).toContain('What is not known of this key');
    expect(last(table.stdout)).toBe(`whether the key can be used is not known: ${key.targets[0]?.refusals[0]?.code}`);
  });

  it('in one of two Regions is all well', async () => {
    const { run } = await aDesk(sealedWorld({}));

    const { status, stdout } = await run('plan --key alias/logseal --region eu-west-1 --region us-east-1');

    expect(status).toBe(0);
    expect(stdout).not.toContain('the key cannot be used');
  });
});

it('a Region that could not be listed is 1 all the same', async () => {
  const faults = [{ call: 'logs:DescribeLogGroups', kind: 'deny' }] as const;
  const { run } = await aDesk(sealedWorld({}, { faults: [...faults] }));

  expect((await run('plan --key alias/bad')).status).toBe(1);
});
