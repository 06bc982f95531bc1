import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { remoteConfigMistake } from '../../lib/config/config-source.ts';
import { propertiesOf, resources, TEMPLATE } from './resources.ts';

const [, pattern = ''] = /^ {2}ConfigUri:$[\s\S]*?AllowedPattern: (.*)$/m.exec(readFileSync(TEMPLATE, 'utf8')) ?? [];
const SSM = 'arn:aws:ssm:eu-west-1:111122223333:parameter';

it.each([
  'ssm:logseal',
  'ssm:/logseal/config.yaml',
  's3://a-bucket/config.yaml',
  's3://a-bucket/deep/er/config-1.json',
])('the template takes the ConfigUri %s, and the functions read it', (uri) => {
  expect(new RegExp(pattern).test(uri)).toBe(true);
  expect(remoteConfigMistake(uri)).toBeUndefined();
  expect(propertiesOf('ScanFunction', { ConfigUri: uri })['Environment'].Variables['LOGSEAL_CONFIG_URI']).toBe(uri);
  expect(propertiesOf('RemediateFunction', { ConfigUri: uri })['Environment'].Variables['LOGSEAL_CONFIG_URI']).toBe(
    uri,
  );
});

it.each([
  'logseal.yaml',
  'ssm:',
  'ssm:logs*',
  'ssm:logseal:3',
  'ssm:/logseal//config',
  's3://a-bucket',
  's3://a-bucket/*',
  's3://a-bucket/all?',
  's3://*/config.yaml',
])('the template refuses the ConfigUri %s: a right would be wider than one file, or about none', (uri) => {
  expect(new RegExp(pattern).test(uri)).toBe(false);
});

it('without ConfigUri there is no right for it, no alarm, and the functions have no file', () => {
  const ids = [...resources().keys()];
  expect(new RegExp(pattern).test('')).toBe(true);
  for (const id of ['ConfigRights', 'KeyRuleRights', 'ConfigUnreadableAlarm']) expect(ids).not.toContain(id);
  expect(propertiesOf('ScanFunction')['Environment'].Variables['LOGSEAL_CONFIG_URI']).toBe('');
});

it('with it the roles stay as they are, and two policies are added', () => {
  for (const role of ['ScanRole', 'RemediateRole']) {
    expect(propertiesOf(role, { ConfigUri: 'ssm:logseal' })).toEqual(propertiesOf(role));
  }
  const roles = (id: string) => propertiesOf(id, { ConfigUri: 'ssm:logseal' })['Roles'];
  expect(roles('ConfigRights')).toEqual(['logseal-ScanRole', 'logseal-RemediateRole']);
  expect(roles('KeyRuleRights')).toEqual(['logseal-RemediateRole']);
});

const statement = (policy: string, sid: string, parameters: Record<string, string>) =>
  propertiesOf(policy, parameters)['PolicyDocument'].Statement.find(({ Sid }: { Sid: string }) => Sid === sid);

it.each([
  ['ssm:logseal', `${SSM}/logseal`],
  ['ssm:/logseal/config', `${SSM}/logseal/config`],
])('of %s that parameter alone may be read, and decrypted through SSM', (ConfigUri, arn) => {
  expect(statement('ConfigRights', 'ReadConfig', { ConfigUri })).toMatchObject({
    Action: 'ssm:GetParameter',
    Resource: arn,
  });
  expect(statement('ConfigRights', 'DecryptConfig', { ConfigUri })).toMatchObject({
    Action: 'kms:Decrypt',
    Resource: 'arn:aws:kms:eu-west-1:111122223333:key/*',
    Condition: {
      StringEquals: {
        'kms:ViaService': 'ssm.eu-west-1.amazonaws.com',
        'kms:EncryptionContext:PARAMETER_ARN': arn,
      },
    },
  });
});

it('of an object that one alone may be read, and decrypted through S3', () => {
  const ConfigUri = 's3://a-bucket/logseal/config.yaml';
  const arn = 'arn:aws:s3:::a-bucket/logseal/config.yaml';
  expect(statement('ConfigRights', 'ReadConfig', { ConfigUri })).toMatchObject({
    Action: 's3:GetObject',
    Resource: arn,
  });
  expect(statement('ConfigRights', 'DecryptConfig', { ConfigUri })['Condition']).toEqual({
    StringEquals: {
      'kms:ViaService': 's3.eu-west-1.amazonaws.com',
      'kms:EncryptionContext:aws:s3:arn': [arn, 'arn:aws:s3:::a-bucket'],
    },
  });
});

it.each([
  [{}, 'eu-west-1'],
  [{ Regions: 'eu-west-1,us-east-1', KeyId: 'alias/logs' }, '*'],
])('key rules may use any key of the account, through CloudWatch Logs alone: %j', (parameters, where) => {
  const ConfigUri = 'ssm:logseal';
  expect(statement('KeyRuleRights', 'UseTheKeysOfKeyRules', { ...parameters, ConfigUri })).toMatchObject({
    Resource: `arn:aws:kms:${where}:111122223333:key/*`,
    Condition: { StringLike: { 'kms:ViaService': 'logs.*.amazonaws.com' } },
  });
});
