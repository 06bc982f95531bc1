import { expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

const SERVICE = "!Sub 'logs.${AWS::Region}.${AWS::URLSuffix}'";
const PATTERN = "!Sub 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*'";
const forgotten = (text: string) => KEY.replace(text, text.replace('!Sub ', ''));

it.each([
  ['a service principal', SERVICE, 'KEY_POLICY_MISSING_ACTIONS', '${AWS::Region}'],
  ['a condition', PATTERN, 'KEY_POLICY_UNCERTAIN', '${AWS::Partition}'],
])('%s of a key policy without !Sub is told to have it', async (_, text, code, variable) => {
  const { document } = await checked(`Resources:${forgotten(text)}${aGroup('!GetAtt Key.Arn')}`);

  expect(document.findings[0]?.reasons).toEqual([
    expect.objectContaining({
      code,
      message: expect.stringContaining(`a template variable was never rendered: ${variable}`),
      fix: `write !Sub before each text of the key policy of Key that contains ${variable}: only Fn::Sub replaces it`,
    }),
  ]);
  expect(await statuses(`Resources:${KEY}${aGroup('!GetAtt Key.Arn')}`)).toEqual({ Logs: 'COMPLIANT' });
});

it('a key policy in JSON without Fn::Sub is told to have it', async () => {
  const policy = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'logs.${AWS::Region}.amazonaws.com' },
      Action: '*',
      Resource: '*',
    },
  };
  const resources = {
    Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policy } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } } },
  };
  const { document } = await checked(JSON.stringify({ Resources: resources }), '', 't.json');

  expect(document.findings[0]?.reasons[0]?.fix).toBe(
    'write { "Fn::Sub": "…" } around each text of the key policy of Key that contains ${AWS::Region}: only Fn::Sub replaces it',
  );
});

it('a variable that the template has no value for is not told to have !Sub', async () => {
  const key = KEY.replace(PATTERN, "'arn:aws:logs:${Nothing}:*'");
  const { document } = await checked(`Resources:${key}${aGroup('!GetAtt Key.Arn')}`);

  expect(document.findings[0]?.reasons[0]?.message).toContain('a template variable was never rendered: ${Nothing}');
  expect(document.findings[0]?.reasons[0]?.fix).toContain('add this statement to the key policy of Key');
});
