import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

/** A log group whose key comes from a parameter, if that is given. */
function optional(parameter: string): string {
  return `
Parameters: { KeyArn: ${parameter} }
Conditions: { HasKey: !Not [!Equals [!Ref KeyArn, '']] }
Resources:${aGroup('!If [HasKey, !Ref KeyArn, !Ref AWS::NoValue]')}`;
}
const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('a key by an optional parameter', () => {
  it('without a default is not known, and the option that settles it is named', async () => {
    const { document } = await checked(optional('{ Type: String }'));

    expect(document.findings).toMatchObject([
      {
        ...{ status: 'UNKNOWN', severity: 'MEDIUM', key: null, verdict: null },
        reasons: [
          {
            code: 'KEY_UNDETERMINED',
            message: 'whether the log group gets a KMS key is not known: it depends on KeyArn',
            fix: 'to settle it: --parameter KeyArn=VALUE',
          },
        ],
      },
    ]);
  });

  it.each([
    ["{ Type: String, Default: '' }", '', 'NON_COMPLIANT NO_KEY'],
    [`{ Type: String, Default: '${ARN}' }`, '', 'COMPLIANT'],
    [`{ Type: String, Default: '${ARN}' }`, '--parameter KeyArn=', 'NON_COMPLIANT NO_KEY'],
    ['{ Type: String }', `--parameter KeyArn=${ARN}`, 'COMPLIANT'],
    ['{ Type: String }', '--parameter KeyArn=', 'NON_COMPLIANT NO_KEY'],
    ['{ Type: String }', '--parameter KeyArn=alias/x', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
  ])('%s with "%s" is %s', async (parameter, option, expected) => {
    expect(await statuses(optional(parameter), option)).toEqual({ Logs: expected });
  });

  it('that its default leaves out says which condition does, and which parameter gives the key', async () => {
    const { document } = await checked(optional("{ Type: String, Default: '' }"));

    expect(document.findings[0]?.reasons).toMatchObject([
      {
        message: expect.stringContaining(
          '(with these parameters the condition HasKey is false, so that Fn::If leaves KmsKeyId out; to check other values: --parameter NAME=VALUE)',
        ),
        fix: 'deploy with the ARN of a key as KeyArn: --parameter KeyArn=ARN checks it',
      },
    ]);
  });
});

describe('a key by a condition that does not hold', () => {
  const template = (condition: string, key: string) =>
    `Parameters: { Env: { Type: String, Default: dev }, Arn: { Type: String, Default: x } }
Conditions: { C: ${condition} }\nResources:${KEY}${aGroup(key)}`;
  const IF_C = '!If [C, !GetAtt Key.Arn, !Ref AWS::NoValue]';

  it.each([
    ['!Equals [!Ref Env, prod]', IF_C, 'true (deploy with Env=prod: --parameter Env=prod checks it)'],
    ['!Equals [prod, !Ref Env]', IF_C, 'true (deploy with Env=prod: --parameter Env=prod checks it)'],
    ['!Not [!Equals [!Ref Env, dev]]', IF_C, 'true'],
    ['!Equals [!Ref Env, dev]', '!If [C, !Ref AWS::NoValue, !GetAtt Key.Arn]', 'false'],
    [
      '!Equals [!Ref Env, prod]',
      '!If [C, !Ref Arn, !Ref AWS::NoValue]',
      'true (deploy with Env=prod: --parameter Env=prod checks it)',
    ],
  ])('says how it would hold: %s, %s', async (condition, key, how) => {
    const { document } = await checked(template(condition, key));

    expect(document.findings).toMatchObject([
      {
        status: 'NON_COMPLIANT',
        reasons: [
          { code: 'NO_KEY', fix: `make the condition C ${how}, or name a key in the other branch of its Fn::If` },
        ],
      },
    ]);
  });

  it('is compliant with what the fix names', async () => {
    const command = template('!Equals [!Ref Env, prod]', IF_C);

    expect(await statuses(command, '--parameter Env=prod')).toEqual({ Logs: 'COMPLIANT' });
  });

  it('is to be added where no branch names one', async () => {
    const { document } = await checked(
      template('!Equals [!Ref Env, prod]', '!If [C, !Ref AWS::NoValue, !Ref AWS::NoValue]'),
    );

    expect(document.findings[0]?.reasons[0]?.fix).toBe('write in the log group: KmsKeyId: !GetAtt Key.Arn');
  });
});

describe('where a condition is open', () => {
  const PARAMETERS = `
Parameters: { Existing: { Type: String }, Stage: { Type: String }, Admin: { Type: String } }
Conditions:
  Creates: !Equals [!Ref Existing, '']
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [!Ref Stage, dev]
  HasAdmin: !Not [!Equals [!Ref Admin, '']]
  IsHere: !Equals [!Ref AWS::Region, us-east-1]
`;
  const whole = (resources: string) => `${PARAMETERS}Resources:${resources}`;

  it.each([
    ['both branches have a good key', '!If [Creates, !GetAtt Key.Arn, !Ref Existing]', 'COMPLIANT'],
    ['both branches have none', '!If [Creates, !Ref AWS::NoValue, !Ref AWS::NoValue]', 'NON_COMPLIANT NO_KEY'],
    ['one branch has none', '!If [Creates, !GetAtt Key.Arn, !Ref AWS::NoValue]', 'UNKNOWN KEY_UNDETERMINED'],
    ['one branch has a wrong key', '!If [Creates, !Ref Key, !Ref Existing]', 'UNKNOWN KEY_UNDETERMINED'],
    [
      'it is one branch of two that exclude each other',
      '!If [IsProd, !If [IsDev, !Ref AWS::NoValue, !GetAtt Key.Arn], !GetAtt Key.Arn]',
      'COMPLIANT',
    ],
    ['the Region decides', '!If [IsHere, !GetAtt Key.Arn, !Ref AWS::NoValue]', 'UNKNOWN KEY_UNDETERMINED'],
  ])('and %s', async (_, key, expected) => {
    expect(await statuses(whole(`${KEY}${aGroup(key)}`))).toEqual({ Logs: expected });
  });

  it.each([
    ['us-east-1', 'COMPLIANT'],
    ['eu-west-1', 'NON_COMPLIANT NO_KEY'],
  ])('--region %s settles it', async (region, expected) => {
    const template = whole(`${KEY}${aGroup('!If [IsHere, !GetAtt Key.Arn, !Ref AWS::NoValue]')}`);

    expect(await statuses(template, `--region ${region}`)).toEqual({ Logs: expected });
  });

  it('a log group is evaluated as it is where it is there', async () => {
    const template = whole(
      `${KEY}${aGroup('!If [Creates, !GetAtt Key.Arn, !Ref AWS::NoValue]')}    Condition: Creates\n`,
    );

    expect(await statuses(template)).toEqual({ Logs: 'COMPLIANT' });
  });

  it('a log group that is never there has no finding', async () => {
    const template = `Conditions: { Never: !Equals [a, b] }\nResources:${aGroup('!Ref AWS::NoValue')}    Condition: Never\n`;

    expect(await statuses(template)).toEqual({});
  });

  it('a part of the policy that changes nothing for CloudWatch Logs leaves the log group compliant', async () => {
    const admin = `
          - !If
            - HasAdmin
            - { Effect: Allow, Principal: { AWS: !Ref Admin }, Action: 'kms:*', Resource: '*' }
            - !Ref AWS::NoValue
`;

    expect(await statuses(whole(`${KEY.trimEnd()}${admin}${aGroup('!GetAtt Key.Arn')}`))).toEqual({
      Logs: 'COMPLIANT',
    });
  });

  it('the statement for CloudWatch Logs may be what is open', async () => {
    const logs = `
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - !If
            - IsProd
            - { Effect: Allow, Principal: { Service: logs.amazonaws.com }, Action: 'kms:*', Resource: '*' }
            - { Effect: Allow, Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' }
`;

    expect(await statuses(whole(`${logs}${aGroup('!GetAtt Key.Arn')}`))).toEqual({
      Logs: 'UNKNOWN KEY_POLICY_UNCERTAIN',
    });
  });

  describe('too many open conditions', () => {
    const NAMES = Array.from({ length: 40 }, (_, index) => `P${index}`);
    const OPEN = `
Parameters: { ${NAMES.map((name) => `${name}: { Type: String }`).join(', ')} }
Conditions: { ${NAMES.map((name) => `Is${name}: !Equals [!Ref ${name}, x]`).join(', ')} }
Resources:`;
    /** One value in the outermost branch, and another one in all that are nested in it. */
    const nested = (depth: number, outermost: string, inner: string) =>
      NAMES.slice(0, depth).reduce(
        (value, name, index) => `!If [Is${name}, ${index === depth - 1 ? outermost : inner}, ${value}]`,
        inner,
      );

    it.each([5, 31, 32, 40])('for one log group leave its key open: %i in each other', async (depth) => {
      const key = nested(depth, '!Ref AWS::NoValue', '!GetAtt Key.Arn');

      expect(await statuses(`${OPEN}${KEY}${aGroup(key)}`)).toEqual({ Logs: 'UNKNOWN KEY_UNDETERMINED' });
    });

    it('for one function leave its log group open', async () => {
      const name = nested(40, 'declared', 'api');
      const template = `${OPEN}${KEY}
  Api: { Type: AWS::Lambda::Function, Properties: { FunctionName: ${name} } }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /aws/lambda/declared, KmsKeyId: !GetAtt Key.Arn } }
`;

      expect(await statuses(template)).toEqual({ Logs: 'COMPLIANT', Api: 'UNKNOWN KEY_UNDETERMINED' });
    });
  });
});
