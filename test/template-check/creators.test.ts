import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

/** What the only resource of a template makes CloudWatch Logs create: its name as the message has it, and as the finding has it. */
async function created(
  type: string,
  properties: string,
  more = '',
): Promise<[shown: string | undefined, name: string | null][]> {
  const { document } = await checked(`Resources:\n  It: { Type: ${type}, Properties: ${properties} }\n${more}`);
  const implicit = document.findings.filter(({ reasons }) => reasons.some(({ code }) => code === 'IMPLICIT_LOG_GROUP'));
  return implicit.map(({ reasons, name }) => [
    /create the log group (\S+),/.exec(reasons[0]?.message ?? '')?.[1],
    name,
  ]);
}

describe('a log group that CloudWatch Logs creates', () => {
  it.each([
    ['AWS::Lambda::Function', '{ FunctionName: api }', '/aws/lambda/api', '/aws/lambda/api'],
    ['AWS::Lambda::Function', '{ Handler: a.b }', '/aws/lambda/${It}', null],
    ['AWS::Lambda::Function', '{ LoggingConfig: { LogGroup: /own } }', '/own', '/own'],
    ['AWS::Serverless::Function', '{ FunctionName: api }', '/aws/lambda/api', '/aws/lambda/api'],
    ['AWS::CodeBuild::Project', '{ Name: build }', '/aws/codebuild/build', '/aws/codebuild/build'],
    [
      'AWS::CodeBuild::Project',
      '{ LogsConfig: { CloudWatchLogs: { Status: ENABLED, GroupName: /own } } }',
      '/own',
      '/own',
    ],
    [
      'AWS::RDS::DBInstance',
      '{ DBInstanceIdentifier: db, EnableCloudwatchLogsExports: [error] }',
      '/aws/rds/instance/db/error',
      '/aws/rds/instance/db/error',
    ],
    [
      'AWS::RDS::DBCluster',
      '{ DBClusterIdentifier: db, EnableCloudwatchLogsExports: [audit] }',
      '/aws/rds/cluster/db/audit',
      '/aws/rds/cluster/db/audit',
    ],
    [
      'AWS::EKS::Cluster',
      '{ Name: eks, Logging: { ClusterLogging: { EnabledTypes: [{ Type: api }] } } }',
      '/aws/eks/eks/cluster',
      '/aws/eks/eks/cluster',
    ],
    [
      'AWS::ECS::TaskDefinition',
      '{ ContainerDefinitions: [{ LogConfiguration: { Options: { awslogs-group: /ecs, awslogs-create-group: "true" } } }] }',
      '/ecs',
      '/ecs',
    ],
    [
      'AWS::ApiGateway::Stage',
      '{ RestApiId: a1, StageName: prod, MethodSettings: [{ LoggingLevel: INFO }] }',
      'API-Gateway-Execution-Logs_a1/prod',
      'API-Gateway-Execution-Logs_a1/prod',
    ],
    [
      'AWS::Serverless::Api',
      '{ StageName: prod, MethodSettings: [{ LoggingLevel: ERROR }] }',
      'API-Gateway-Execution-Logs_${It}/prod',
      null,
    ],
    ['AWS::EC2::FlowLog', '{ LogGroupName: /flow }', '/flow', '/flow'],
    [
      'AWS::RDS::DBInstance',
      '{ DBInstanceIdentifier: My-DB, EnableCloudwatchLogsExports: [error] }',
      '/aws/rds/instance/my-db/error',
      '/aws/rds/instance/my-db/error',
    ],
    [
      'AWS::ApiGateway::Deployment',
      '{ RestApiId: a1, StageName: prod, StageDescription: { LoggingLevel: ERROR } }',
      'API-Gateway-Execution-Logs_a1/prod',
      'API-Gateway-Execution-Logs_a1/prod',
    ],
    [
      'AWS::ApiGateway::Deployment',
      '{ RestApiId: a1, StageName: prod, StageDescription: { MethodSettings: [{ LoggingLevel: INFO }] } }',
      'API-Gateway-Execution-Logs_a1/prod',
      'API-Gateway-Execution-Logs_a1/prod',
    ],
  ])('for %s %s is %s', async (type, properties, shown, name) => {
    expect(await created(type, properties)).toEqual([[shown, name]]);
  });

  it.each([
    ['AWS::CodeBuild::Project', '{ LogsConfig: { CloudWatchLogs: { Status: DISABLED } } }'],
    ['AWS::RDS::DBInstance', '{ DBInstanceIdentifier: db }'],
    ['AWS::RDS::DBInstance', '{ DBClusterIdentifier: cluster, EnableCloudwatchLogsExports: [postgresql] }'],
    ['AWS::EKS::Cluster', '{ Name: eks }'],
    [
      'AWS::ECS::TaskDefinition',
      '{ ContainerDefinitions: [{ LogConfiguration: { Options: { awslogs-group: /ecs } } }] }',
    ],
    ['AWS::ApiGateway::Stage', '{ RestApiId: a1, StageName: prod, MethodSettings: [{ LoggingLevel: "OFF" }] }'],
    ['AWS::EC2::FlowLog', '{ LogDestinationType: s3 }'],
    ['AWS::ApiGateway::Deployment', '{ RestApiId: a1, StageName: prod, StageDescription: { LoggingLevel: "OFF" } }'],
    ['AWS::ApiGateway::Deployment', '{ RestApiId: a1 }'],
    ['AWS::S3::Bucket', '{ BucketName: x }'],
  ])('is none for %s %s', async (type, properties) => {
    expect(await created(type, properties)).toEqual([]);
  });

  it.each([
    ['by its name', '/aws/lambda/api', '{ FunctionName: api }'],
    ['by the name of the function', "!Sub '/aws/lambda/${It}'", '{ Handler: a.b }'],
    ['by Join', "!Join ['/', ['', aws, lambda, !Ref It]]", '{ FunctionName: api }'],
  ])('is none where the template declares it %s', async (_, name, properties) => {
    const group = `  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: ${name} } }\n`;

    expect(await created('AWS::Lambda::Function', properties, group)).toEqual([]);
  });

  it.each(['!Ref Logs', '/app/Logs'])(
    'is none where the function logs to %s, which the template declares',
    async (own) => {
      expect(
        await created('AWS::Lambda::Function', `{ LoggingConfig: { LogGroup: ${own} } }`, aGroup('!Ref AWS::NoValue')),
      ).toEqual([]);
    },
  );

  it('comes with the resource to add, which makes it compliant when it is pasted', async () => {
    const template = `Resources:${KEY}
  Api: { Type: AWS::Lambda::Function, Properties: { Handler: a.b } }
`;
    const { document } = await checked(template);
    const [, ...lines] = document.findings[0]?.reasons[0]?.fix.split('\n') ?? [];

    expect(document.findings).toMatchObject([{ id: 'Api', line: 20, severity: 'MEDIUM', status: 'NON_COMPLIANT' }]);
    expect(await statuses(template + lines.map((line) => `  ${line}\n`).join(''))).toEqual({
      ApiLogGroup: 'COMPLIANT',
    });
  });

  it.each([
    ['its name has an expression', '{ FunctionName: !Sub "${Stage}-api" }', '!Sub /aws/lambda/${Api}'],
    ['its name is a text', '{ FunctionName: prod-api }', '/aws/lambda/prod-api'],
  ])('has the name as the template has it in the resource to add: %s', async (_, properties, expected) => {
    const head = `Parameters: { Stage: { Type: String } }
Conditions: { IsProd: !Not [!Equals [!Ref Stage, dev]], IsOther: !Equals [!Ref Stage, b] }
Resources:${KEY}`;
    const template = `${head}\n  Api: { Type: AWS::Lambda::Function, Condition: IsOther, Properties: ${properties} }\n`;
    const { document } = await checked(template, '--parameter Stage=b');
    const [, ...lines] = document.findings[0]?.reasons[0]?.fix.split('\n') ?? [];

    expect(lines.join('\n')).toContain(`LogGroupName: ${expected}\n`);
    expect(await statuses(template + lines.map((line) => `  ${line}\n`).join(''), '--parameter Stage=b')).toEqual({
      ApiLogGroup: 'COMPLIANT',
    });
  });

  it('has the condition of what creates it, if that may not hold', async () => {
    const { document } = await checked(`Parameters: { Stage: { Type: String } }
Conditions: { IsProd: !Equals [!Ref Stage, prod] }
Resources:
  Api: { Type: AWS::Lambda::Function, Condition: IsProd, Properties: { FunctionName: api } }
`);

    expect(document.findings[0]?.reasons[0]?.fix).toContain('Type: AWS::Logs::LogGroup\n  Condition: IsProd\n');
  });

  it('is left out by --no-implicit', async () => {
    const template = 'Resources:\n  Api: { Type: AWS::Lambda::Function, Properties: { Handler: a.b } }\n';

    expect(await checked(template, '--no-implicit')).toMatchObject({
      status: 0,
      document: { findings: [], summary: { stores: 0 } },
    });
  });

  it('is that of the function where SAM has globals, whose maps are merged with its own', async () => {
    const template = `
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { LoggingConfig: { LogGroup: !Ref Logs } } }
Resources:${KEY}${aGroup('!GetAtt Key.Arn')}
  Api: { Type: AWS::Serverless::Function, Properties: { Handler: a.b } }
  Json: { Type: AWS::Serverless::Function, Properties: { LoggingConfig: { LogFormat: JSON } } }
  Own: { Type: AWS::Serverless::Function, Properties: { LoggingConfig: { LogGroup: /app/other } } }
`;

    expect(await statuses(template)).toEqual({ Logs: 'COMPLIANT', Own: 'NON_COMPLIANT IMPLICIT_LOG_GROUP' });
  });
});

