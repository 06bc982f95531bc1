import { describe, expect, it } from 'vitest';
import { checked, KEY, statuses } from './desk.ts';

const HEAD = `Parameters:
  Env: { Type: String, Default: dev }
  Taken2LogGroup: { Type: String, Default: x }
Mappings: { Names: { dev: { logs: /from/map } } }
Conditions: { A: !Equals [!Ref AWS::Region, x], B: !Not [!Condition A] }
Resources:${KEY}`;

/** What the fixes of a template declare, and what the template is once they are pasted into it. */
async function pasted(resources: string) {
  const { document } = await checked(HEAD + resources);
  const fixes = document.findings.flatMap(({ reasons }) => reasons.map(({ fix }) => fix.split('\n').slice(1)));
  const added = fixes.flat().map((line) => `  ${line}\n`);
  const after = await checked(HEAD + resources + added.join(''));
  return {
    names: fixes.map((lines) => /LogGroupName: (.*)/.exec(lines.join('\n'))?.[1]),
    ids: fixes.map(([first = '']) => first.replace(':', '')),
    notes: [...after.document.mistakes, ...after.document.warnings],
    statuses: new Set(after.document.findings.map(({ status }) => status)),
  };
}

const aFunction = (id: string, properties: string, condition = '') =>
  `\n  ${id}: { Type: AWS::Lambda::Function, ${condition}Properties: ${properties} }\n`;
const into = (name: string) => `{ LoggingConfig: { LogGroup: ${name} } }`;
const container = (name: string) =>
  `{ LogConfiguration: { Options: { awslogs-group: ${name}, awslogs-create-group: "true" } } }`;

describe('the name of the log group to declare', () => {
  it.each([
    ['a text with a parameter', aFunction('It', into('!Sub "/app/${Env}"')), ['!Sub /app/${Env}']],
    ['a reference', aFunction('It', into('!Ref Env')), ['!Ref Env']],
    ['an item of a mapping', aFunction('It', into('!FindInMap [Names, !Ref Env, logs]')), [undefined]],
    ['an export', aFunction('It', into('!ImportValue x')), [undefined]],
    [
      'a text with a part of an id',
      aFunction('It', into('!Sub ["/${Id}/${Env}", { Id: !Select [2, !Split ["/", !Ref AWS::StackId]] }]')),
      [undefined],
    ],
    [
      'that of a project',
      '\n  It: { Type: AWS::CodeBuild::Project, Properties: { Name: !Join ["-", [a, !Ref Env]] } }\n',
      ['!Sub /aws/codebuild/a-${Env}'],
    ],
    [
      'a dynamic reference',
      `\n  It: { Type: AWS::CodeBuild::Project, Properties: { Name: '{{resolve:ssm:/x}}' } }\n`,
      ['/aws/codebuild/{{resolve:ssm:/x}}'],
    ],
    [
      'that of a cluster, which the log group does not wait for',
      '\n  It: { Type: AWS::EKS::Cluster, Properties: { Name: !Sub "${Env}-x", Logging: { ClusterLogging: { EnabledTypes: [api] } } } }\n',
      ['!Sub /aws/eks/${Env}-x/cluster'],
    ],
    [
      'those of a task',
      `\n  It: { Type: AWS::ECS::TaskDefinition, Properties: { ContainerDefinitions: [${container('!Sub "/${Env}/a"')}, ${container('/b')}] } }\n`,
      ['!Sub /${Env}/a', '/b'],
    ],
  ])('is %s, as the template may write it', async (_, resources, names) => {
    expect(await pasted(resources)).toMatchObject({ names, notes: [], statuses: new Set(['COMPLIANT']) });
  });

  it('is told in words where it cannot be written', async () => {
    const [one, two] = ['A', 'B'].map((id) => aFunction(id, into('!ImportValue x'), `Condition: ${id}, `));
    const { document } = await checked(`${HEAD}${one}${two}`);

    expect(document.findings[0]?.reasons[0]?.fix).toMatch(/^declare a log group of this name, and .*!GetAtt Key\.Arn$/);
  });
});

it('a logical id is neither that of a parameter nor given twice', async () => {
  const { ids, notes } = await pasted(`
  Taken: { Type: AWS::Lambda::Function, Properties: { FunctionName: a } }
  Taken2: { Type: AWS::Lambda::Function, Properties: { FunctionName: b } }
  TakenLogGroup: { Type: AWS::S3::Bucket }
`);

  expect(ids).toEqual(['TakenLogGroup2', 'Taken2LogGroup2']);
  expect(notes).toEqual([]);
});

