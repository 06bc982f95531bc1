import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { policyOf } from '../support/policies.ts';
import { runCalls } from './worlds.ts';

const PLAN = 'plan --key alias/logseal';
const inStack = (name: string, key: string | null = null) => ({
  key,
  tags: { 'aws:cloudformation:stack-name': name, team: 'red' },
});
const world = aWorld({
  groups: {
    '/shop/a': inStack('shop'),
    '/shop/b': inStack('shop'),
    '/shop/sealed': inStack('shop', 'logseal'),
    '/bank/a': inStack('bank'),
    '/free': { key: null, tags: { team: 'red' } },
  },
});
const stacksOf = (stdout: string) =>
  parseDocument(planSchema, stdout).steps.map(
    ({ store, warnings }) =>
      `${store.name}${warnings
        .filter(({ code }) => code === 'MANAGED_BY_CLOUDFORMATION')
        .map(({ code, message }) => ` ${code} ${message.split(' ').at(-1)}`)}`,
  );

describe('log groups of CloudFormation stacks', () => {
  it('have the warning on their steps, from one call', async () => {
    const { run, sandbox } = await aDesk(world);

    const { status, stdout } = await run(`${PLAN} --format json`);

    expect(status).toBe(3);
    expect(stacksOf(stdout)).toEqual([
      '/bank/a MANAGED_BY_CLOUDFORMATION bank',
      '/free',
      '/shop/a MANAGED_BY_CLOUDFORMATION shop',
      '/shop/b MANAGED_BY_CLOUDFORMATION shop',
    ]);
    const { targets, key } = parseDocument(planSchema, stdout);
    expect(targets[0]?.apiCalls).toEqual(sandbox.calls());
    expect(targets[0]?.apiCalls).toMatchObject({ 'tag:GetResources': 1 });
    expect(key.targets[0]).not.toHaveProperty('stacksUnknown');
  });

  it('are shown once for each stack, with how many they are', async () => {
    const { run } = await aDesk(world);

    const { stdout } = await run(PLAN);

    expect(stdout).toMatch(/\nBefore you seal\nHIGH WRITERS_UNPROVEN × 4\n.*\n.*\nLOW MANAGED_BY_CLOUDFORMATION × 1\n/);
    expect(stdout).toMatch(
      /LOW MANAGED_BY_CLOUDFORMATION × 2\n {2}\/shop\/a belongs to the CloudFormation stack shop \(and others like it\)\n {2}log stores: \/shop\/a, \/shop\/b\n {2}fix: set KmsKeyId to arn:\S+ in the template of the stack shop \(/,
    );
    expect(stdout.match(/template of the stack shop/g)).toHaveLength(1);
  });

  it('cost one call for each hundred of them', async () => {
    const groups: World['groups'] = Object.fromEntries(
      Array.from({ length: 201 }, (_, index) => [`/many/${index}`, inStack('many')]),
    );
    const { run, sandbox } = await aDesk(aWorld({ groups, bulk: [{ name: '/free/{n}', count: 300 }] }));

    const { stdout } = await run(`${PLAN} --format json --no-caller-check`);

    expect(runCalls(sandbox, 'tag:GetResources')).toBe(3);
    expect(stacksOf(stdout).filter((line) => line.endsWith('CLOUDFORMATION many'))).toHaveLength(201);
  });

  it('keep their warning in a file of a plan, which can be applied', async () => {
    const { run } = await aDesk(world);
    await run(`${PLAN} --format json --output plan.json`);

    const { status, stdout } = await run('apply --plan plan.json --yes --format json');

    expect(status).toBe(0);
    expect(parseDocument(outcomeSchema, stdout).steps).toHaveLength(4);
  });
});

describe('without the right to read tags', () => {
  const AS_SEALER = { env: { AWS_ACCESS_KEY_ID: 'sealer' } };
  const lacking = {
    ...world,
    elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
    keys: { ...world.keys, there: { alias: 'alias/logseal', policy: 'logs', region: 'us-east-1' } },
    roles: {
      sealer: {
        policies: [
          policyOf(
            { Effect: 'Allow', Action: '*', Resource: '*' },
            { Effect: 'Deny', Action: 'tag:GetResources', Resource: '*' },
          ),
        ],
      },
    },
  };

  it('a plan leaves the warnings out, and says so once', async () => {
    const { run } = await aDesk(lacking);

    const json = await run(`${PLAN} --format json`, AS_SEALER);
    const table = await run(`${PLAN} --region eu-west-1 --region us-east-1`, AS_SEALER);

    expect([json.status, json.stderr, table.status]).toEqual([3, '', 3]);
    expect(stacksOf(json.stdout)).toEqual(['/bank/a', '/free', '/shop/a', '/shop/b']);
    expect(parseDocument(planSchema, json.stdout).key.targets[0]?.stacksUnknown).toContain('tag:GetResources failed: ');
    expect(table.stdout.match(/CloudFormation/g)).toHaveLength(1);
    expect(table.stdout).toMatch(
      /\nnote: which log groups in eu-west-1, us-east-1 CloudFormation owns is not known: tag:GetResources failed: /,
    );
  });
});

it('where nothing is to seal, no tag is read', async () => {
  const { run, sandbox } = await aDesk(aWorld({ groups: { '/a': inStack('shop', 'logseal') } }));

  expect((await run(PLAN)).status).toBe(0);
  expect(runCalls(sandbox, 'tag:GetResources')).toBe(0);
});
