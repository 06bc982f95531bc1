import { describe, expect, it } from 'vitest';
import { aGroup, aKey, aKeyWith, aPlan, findingOf, findingsOf, goodPolicy, type Planned } from './plans.ts';

const FUNCTION: Planned = { address: 'aws_lambda_function.api', values: { function_name: 'api' } };

async function namesOf(...resources: readonly Planned[]) {
  const findings = await findingsOf(aPlan(resources));
  return findings.flatMap(({ reasons, name }) =>
    reasons.some(({ code }) => code === 'IMPLICIT_LOG_GROUP') ? [name] : [],
  );
}

describe('a Lambda function', () => {
  it('without its log group gets the resource to add, with the key of the plan', async () => {
    expect(await findingOf([FUNCTION, aKeyWith(goodPolicy())])).toMatchObject({
      ...{
        id: 'aws_lambda_function.api',
        line: null,
        name: '/aws/lambda/api',
        status: 'NON_COMPLIANT',
        severity: 'MEDIUM',
      },
      reasons: [
        {
          code: 'IMPLICIT_LOG_GROUP',
          fix: [
            'declare the log group:',
            'resource "aws_cloudwatch_log_group" "api" {',
            '  name       = "/aws/lambda/api"',
            '  kms_key_id = aws_kms_key.logs.arn',
            '}',
          ].join('\n'),
        },
      ],
    });
  });

  it('whose log group is in the plan is not reported', async () => {
    expect(await namesOf(FUNCTION, aGroup(null, { values: { name: '/aws/lambda/api' } }))).toEqual([]);
  });

  it('whose log group a data source has found is not reported', async () => {
    const found = {
      address: 'data.aws_cloudwatch_log_group.api',
      values: { name: '/aws/lambda/api' },
      actions: ['read'],
    };

    expect(await namesOf(FUNCTION, found)).toEqual([]);
  });

  it('with a log group of another name is reported by that name, unless it is in the plan', async () => {
    const own = { ...FUNCTION, values: { function_name: 'api', logging_config: [{ log_group: '/app/a' }] } };

    expect(await namesOf(own)).toEqual(['/app/a']);
    expect(await namesOf(own, aGroup(null))).toEqual([]);
  });

  it('that takes its name from a log group of the plan, or one that is not known, is not reported', async () => {
    const unknown = {
      ...FUNCTION,
      values: { function_name: 'api', logging_config: [{}] },
      unknown: { logging_config: [{ log_group: true }] },
      refs: { logging_config: [{ log_group: { references: ['local.group'] } }] },
    };

    expect(await namesOf(unknown)).toEqual([]);
  });

  it('that is new and has no logging_config gets the log group of its name', async () => {
    expect(await namesOf({ ...FUNCTION, unknown: { logging_config: true } })).toEqual(['/aws/lambda/api']);
  });

  it('whose name is known only after apply is reported by the reference to it', async () => {
    const finding = await findingOf([{ address: 'aws_lambda_function.api', unknown: { function_name: true } }]);

    expect(finding.name).toBeNull();
    expect(finding.reasons[0]?.fix).toMatch(/name {7}= "\/aws\/lambda\/\$\{aws_lambda_function\.api\.function_name\}"/);
  });
});

describe('a log group whose name is known only after apply', () => {
  const api: Planned = { address: 'aws_lambda_function.api', unknown: { function_name: true } };
  const named = (prefix?: string) =>
    aGroup(null, { values: prefix === undefined ? {} : { name_prefix: prefix }, unknown: { name: true } });

  it.each<[string, Planned, string | undefined]>([
    ['of which nothing is known', FUNCTION, undefined],
    ['and that of a function is, too', api, undefined],
    ['but for its beginning', api, '/aws/lambda/'],
    ['but for its beginning, which that of the function has', FUNCTION, '/aws/lambda/a'],
  ])('%s, may be that of the function', async (_, lambda, prefix) => {
    const [, finding] = await findingsOf(aPlan([lambda, named(prefix)]));

    expect(finding).toMatchObject({
      ...{ id: 'aws_lambda_function.api', status: 'UNKNOWN' },
      reasons: [
        {
          code: 'KEY_UNDETERMINED',
          message: expect.stringMatching(/\$\{aws_cloudwatch_log_group\.app\.name\}, which .* may be the same name$/),
          fix: expect.stringContaining('give aws_cloudwatch_log_group.app a name that the plan shows'),
        },
      ],
    });
  });

  it.each<[string, Planned]>([
    ['a function', FUNCTION],
    ['a function whose name is not known either', api],
  ])('and begins in another way is not that of %s', async (_, lambda) => {
    expect(await namesOf(lambda, named('/app/'))).toHaveLength(1);
    expect(await namesOf(lambda, aGroup(null))).toHaveLength(1);
  });
});

it('a log group in another Region is not that of a function', async () => {
  const providers = Object.fromEntries(
    [
      ['aws', 'eu-west-1'],
      ['aws.us', 'us-east-1'],
    ].map(([key = '', region]) => [key, { name: 'aws', expressions: { region: { constant_value: region } } }]),
  );
  const group = aGroup(null, { values: { name: '/aws/lambda/api' }, provider: 'aws.us' });

  expect((await findingsOf(aPlan([FUNCTION, group], { providers }))).map(({ id }) => id)).toEqual([
    'aws_lambda_function.api',
    'aws_cloudwatch_log_group.app',
  ]);
});

