import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO } from '../support/logseal.ts';
import { policyOf } from '../support/policies.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

const PLAN = 'plan --key alias/logseal';
const APPLY = 'apply --key alias/logseal --yes';
const GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:';
const AS_SEALER = { env: { AWS_ACCESS_KEY_ID: 'sealer' } };
const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };

/** A world with a role that lacks what the statements deny. */
const deniedBy = (world: World, ...denies: { Action: string | string[]; Resource: string }[]): World =>
  aWorld({
    ...world,
    roles: {
      sealer: { policies: [policyOf(EVERYTHING, ...denies.map((deny) => ({ Effect: 'Deny', ...deny })))] },
    },
  });

/** Name and code, or action, of each step. */
const stepsOf = (stdout: string) =>
  parseDocument(planSchema, stdout).steps.map(
    ({ store, action, refusal }) => `${store.name} ${refusal?.code ?? action}`,
  );

describe('/ops/locked of the demo', () => {
  it('is refused in the plan, with the statement that it takes', async () => {
    const { run } = await aDesk(DEMO);

    const { stdout } = await run(`${PLAN} --format json`);

    const { steps } = parseDocument(planSchema, stdout);
    const refusal = steps.find(({ store }) => store.name === '/ops/locked')?.refusal;
    expect(refusal?.code).toBe('CALLER_MISSING_RIGHTS');
    expect(refusal?.fix).toBe(
      `add this statement to a policy of the caller: {"Effect":"Allow","Action":"logs:AssociateKmsKey","Resource":["${GROUP}/ops/locked","${GROUP}/ops/locked:*"]}`,
    );
  });

  it('is refused by AWS where the caller is not checked', async () => {
    const { run, sandbox } = await aDesk(DEMO);

    const planned = await run(`${PLAN} --format json --no-caller-check`);
    const applied = await run(`${APPLY} --format json --quiet --no-caller-check`);

    expect(stepsOf(planned.stdout)).toContain('/ops/locked SEAL');
    expect(outcomesOf(parseDocument(outcomeSchema, applied.stdout))).toContain(
      '/ops/locked REFUSED CALLER_MISSING_RIGHTS',
    );
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(17);
  });
});

describe('what a role lacks', () => {
  it.each([
    ['as AWS documents it for policies', '/b:*'],
    ['with all that begins so', '/b*'],
  ])('on one log group, which a Deny names %s, is planned as AWS will answer', async (_, name) => {
    const world = deniedBy(
      { groups: { '/a': null, '/b': null } },
      { Action: 'logs:AssociateKmsKey', Resource: `${GROUP}${name}` },
    );
    const { run, sandbox } = await aDesk(world);

    const planned = await run(`${PLAN} --format json`, AS_SEALER);
    const applied = await run(`${APPLY} --format json --quiet --no-caller-check`, AS_SEALER);

    expect(stepsOf(planned.stdout)).toEqual(['/a SEAL', '/b CALLER_MISSING_RIGHTS']);
    expect(outcomesOf(parseDocument(outcomeSchema, applied.stdout))).toEqual([
      '/a SEALED',
      '/b REFUSED CALLER_MISSING_RIGHTS',
    ]);
    expect(runCalls(sandbox, 'iam:GetRole')).toBe(1);
  });

  it('on a log group without the :* that AWS compares is nothing, in the plan and in AWS', async () => {
    const world = deniedBy({ groups: { '/a': null } }, { Action: 'logs:AssociateKmsKey', Resource: `${GROUP}/a` });
    const { run } = await aDesk(world);

    expect(stepsOf((await run(`${PLAN} --format json`, AS_SEALER)).stdout)).toEqual(['/a SEAL']);
    expect((await run(APPLY, AS_SEALER)).status).toBe(0);
  });

  it('on every log group is one fix in a table, and no more than one in JSON for each', async () => {
    const world = deniedBy(
      { bulk: [{ name: '/bulk/{n}', count: 38 }] },
      { Action: 'logs:AssociateKmsKey', Resource: '*' },
    );
    const { run, sandbox } = await aDesk(world);

    const table = await run(PLAN, AS_SEALER);
    const json = await run(`${PLAN} --format json`, AS_SEALER);

    expect(table.stdout.match(/^ {2}fix: /gm)).toHaveLength(1);
    expect(table.stdout).toContain('CALLER_MISSING_RIGHTS × 38');
    expect(table.stdout).toContain(`remove logs:AssociateKmsKey on ${GROUP}* (a wildcard, since`);
    const { steps } = parseDocument(planSchema, json.stdout);
    for (const { store, refusal } of steps) {
      expect(refusal?.fix).toContain(`remove logs:AssociateKmsKey on ${store.arn} from that Deny`);
    }
    expect(runCalls(sandbox, 'iam:SimulatePrincipalPolicy')).toBe(2 * 2);
  });

  it('on the key refuses everything before AWS is asked, and ends with 3', async () => {
    const { run, sandbox, files } = await aDesk(
      deniedBy({ groups: { '/a': null, '/b': null } }, { Action: 'kms:Encrypt', Resource: '*' }),
    );

    const planned = await run(`${PLAN} --format json`, AS_SEALER);
    const applied = await run(APPLY, AS_SEALER);

    expect(planned.status).toBe(3);
    expect(stepsOf(planned.stdout)).toEqual(['/a CALLER_MISSING_RIGHTS', '/b CALLER_MISSING_RIGHTS']);
    expect(parseDocument(planSchema, planned.stdout).key.targets[0]?.refusals).toMatchObject([
      { code: 'CALLER_MISSING_RIGHTS', missingRight: { action: 'kms:Encrypt' } },
    ]);
    expect(applied.status).toBe(3);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await files()).not.toContain(JOURNAL);
  });

  it('may be what another caller planned: whoever applies the plan is asked about anew', async () => {
    const world = deniedBy({ groups: { '/a': null } }, { Action: 'kms:Encrypt', Resource: '*' });
    const desk = await aDesk(world);
    const file = '--format json --output plan.json';
    await desk.run(`${PLAN} ${file} --no-caller-check`, AS_SEALER);

    const refused = await desk.run('apply --plan plan.json --yes --quiet --format json', AS_SEALER);
    const sealed = await desk.run('apply --plan plan.json --yes --quiet --format json');

    expect(outcomesOf(parseDocument(outcomeSchema, refused.stdout))).toEqual(['/a REFUSED CALLER_MISSING_RIGHTS']);
    expect(outcomesOf(parseDocument(outcomeSchema, sealed.stdout))).toEqual(['/a SEALED']);
  });
});

