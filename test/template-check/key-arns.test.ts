import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, checked, KEY, statuses } from './desk.ts';

const COMPLIANT = 'COMPLIANT';
const NOT_AN_ARN = 'NON_COMPLIANT KEY_NOT_AN_ARN';
const ARN = 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}';

describe('a text of which a part is not known, in the place of a key', () => {
  const template = (key: string) => `
Parameters: { Id: { Type: String }, Place: { Type: String } }
Resources:${KEY}
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: !Sub 'alias/\${AWS::StackName}', TargetKeyId: !Ref Key } }
  Bucket: { Type: AWS::S3::Bucket }${aGroup(`!Sub '${key}'`)}`;

  it.each([
    `${ARN}:key/\${Key}`,
    `${ARN}:\${Alias}`,
    `${ARN}:\${Id}`,
    `${ARN}:key/\${Id}`,
    `${ARN}:key/mrk-\${Id}`,
    `${ARN}:key\${Id}`,
    `${ARN}:alias/\${Id}`,
    `${ARN}:alias/\${AWS::StackName}-\${Id}`,
    'arn:aws:kms:${Place}:key/${Id}',
    'arn:aws:${Place}/${Id}',
    '${Place}:key/${Id}',
    '${Place}${Id}',
  ])('may be an ARN: %s', async (key) => {
    expect(await statuses(template(key))).toEqual({ Logs: COMPLIANT });
  });

  it.each([
    `${ARN}:\${Key}`,
    `${ARN}:key/\${Alias}`,
    `${ARN}:alias/\${Alias}`,
    `${ARN}:key/\${Key}/x`,
    `${ARN}:key/\${Key.Arn}`,
    `${ARN}:keys/\${Id}`,
    'arn:aws:kms:${AWS::Region}:key/${Id}',
    'arn:aws:s3:::${Bucket}',
    'arn:aws:s3:::${Id}',
    '${Key.Arn}/x',
    '${Bucket.Arn}/${Id}',
    '${Id}:x',
    '${AWS::StackName}',
  ])('is certainly none: %s', async (key) => {
    expect(await statuses(template(key))).toEqual({ Logs: NOT_AN_ARN });
  });

  it('has the attribute to write where it refers to a key', async () => {
    const { document } = await checked(template(`${ARN}:\${Key}`));

    expect(document.findings[0]?.reasons).toMatchObject([
      {
        message: expect.stringContaining('names its key by arn:aws:kms:${AWS::Region}:${AWS::AccountId}:${Key}'),
        fix: 'write in the log group: KmsKeyId: !GetAtt Key.Arn',
      },
    ]);
  });

  it('that a function makes of a parameter is no parameter', async () => {
    const { document } = await checked(
      `Parameters: { Keys: { Type: CommaDelimitedList } }\nResources:${aGroup('!Select [0, !Ref Keys]')}`,
    );

    expect(document.findings[0]?.warnings).toMatchObject([
      { message: expect.stringContaining('the key is Fn::Select 0 of ${Keys}, which lies outside') },
    ]);
  });
});

it('of two aliases with one name, that counts which is there', async () => {
  const template = (stage: string) => `
Conditions: { P: !Equals [${stage}, prod], D: !Not [!Condition P] }
Resources:${KEY}
  Bare: { Type: AWS::KMS::Key }
  A1: { Type: AWS::KMS::Alias, Condition: P, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Bare } }
  A2: { Type: AWS::KMS::Alias, Condition: D, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Key } }
${aGroup(`!Sub '${ARN}:alias/logs'`)}`;

  expect(await statuses(template('prod'))).toEqual({ Logs: 'NON_COMPLIANT KEY_POLICY_MISSING_ACTIONS' });
  expect(await statuses(template('dev'))).toEqual({ Logs: COMPLIANT });
});

it('a key of a nested stack that is not there is told with that stack', async () => {
  const desk = await aTemplateDesk({
    'main.yaml': `Conditions: { IsProd: !Equals [dev, prod] }
Resources:
  Keys: { Type: AWS::CloudFormation::Stack, Condition: IsProd, Properties: { TemplateURL: keys.yaml } }
${aGroup('!GetAtt Keys.Outputs.Arn')}`,
    'keys.yaml': `Resources:${KEY}\nOutputs: { Arn: { Value: !GetAtt Key.Arn } }\n`,
  });
  const { document } = await desk.check('main.yaml');

  expect(document.findings[0]?.reasons).toMatchObject([
    {
      code: 'KEY_NOT_AN_ARN',
      message: expect.stringContaining('Key is not there, since the nested stack Keys is not there'),
      fix: 'write in the log group: KmsKeyId with the ARN of a key that is there without the nested stack Keys',
    },
  ]);
});