describe('the resources to add', () => {
  const fixesOf = async (template: string) => {
    const { document } = await checked(template);
    return document.findings.map(({ reasons }) => reasons[0]?.fix ?? '');
  };
  const idIn = (fix: string) => /^ {2}(\w+):$/m.exec(fix.replace(/^/gm, '  '))?.[1];

  it('have ids of their own, and none that the template has', async () => {
    const database = 'Type: AWS::RDS::DBInstance, Properties: { DBInstanceIdentifier: db, EnableCloudwatchLogsExports';
    const fixes = await fixesOf(
      `Resources:${KEY}  Db: { ${database}: [error, slowquery] } }\n  DbLogGroup: { Type: AWS::S3::Bucket }\n`,
    );

    expect(fixes.map(idIn)).toEqual(['DbLogGroup2', 'DbLogGroup3']);
  });

  it('are one for two functions that write to the same log group', async () => {
    const lambda = '{ Type: AWS::Lambda::Function, Properties: { LoggingConfig: { LogGroup: /shared } } }';
    const { document } = await checked(`Resources:${KEY}  A: ${lambda}\n  B: ${lambda}\n`);

    expect(document.findings).toMatchObject([
      { id: 'A', name: '/shared', reasons: [{ message: expect.stringContaining('and another resource make') }] },
    ]);
    expect(document.summary.stores).toBe(1);
  });

  it.each([
    ['!Sub "${Stage}-${AWS::StackName}-x"', '!Sub /aws/lambda/${Fn}'],
    ['!Select [0, !Split ["/", !Ref AWS::StackId]]', '!Sub /aws/lambda/${Fn}'],
  ])('can be pasted where the name of a function is %s', async (name, expected) => {
    const template = `Parameters: { Stage: { Type: String } }\nResources:${KEY}  Fn: { Type: AWS::Lambda::Function, Properties: { FunctionName: ${name} } }\n`;
    const [fix = ''] = await fixesOf(template);
    const [, ...lines] = fix.split('\n');

    expect(fix).toContain(`LogGroupName: ${expected}`);
    expect(await statuses(`${template}${lines.map((line) => `  ${line}\n`).join('')}`)).toEqual({
      FnLogGroup: 'COMPLIANT',
    });
  });

  it('can be pasted where the name is an expression that no Fn::Sub writes', async () => {
    const group = '!Select [1, !Split [":", !Ref AWS::StackId]]';
    const template = `Resources:${KEY}  Fn: { Type: AWS::Lambda::Function, Properties: { LoggingConfig: { LogGroup: ${group} } } }\n`;
    const [fix = ''] = await fixesOf(template);
    const [, ...lines] = fix.split('\n');

    expect(await statuses(`${template}${lines.map((line) => `  ${line}\n`).join('')}`)).toEqual({
      FnLogGroup: 'COMPLIANT',
    });
  });
});

