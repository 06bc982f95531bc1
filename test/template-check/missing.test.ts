import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

describe('a key by a reference to nothing', () => {
  it.each([
    ['!GetAtt Kk.Arn', 'Kk'],
    ['!GetAtt 5', '5'],
    ['!Ref Kk', 'Kk'],
    ["!Sub 'arn:aws:kms:eu-west-1:111122223333:key/${Kk}'", 'Kk'],
  ])('%s is a mistake in the template', async (key, name) => {
    const { document, status, stderr } = await checked(
      `Resources:${KEY}${aGroup(key)}${aGroup('!GetAtt Key.Arn', 'Good')}`,
    );

    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`t.yaml:\\d+: Resources.Logs.*: there is no parameter or resource ${name}\n`));
    expect(document.findings).toMatchObject([{ id: 'Good', status: 'COMPLIANT' }]);
  });

  it('is not known where a macro may add the resource', async () => {
    const { document, status } = await checked(`Transform: Mine\nResources:${aGroup('!GetAtt Kk.Arn')}`);

    expect(status).not.toBe(2);
    expect(document.findings).toMatchObject([
      {
        status: 'UNKNOWN',
        reasons: [
          {
            code: 'KEY_UNDETERMINED',
            message: 'whether the log group gets a KMS key is not known: what Kk.Arn is cannot be seen in these files',
          },
        ],
      },
    ]);
  });
});

describe('a key by what is no key', () => {
  it('is refused where the resource is another one', async () => {
    const { document } = await checked(
      `Resources:${KEY}${aGroup('!GetAtt Key.Arn', 'Other')}${aGroup('!GetAtt Other.Arn')}`,
    );

    expect(document.findings[1]).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [
        {
          code: 'KEY_NOT_AN_ARN',
          message: 'the log group names its key by Other.Arn, where AWS takes an ARN: Other is not a KMS key',
        },
      ],
    });
  });

  it.each(['!Bogus x', '{ Fn::Transform: { Name: Mine } }'])('is not known where it is %s', async (key) => {
    expect(await statuses(`Resources:${aGroup(key)}`)).toEqual({ Logs: 'UNKNOWN KEY_UNDETERMINED' });
  });

  it.each([
    ['Custom::Key', '!GetAtt Made.Arn'],
    ['AWS::SSM::Parameter', '!GetAtt Made.Value'],
    ['AWS::CloudFormation::CustomResource', '!Ref Made'],
  ])('a key from %s lies outside', async (type, key) => {
    const made = `\n  Made: { Type: '${type}', Properties: {} }\n`;

    expect(await statuses(`Resources:${made}${aGroup(key)}`)).toEqual({ Logs: 'COMPLIANT' });
  });
});

it('the property that gives a name settles what depends on it', async () => {
  const key = KEY.replace("${AWS::AccountId}:*'", "${AWS::AccountId}:log-group:app-*'");
  const group = '\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !GetAtt Key.Arn } }\n';
  const { document } = await checked(`Resources:${key}${group}`);

  expect(document.findings[0]?.reasons).toMatchObject([
    { code: 'KEY_POLICY_UNCERTAIN', fix: expect.stringContaining('LogGroupName of Logs in the template') },
  ]);
});

it.each([
  [
    'an import',
    "Fn::Sub: ['/app/${It}', { It: !ImportValue names }]",
    'the value of the export names (aws cloudformation list-exports)',
  ],
  [
    'a dynamic reference',
    "Fn::Sub: '/app/{{resolve:ssm:/names/logs}}'",
    'the value of ssm:/names/logs, in the place of the reference',
  ],
  [
    'an output of a nested stack',
    "Fn::Sub: '/app/${Nested.Outputs.Name}'",
    'the template of Nested as a file here, or the output Name of its stack (aws cloudformation describe-stacks)',
  ],
  [
    'a stored parameter',
    "Fn::Sub: '/app/${Stored}'",
    '--parameter Stored=VALUE, the value of /names/stored (aws ssm get-parameter)',
  ],
  [
    'the name of the stack',
    "Fn::Sub: '/app/${AWS::StackName}'",
    'the name of the stack, in the place of AWS::StackName',
  ],
  ['what AWS makes up', "Fn::Sub: '/app/${Nested}'", 'logseal scan after the deployment, which makes the value'],
])('what settles a name with %s is said', async (_, name, settledBy) => {
  const { document } = await checked(`
Parameters: { Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /names/stored } }
Resources:
  Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: https://example.com/x.yaml } }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: { ${name} }, KmsKeyId: !GetAtt Key.Arn } }
${KEY.replace("${AWS::AccountId}:*'", "${AWS::AccountId}:log-group:/app/x*'")}`);

  expect(document.findings[0]?.reasons).toMatchObject([
    { code: 'KEY_POLICY_UNCERTAIN', fix: `to settle it: ${settledBy}` },
  ]);
});

it('an empty file is said to be one', async () => {
  expect((await checked(' \n')).stderr).toContain('got an empty file');
});
