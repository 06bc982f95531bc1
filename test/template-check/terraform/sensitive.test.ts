import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aDirectory, runLogseal } from '../../support/logseal.ts';
import {
  ACCOUNT,
  aGroup,
  aKey,
  aKeyWith,
  aPlan,
  findingOf,
  LOGS_ARN,
  type Planned,
  type PlanOptions,
  REGION,
} from './plans.ts';

const SECRET = 'hunter2-secret';
const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${SECRET}`;
const policy = JSON.stringify({
  Statement: [{ Sid: SECRET, Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' }],
});
const variables = { region: { value: SECRET } };

const CASES: readonly [string, readonly Planned[], PlanOptions?][] = [
  ['a name', [aGroup(null, { values: { name: SECRET }, sensitive: { name: true } })]],
  [
    'the beginning of a name',
    [
      aGroup(null, {
        values: { name_prefix: `/aws/lambda/${SECRET}` },
        unknown: { name: true },
        sensitive: { name_prefix: true },
      }),
      { address: 'aws_lambda_function.a', unknown: { function_name: true } },
    ],
  ],
  ['the ARN of a key', [aGroup(null, { values: { name: 'a', kms_key_id: ARN }, sensitive: { kms_key_id: true } })]],
  ['the id of a key', [aGroup(null, { values: { name: 'a', kms_key_id: SECRET }, sensitive: { kms_key_id: true } })]],
  [
    'the ARN of a key of the plan',
    [aGroup(LOGS_ARN), { ...aKeyWith('{}'), values: { arn: ARN }, sensitive: { arn: true } }],
  ],
  ['a policy', [aGroup(LOGS_ARN), { ...aKeyWith(policy), sensitive: { policy: true } }]],
  [
    'all of a resource',
    [aGroup(LOGS_ARN), { ...aKeyWith(policy), sensitive: { policy: true, arn: true, key_usage: true } }],
  ],
  [
    'the statement of a data source',
    [
      aGroup(LOGS_ARN),
      {
        ...aKeyWith(''),
        values: {},
        unknown: { policy: true },
        refs: { policy: ['data.aws_iam_policy_document.a.json', 'data.aws_iam_policy_document.a'] },
      },
      {
        address: 'data.aws_iam_policy_document.a',
        values: {
          statement: [{ sid: SECRET, actions: ['kms:*'], principals: [{ type: 'AWS', identifiers: [SECRET] }] }],
        },
        sensitive: { statement: [{ principals: [{ identifiers: [true] }] }] },
        unknown: { json: true },
        actions: ['read'],
      },
    ],
  ],
  [
    'the name of a function',
    [{ address: 'aws_lambda_function.a', values: { function_name: SECRET }, sensitive: { function_name: true } }],
  ],
  [
    'the log group of a function',
    [
      aGroup(null),
      {
        address: 'aws_lambda_function.a',
        values: { function_name: 'a', logging_config: [{ log_group: SECRET }] },
        sensitive: { logging_config: [{ log_group: true }] },
      },
    ],
  ],
  [
    'a task definition',
    [
      aGroup(null),
      {
        address: 'aws_ecs_task_definition.a',
        values: {
          container_definitions: JSON.stringify([
            { logConfiguration: { options: { 'awslogs-create-group': 'true', 'awslogs-group': SECRET } } },
          ]),
        },
        sensitive: { container_definitions: true },
      },
    ],
  ],
  [
    'a variable',
    [aGroup(LOGS_ARN), aKey()],
    { providers: { aws: { name: 'aws', expressions: { region: { references: ['var.region'] } } } } },
  ],
];

it.each(CASES)('%s is shown, but in no format if the plan says it is sensitive', async (_, resources, options = {}) => {
  const directory = await aDirectory();
  const write = async (all: readonly Planned[], sensitive: boolean) => {
    const document = aPlan(all, { ...options, more: { variables } }) as { configuration: { root_module: object } };
    const root = { ...document.configuration.root_module, variables: { region: { sensitive } } };
    const plan = { ...document, configuration: { ...document.configuration, root_module: root } };
    await writeFile(join(directory, 'plan.json'), JSON.stringify(plan));
  };
  const check = (format: string) => runLogseal(`template check plan.json --all --format ${format}`, { cwd: directory });

  const open = resources.map(({ sensitive: _sensitive, ...each }) => each);
  await write(open, false);
  expect((await check('json')).stdout).toContain(SECRET);

  await write(resources, true);
  for (const format of ['table', 'json', 'ndjson', 'sarif', 'junit', 'markdown']) {
    const { status, stdout, stderr } = await check(format);

    expect([0, 3]).toContain(status);
    expect(stdout).not.toBe('');
    expect(stdout + stderr).not.toContain(SECRET);
  }
});

it('a policy that the plan says is sensitive is not known', async () => {
  const key = { ...aKeyWith(policy), sensitive: { policy: true } };

  expect(await findingOf([aGroup(LOGS_ARN), key])).toMatchObject({
    status: 'UNKNOWN',
    reasons: [
      { code: 'KEY_POLICY_UNCERTAIN', message: expect.stringContaining('the plan says that the policy is sensitive') },
    ],
  });
});

it('the ARN that the plan says is sensitive still finds its key', async () => {
  const group = aGroup(null, { values: { name: 'a', kms_key_id: ARN }, sensitive: { kms_key_id: true } });
  const key = aKeyWith('{}', { values: { arn: ARN } });

  expect(await findingOf([group, key])).toMatchObject({ key: { id: 'aws_kms_key.logs' } });
});
