import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

const HEAD = `
Parameters: { Stage: { Type: String } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsOther: !Not [!Condition IsProd]
Resources:`;
const PROD = '    Condition: IsProd\n';
const OTHER = '    Condition: IsOther\n';

describe('a key that has a condition', () => {
  const KEY_OF_PROD = KEY.replace('  Key:\n', `  Key:\n${PROD}`);
  const group = aGroup('!GetAtt Key.Arn');

  it.each([
    ['of its own, the same', PROD, '', 'COMPLIANT'],
    ['of its own, the opposite', OTHER, '', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
    ['of its own, the opposite', OTHER, '--parameter Stage=dev', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
    ['none', '', '', 'UNKNOWN KEY_UNDETERMINED'],
    ['none', '', '--parameter Stage=dev', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
    ['none', '', '--parameter Stage=prod', 'COMPLIANT'],
  ])('and a log group that has %s (%s%s): %s', async (_, condition, option, expected) => {
    expect(await statuses(`${HEAD}${KEY_OF_PROD}${group}${condition}`, option)).toEqual({ Logs: expected });
  });

  it('is said to be missing where the condition does not hold', async () => {
    const { document } = await checked(`${HEAD}${KEY_OF_PROD}${group}${OTHER}`);

    expect(document.findings[0]?.reasons[0]?.message).toContain(
      'Key, where AWS takes an ARN: Key is not there, since its condition IsProd does not hold',
    );
  });
});

describe('a function and its log group', () => {
  const A_FUNCTION = '\n  Api:\n    Type: AWS::Lambda::Function\n    Properties: { FunctionName: api }\n';
  const LOGS = `${KEY}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: /aws/lambda/api, KmsKeyId: !GetAtt Key.Arn }
`;

  it.each([
    ['exclude each other', PROD, OTHER, { Api: 'NON_COMPLIANT IMPLICIT_LOG_GROUP', Logs: 'COMPLIANT' }],
    ['have the same condition', PROD, PROD, { Logs: 'COMPLIANT' }],
    ['may be there both', '', PROD, { Api: 'UNKNOWN KEY_UNDETERMINED', Logs: 'COMPLIANT' }],
  ])('that %s', async (_, one, other, expected) => {
    expect(await statuses(`${HEAD}${A_FUNCTION}${one}${LOGS}${other}`)).toEqual(expected);
  });

  it('of which one may be missing say what settles it', async () => {
    const { document } = await checked(`${HEAD}${A_FUNCTION}${LOGS}${PROD}`);

    expect(document.findings.find(({ id }) => id === 'Api')?.reasons).toMatchObject([
      {
        message:
          'whether the Lambda function Api makes CloudWatch Logs create the log group /aws/lambda/api, without a key, is not known: it depends on Stage',
        fix: 'to settle it: --parameter Stage=VALUE',
      },
    ]);
  });

  it.each([
    ['prod', { Logs: 'COMPLIANT' }],
    ['dev', { Api: 'NON_COMPLIANT IMPLICIT_LOG_GROUP' }],
  ])('are settled by the parameter %s', async (stage, expected) => {
    const template = `${HEAD}${A_FUNCTION}${LOGS}${PROD}`;

    expect(await statuses(template, `--parameter Stage=${stage}`)).toEqual(expected);
  });

  it('of which the name depends on a condition are not known where one of the names is declared', async () => {
    const named = A_FUNCTION.replace('FunctionName: api', 'FunctionName: !If [IsProd, api, dev-api]');

    expect(await statuses(`${HEAD}${named}${LOGS}`)).toEqual({ Api: 'UNKNOWN KEY_UNDETERMINED', Logs: 'COMPLIANT' });
  });
});

describe('a key in a fix', () => {
  const group = aGroup('!Ref AWS::NoValue');
  const conditional = KEY.replace('  Key:\n', `  Key:\n${PROD}`);

  it.each([
    [
      'is there whenever the log group is',
      `${conditional}${group}${PROD}`,
      'write in the log group: KmsKeyId: !GetAtt Key.Arn',
    ],
    ['may be missing', `${conditional}${group}`, 'KmsKeyId: !GetAtt LogsKey.Arn'],
    ['is missing', `${conditional}${group}${OTHER}`, 'KmsKeyId: !GetAtt LogsKey.Arn'],
    [
      'may get another policy, that works as well',
      `${KEY.replace('          - Effect', "          - !If [IsProd, { Effect: Allow, Principal: '*', Action: kms:*, Resource: '*' }, !Ref AWS::NoValue]\n          - Effect")}${group}`,
      'write in the log group: KmsKeyId: !GetAtt Key.Arn',
    ],
    [
      'may get another policy, that does not work',
      `${KEY.replace('          - Effect', "          - !If [IsProd, { Effect: Deny, Principal: '*', Action: kms:*, Resource: '*' }, !Ref AWS::NoValue]\n          - Effect")}${group}`,
      'KmsKeyId: !GetAtt LogsKey.Arn',
    ],
  ])('that %s', async (_, resources, expected) => {
    const { document } = await checked(`${HEAD}${resources}`);

    expect(document.findings[0]?.reasons[0]?.fix).toContain(expected);
  });
});