it('each log group to declare has a name of its own, which no resource of its module has', async () => {
  const database = (address: string, identifier: string): Planned => ({
    address,
    values: { identifier, enabled_cloudwatch_logs_exports: ['audit', 'error'] },
  });
  const plan = aPlan([
    aGroup(null, { address: 'aws_cloudwatch_log_group.db' }),
    database('aws_db_instance.db[0]', 'a'),
    database('module.m.aws_db_instance.db', 'b'),
    { address: 'aws_cloudwatch_log_group.db3', actions: ['delete'] },
  ]);
  const fixes = (await findingsOf(plan)).flatMap(({ reasons }) => reasons.map(({ fix }) => fix));

  expect(fixes.flatMap((fix) => /"aws_cloudwatch_log_group" "(\w+)" \{/.exec(fix)?.[1] ?? [])).toEqual([
    'db2',
    'db4',
    'db',
    'db2',
  ]);
});

it('a key that has yet to be declared has a name that no key of its module has', async () => {
  const [reason] = (await findingOf([FUNCTION, aKey()])).reasons;

  expect(reason?.fix).toMatch(/^declare a key whose policy .*\n {2}kms_key_id = aws_kms_key\.logs2\.arn\n\}$/s);
});

describe('others that make CloudWatch Logs create a log group', () => {
  const containers = (create: string) =>
    JSON.stringify([
      {
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/ecs/a', 'awslogs-create-group': create },
        },
      },
    ]);

  it.each<[string, string, object, string[]]>([
    ['a CodeBuild project', 'aws_codebuild_project', { name: 'ci' }, ['/aws/codebuild/ci']],
    [
      'a CodeBuild project with a group of its own',
      'aws_codebuild_project',
      { name: 'ci', logs_config: [{ cloudwatch_logs: [{ group_name: '/ci' }] }] },
      ['/ci'],
    ],
    [
      'a CodeBuild project without logs',
      'aws_codebuild_project',
      { name: 'ci', logs_config: [{ cloudwatch_logs: [{ status: 'DISABLED' }] }] },
      [],
    ],
    [
      'a DB instance',
      'aws_db_instance',
      { identifier: 'DB', enabled_cloudwatch_logs_exports: ['audit', 'error'] },
      ['/aws/rds/instance/db/audit', '/aws/rds/instance/db/error'],
    ],
    ['a DB instance without exports', 'aws_db_instance', { identifier: 'db' }, []],
    [
      'a DB cluster',
      'aws_rds_cluster',
      { cluster_identifier: 'db', enabled_cloudwatch_logs_exports: ['postgresql'] },
      ['/aws/rds/cluster/db/postgresql'],
    ],
    ['an EKS cluster', 'aws_eks_cluster', { name: 'k', enabled_cluster_log_types: ['api'] }, ['/aws/eks/k/cluster']],
    ['an EKS cluster without logs', 'aws_eks_cluster', { name: 'k', enabled_cluster_log_types: [] }, []],
    [
      'a task definition that creates its group',
      'aws_ecs_task_definition',
      { container_definitions: containers('true') },
      ['/ecs/a'],
    ],
    ['a task definition that does not', 'aws_ecs_task_definition', { container_definitions: containers('false') }, []],
    [
      'a stage of API Gateway',
      'aws_api_gateway_method_settings',
      { rest_api_id: 'a1', stage_name: 'prod', settings: [{ logging_level: 'INFO' }] },
      ['API-Gateway-Execution-Logs_a1/prod'],
    ],
    [
      'a stage of API Gateway without logs',
      'aws_api_gateway_method_settings',
      { rest_api_id: 'a1', stage_name: 'prod', settings: [{ logging_level: 'OFF' }] },
      [],
    ],
    ['a flow log', 'aws_flow_log', { log_group_name: '/vpc' }, ['/vpc']],
    ['a flow log to a bucket', 'aws_flow_log', { log_destination: 'arn:aws:s3:::a' }, []],
    ['a task definition that is no JSON', 'aws_ecs_task_definition', { container_definitions: '[' }, []],
  ])('%s', async (_, type, values, names) => {
    expect(await namesOf({ address: `${type}.this`, values: { ...values } })).toEqual(names);
  });
});

it('a log group that is named after a function is its log group, also where the name is known only after apply', async () => {
  const lambda = (name: string) => ({ address: `aws_lambda_function.${name}`, unknown: { function_name: true } });
  const refs = { name: ['aws_lambda_function.f.function_name', 'aws_lambda_function.f'] };
  const group = { address: 'aws_cloudwatch_log_group.f', unknown: { name: true }, refs };
  const findings = await findingsOf(aPlan([lambda('f'), lambda('other'), group]));

  expect(findings.map(({ id }) => id)).toEqual(['aws_cloudwatch_log_group.f', 'aws_lambda_function.other']);
});