describe('the exported logs of a database', () => {
  const database = (identifier: string) =>
    `\n  Db: { Type: AWS::RDS::DBInstance, Properties: { DBInstanceIdentifier: ${identifier}, EnableCloudwatchLogsExports: [error] } }\n`;

  it.each([
    ['!Sub "${Env}-DB"', '/aws/rds/instance/dev-db/error'],
    ['!Sub "${AWS::StackName}-DB"', '!Sub /aws/rds/instance/${AWS::StackName}-db/error'],
    ['!Sub "${Env}-db"', '!Sub /aws/rds/instance/${Env}-db/error'],
  ])('are below its identifier in lower case: %s', async (identifier, name) => {
    expect(await pasted(database(identifier))).toMatchObject({ names: [name], statuses: new Set(['COMPLIANT']) });
  });

  it('are not in a log group whose name has the capitals of the identifier', async () => {
    const other = '  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /aws/rds/instance/DB/error } }\n';

    expect(await statuses(`Resources:${database('DB')}${other}`)).toMatchObject({
      Db: 'NON_COMPLIANT IMPLICIT_LOG_GROUP',
    });
  });
});

describe('a log group that several resources make CloudWatch Logs create', () => {
  const api = '{ FunctionName: api }';

  it('has one declaration, under no condition, where they have different ones', async () => {
    const { document } = await checked(
      HEAD + aFunction('One', api, 'Condition: A, ') + aFunction('Two', api, 'Condition: B, '),
    );

    expect(document.findings).toHaveLength(1);
    expect(document.findings[0]?.reasons[0]?.fix).toBe(`declare the log group:
OneLogGroup:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/lambda/api
    KmsKeyId: !GetAtt Key.Arn`);
  });

  it('has its finding at the one that is always there', async () => {
    const { document } = await checked(HEAD + aFunction('One', api, 'Condition: A, ') + aFunction('Two', api));

    expect(document.findings.map(({ id }) => id)).toEqual(['Two']);
  });
});

describe('fields in the place of a text', () => {
  const aTemplate = (type: string, properties: string) =>
    `Resources:\n  It: { Type: ${type}, Properties: ${properties} }\n`;

  it.each([
    ['AWS::Logs::LogGroup', 'KmsKeyId', '{ Arn: x }', 'got {"Arn":"x"}'],
    ['AWS::Lambda::Function', 'FunctionName', '{ Name: x }', 'got {"Name":"x"}'],
    ['AWS::KMS::Key', 'KeySpec', '[a]', 'got a list'],
  ])('of %s are a mistake: %s: %s', async (type, property, value, message) => {
    const template = `${aTemplate(type, `{ ${property}: ${value} }`)}  Good: { Type: AWS::Logs::LogGroup }\n`;
    const { document, stderr, status } = await checked(template);

    expect(status).toBe(2);
    expect(stderr).toContain(`t.yaml:2: Resources.It.Properties.${property}: expected a text, ${message}`);
    expect(document.findings.map(({ id }) => id)).toEqual(['Good']);
  });

  it('are not known where a macro may make a text of them', async () => {
    const { document } = await checked(
      `Transform: Mine\n${aTemplate('AWS::Logs::LogGroup', '{ LogGroupName: { Mine: x } }')}`,
    );

    expect(document).toMatchObject({ mistakes: [], findings: [{ id: 'It', name: null }] });
  });
});

describe('what stands in the place of a resource', () => {
  it.each([
    ['It', '!Rain::Module x', 'Fn::Rain::Module is no function of CloudFormation, but of another tool'],
    ['It', '{ "Fn::Transform": { Name: Mine } }', 'Fn::Transform makes it'],
    ['It', '{ Type: { Ref: T } }', 'its Type is an expression'],
    [
      'Fn::ForEach::It',
      '[App, !Ref Apps, {}]',
      'the list of Fn::ForEach is not known (--parameter NAME=VALUE gives the list of a parameter), or is too long',
    ],
    ['Fn::Transform', '[{ Name: Mine }]', 'what a macro puts there is not known'],
  ])('is not evaluated, and the warning says why: %s: %s', async (id, resource, why) => {
    const head = 'Transform: AWS::LanguageExtensions\nParameters: { Apps: { Type: CommaDelimitedList } }\n';
    const { document } = await checked(`${head}Resources:\n  ${id}: ${resource}\n  L: { Type: AWS::Logs::LogGroup }\n`);

    expect(document.warnings).toEqual([
      {
        file: 't.yaml',
        line: 4,
        message: `${id} is not evaluated, since ${why}: the resources that it adds are not seen`,
      },
    ]);
  });

  it('may be the output of a product of AWS::ServiceCatalog, which is not known', async () => {
    const key = '[[servicecatalog:provisionedproduct:Keys:LogsKeyArn]]';
    const group = `{ Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: '${key}' } }`;
    const { document } = await checked(`Transform: AWS::ServiceCatalog\nResources:\n  Logs: ${group}\n`);

    expect(document).toMatchObject({
      warnings: [],
      findings: [{ status: 'COMPLIANT', warnings: [{ code: 'KEY_POLICY_UNREADABLE' }] }],
    });
  });
});
