import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY } from './desk.ts';

const MACRO = 'Transform: Mine\n';
const SAM = 'Transform: AWS::Serverless-2016-10-31\n';

describe('what CloudFormation refuses is a mistake', () => {
  it.each([
    [
      'a log group outside of Resources',
      'A: { Type: AWS::Logs::LogGroup }',
      'A is not a section of a template, so CloudFormation refuses it: indent it, so that it stands below Resources',
    ],
    [
      'a section in other letters',
      'outputs: {}',
      'outputs is not a section of a template, so CloudFormation refuses it: write Outputs',
    ],
    [
      'a section without its s',
      'Parameter: {}',
      'Parameter is not a section of a template, so CloudFormation refuses it: write Parameters',
    ],
    [
      'a place for anchors',
      'X: &x {}',
      'X is not a section of a template, so CloudFormation refuses it: move it into Metadata, or remove it',
    ],
    [
      "SAM's globals without SAM",
      'Globals: {}',
      'Globals is not a section of a template, so CloudFormation refuses it: write Transform: AWS::Serverless-2016-10-31, which takes it',
    ],
  ])('%s', async (_, field, message) => {
    const template = `Resources:${aGroup('!GetAtt Key.Arn')}${KEY}`;
    const { status, document } = await checked(`${template}${field}\n`);

    expect(status).toBe(2);
    expect(document.mistakes).toEqual([{ file: 't.yaml', line: template.split('\n').length, message }]);
    expect(document.findings).toMatchObject([{ id: 'Logs', status: 'COMPLIANT' }]);
    expect((await checked(`${MACRO}${template}${field}\n`)).document.mistakes).toEqual([]);
  });

  it.each([
    'AWS::Logs::LogGroup',
    'AWS::KMS::Key',
    'AWS::KMS::Alias',
    'AWS::KMS::ReplicaKey',
    'AWS::Lambda::Function',
    'AWS::Serverless::Function',
  ])('the type %s in other letters', async (type) => {
    const written = type.replace(/\w+$/, (name) => name.toLowerCase());
    const resources = `Resources:\n  A: { Type: '${written}' }\n`;

    expect((await checked(resources)).document.mistakes).toEqual([
      { file: 't.yaml', line: 2, message: `Resources.A: CloudFormation has no type ${written}: write ${type}` },
    ]);
    expect((await checked(MACRO + resources)).document.mistakes).toEqual([]);
  });

  it.each([
    [
      'Properties: { KMSKeyId: k }',
      'KMSKeyId is not a property of AWS::Logs::LogGroup',
      'write KmsKeyId in the place of KMSKeyId',
    ],
    [
      'Properties: { KmsKeyArn: k }',
      'KmsKeyArn is not a property of AWS::Logs::LogGroup',
      'write KmsKeyId in the place of KmsKeyArn',
    ],
    [
      'Properties: { kmsKeyId: k }',
      'kmsKeyId is not a property of AWS::Logs::LogGroup',
      'write KmsKeyId in the place of kmsKeyId',
    ],
    [
      'Properties: { EncryptionKey: k }',
      'EncryptionKey is not a property of AWS::Logs::LogGroup',
      'write KmsKeyId in the place of EncryptionKey',
    ],
    ['KmsKeyId: k', 'KmsKeyId stands outside of Properties', 'write KmsKeyId below Properties'],
  ])('a key in the wrong place: %s', async (written, wrong, fix) => {
    const template = `Resources:\n  Logs: { Type: AWS::Logs::LogGroup, ${written} }\n`;
    const { status, document } = await checked(template);

    expect(status).toBe(2);
    expect(document.mistakes).toEqual([
      { file: 't.yaml', line: 2, message: `Resources.Logs: ${wrong}, so CloudFormation refuses it: ${fix}` },
    ]);
    expect(document.findings).toMatchObject([
      { reasons: [{ code: 'NO_KEY', message: `the log group has no KMS key (${wrong})`, fix }] },
    ]);
    expect((await checked(MACRO + template)).document.mistakes).toEqual([]);
  });

  it('a key in the wrong place beside one in the right place', async () => {
    const group = aGroup('!GetAtt Key.Arn').replace('KmsKeyId', 'KMSKeyId: x\n      KmsKeyId');
    const { document } = await checked(`Resources:${KEY}${group}`);

    expect(document.findings).toMatchObject([{ status: 'COMPLIANT' }]);
    expect(document.mistakes).toMatchObject([{ message: expect.stringContaining('KMSKeyId is not a property') }]);
  });
});

it.each([
  'AWSTemplateFormatVersion: 2010-09-09\nDescription: d\nMetadata: {}\nParameters: {}\nRules: {}\nMappings: {}\nConditions: {}\nOutputs: {}\nHooks: {}\n',
  `${SAM}Globals: {}\n`,
  'Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://b/k } }\n',
  'Modules: {}\nConstants: {}\nPackages: {}\nRain: {}\n',
])('the sections %s are taken', async (sections) => {
  const { status, document } = await checked(`${sections}Resources:${KEY}${aGroup('!GetAtt Key.Arn')}`);

  expect(status).toBe(0);
  expect(document.mistakes).toEqual([]);
});
