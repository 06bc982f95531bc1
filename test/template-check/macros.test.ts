import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

const GROUP = '\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /app } }\n';
const include = '{ Name: AWS::Include, Parameters: { Location: s3://bucket/part.yaml } }';

describe('a log group without a key', () => {
  it.each([
    ['of the whole template', `Transform: [Mine, AWS::LanguageExtensions]\nResources:${GROUP}`, 'Mine'],
    [
      'in its properties',
      `Resources:\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { Fn::Transform: ${include} } }\n`,
      'AWS::Include',
    ],
    [
      'beside its properties',
      'Resources:\n  Logs: { Type: AWS::Logs::LogGroup, Properties: {}, Fn::Transform: { Name: Mine } }\n',
      'Mine',
    ],
  ])('is not known where a macro %s may add one', async (_, template, macro) => {
    const { document } = await checked(template);

    expect(document.findings).toMatchObject([
      {
        status: 'UNKNOWN',
        reasons: [
          {
            code: 'KEY_UNDETERMINED',
            message: `whether the log group gets a KMS key is not known: the macro ${macro} may add KmsKeyId`,
            fix: expect.stringContaining('--template-stage Processed'),
          },
        ],
      },
    ]);
  });

  it.each(['AWS::Serverless-2016-10-31', 'AWS::LanguageExtensions', 'AWS::SecretsManager-2020-07-23', include])(
    'has none where %s transforms the template',
    async (transform) => {
      expect(await statuses(`Transform: ${transform}\nResources:${GROUP}`)).toEqual({ Logs: 'NON_COMPLIANT NO_KEY' });
    },
  );
});

describe('the log group of a function', () => {
  const api = '\n  Api: { Type: AWS::Lambda::Function, Properties: { FunctionName: api } }\n';

  it.each([
    ['the macro Mine', `Transform: Mine\nResources:${api}`],
    ['the module My::Logs::Group::MODULE', `Resources:${api}  M: { Type: My::Logs::Group::MODULE }\n`],
    [
      'Fn::ForEach::Logs',
      `Transform: AWS::LanguageExtensions\nParameters: { Apps: { Type: CommaDelimitedList } }\nResources:${api}  Fn::ForEach::Logs: [App, !Ref Apps, {}]\n`,
    ],
    ['Fn::Transform', `Resources:${api}  Fn::Transform: ${include}\n`],
  ])('is not known where %s may declare it', async (adder, template) => {
    const { document } = await checked(template);

    expect(document.findings).toMatchObject([
      {
        status: 'UNKNOWN',
        reasons: [
          { code: 'KEY_UNDETERMINED', message: expect.stringContaining(`is not known: ${adder} may declare it`) },
        ],
      },
    ]);
  });

  it('is implicit below the transforms of AWS', async () => {
    expect(await statuses(`Transform: AWS::Serverless-2016-10-31\nResources:${api}`)).toEqual({
      Api: 'NON_COMPLIANT IMPLICIT_LOG_GROUP',
    });
  });
});

it('a key that the template gives counts beside a macro', async () => {
  expect(await statuses(`Transform: Mine\nResources:${KEY}${aGroup('!GetAtt Key.Arn')}`)).toEqual({
    Logs: 'COMPLIANT',
  });
});