describe('without iam:SimulatePrincipalPolicy', () => {
  const world = deniedBy(
    { groups: { '/a': null, '/b': null } },
    { Action: 'iam:SimulatePrincipalPolicy', Resource: '*' },
  );

  it('a plan refuses nothing, and says once that the rights are not known', async () => {
    const { run, sandbox } = await aDesk(world);

    const json = await run(`${PLAN} --format json`, AS_SEALER);
    const table = await run(PLAN, AS_SEALER);

    expect([json.status, json.stderr, table.status]).toEqual([3, '', 3]);
    expect(stepsOf(json.stdout)).toEqual(['/a SEAL', '/b SEAL']);
    expect(parseDocument(planSchema, json.stdout).key.targets).toMatchObject([
      { refusals: [], rightsUnknown: expect.stringContaining('the caller needs iam:SimulatePrincipalPolicy') },
    ]);
    expect(table.stdout.match(/the caller needs iam:SimulatePrincipalPolicy/g)).toHaveLength(1);
    expect(table.stdout).toMatch(
      /\nnote: whether the caller may seal every log store in eu-west-1 is not known: iam:SimulatePrincipalPolicy failed: /,
    );
    expect(runCalls(sandbox, 'iam:SimulatePrincipalPolicy')).toBe(2);
  });

  it('apply seals', async () => {
    const { run } = await aDesk(world);

    expect((await run(APPLY, AS_SEALER)).status).toBe(0);
  });
});

describe('--no-caller-check', () => {
  const world = deniedBy({ groups: { '/a': null } });

  it.each([PLAN, `${APPLY} --quiet`])('leaves IAM out of %s', async (words) => {
    const { run, sandbox } = await aDesk(world);

    const { stdout } = await run(`${words} --format json --no-caller-check`, AS_SEALER);

    expect(stdout).not.toContain('rightsUnknown');
    expect(Object.keys(sandbox.calls()).filter((call) => call.startsWith('iam:'))).toEqual([]);
  });

  it('is an option of plan and apply alone, and of AWS alone', async () => {
    const { run } = await aDesk(world);

    expect(await run('scan --no-caller-check')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--no-caller-check: unknown option'),
    });
    expect(await run(`${PLAN} --provider alibaba --region cn-hangzhou --no-caller-check`)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--no-caller-check: cannot be combined with --provider alibaba'),
    });
  });
});

it('a plan of more log stores than IAM is asked about says so, and costs IAM no more calls', async () => {
  const { run, sandbox } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 5_100 }] }));

  const { stdout } = await run(`${PLAN} --format json`);

  const { steps, key } = parseDocument(planSchema, stdout);
  expect(steps.filter(({ action }) => action === 'SEAL')).toHaveLength(5_100);
  expect(key.targets[0]?.rightsUnknown).toBe('IAM was asked about the first 5,000 log stores only');
  expect(sandbox.calls()).toEqual({
    'sts:GetCallerIdentity': 1,
    'logs:DescribeLogGroups': 102,
    'tag:GetResources': 1,
    'kms:DescribeKey': 1,
    'kms:GetKeyPolicy': 1,
    'iam:SimulatePrincipalPolicy': 51,
  });
});