describe('a name of a log group that is no text is a mistake', () => {
  it.each([
    ['AWS::Lambda::Function', 'LoggingConfig.LogGroup', '{ LoggingConfig: { LogGroup: VALUE } }'],
    [
      'AWS::CodeBuild::Project',
      'LogsConfig.CloudWatchLogs.GroupName',
      '{ LogsConfig: { CloudWatchLogs: { GroupName: VALUE } } }',
    ],
    ['AWS::EC2::FlowLog', 'LogGroupName', '{ LogGroupName: VALUE }'],
  ])('in %s', async (type, property, properties) => {
    const resource = (value: string) =>
      `Resources:\n  It: { Type: '${type}', Properties: ${properties.replace('VALUE', value)} }\n`;
    const { status, document } = await checked(resource('{ Sub: x }'));

    expect(status).toBe(2);
    expect(document.findings).toEqual([]);
    expect(document.mistakes).toEqual([
      {
        file: 't.yaml',
        line: 2,
        message: `Resources.It.Properties.${property}: expected a text, got {"Sub":"x"}: Sub is written Fn::Sub`,
      },
    ]);
    expect((await checked(resource('[x]'))).document.mistakes).toMatchObject([
      { message: expect.stringContaining('expected a text, got a list') },
    ]);
    expect((await checked(`Transform: Mine\n${resource('{ Sub: x }')}`)).document.mistakes).toEqual([]);
  });
});
