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

describe('what a transform may add is not known', () => {
  const group = (more: string, key: string) =>
    `Resources:\n  Logs: { Type: AWS::Logs::LogGroup, ${more}Properties: { KmsKeyId: ${key} } }\n`;
  const mapped = '!FindInMap [Keys, eu-west-1, Arn]';
  const notKnown = (what: string) =>
    `whether the log group gets a KMS key is not known: what ${what} is cannot be seen in these files`;

  it.each([
    ['a mapping', `Mappings: { Fn::Transform: ${include} }\n`],
    ['a value of a mapping', `Mappings: { Keys: { Fn::Transform: ${include} } }\n`],
    ['a mapping by a macro', 'Transform: Mine\n'],
  ])('%s', async (_, head) => {
    const { document } = await checked(`${head}${group('', mapped)}`);

    expect(document).toMatchObject({
      mistakes: [],
      findings: [{ status: 'UNKNOWN', reasons: [{ message: notKnown('Fn::FindInMap Keys.eu-west-1.Arn') }] }],
    });
  });

  it.each([
    ['a condition', `Conditions: { Fn::Transform: ${include} }\n`],
    ['a condition by a macro', 'Transform: Mine\n'],
  ])('%s', async (_, head) => {
    const key = '!If [IsProd, !ImportValue key, alias/x]';
    const { document } = await checked(`${head}${group('', key)}`);

    expect(document).toMatchObject({
      mistakes: [],
      findings: [{ status: 'UNKNOWN', reasons: [{ fix: expect.stringContaining('--template-stage Processed') }] }],
    });
    expect(document.findings[0]?.reasons[0]?.message).toContain('it depends on the condition IsProd');
  });

  it('a condition of a log group, which is evaluated as it is where it is there', async () => {
    expect(await statuses(`Transform: Mine\n${group('Condition: IsProd, ', '!ImportValue key')}`)).toEqual({
      Logs: 'COMPLIANT',
    });
  });

  it.each([
    ['a mapping', 'Mappings: { Others: {} }\n', group('', mapped), 'Fn::FindInMap finds no Keys.eu-west-1.Arn'],
    ['a condition', '', group('Condition: IsProd, ', '!ImportValue key'), 'there is no condition IsProd'],
    [
      'a value of a mapping that the template has',
      'Transform: AWS::LanguageExtensions\nMappings: { Keys: { eu-west-1: {} } }\n',
      group('', mapped),
      'Fn::FindInMap finds no Keys.eu-west-1.Arn',
    ],
  ])('and %s that nothing can add is a mistake', async (_, head, resources, message) => {
    const { stderr, status } = await checked(`${head}${resources}`);

    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

it('a key that the template gives counts beside a macro', async () => {
  expect(await statuses(`Transform: Mine\nResources:${KEY}${aGroup('!GetAtt Key.Arn')}`)).toEqual({
    Logs: 'COMPLIANT',
  });
});
