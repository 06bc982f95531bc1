import { describe, expect, it } from 'vitest';
import {
  accountMistake,
  keyArnMistake,
  keyMistake,
  logsPrincipalMistake,
  regionMistake,
} from '../../../lib/domain/providers/aws.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ALIAS_ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';

describe('the service principal of CloudWatch Logs', () => {
  it.each(['logs.eusc-de-east-1.amazonaws.eu', 'logs.us-iso-east-1.c2s.ic.gov', 'logs.cn-north-1.amazonaws.com.cn'])(
    'can be %s',
    (principal) => {
      expect(logsPrincipalMistake(principal)).toBeUndefined();
    },
  );

  it.each([
    '',
    'garbage',
    'logs.amazonaws.com',
    'logs.eusc-de-east-1',
    'logs.eusc-de-east-1.eu',
    'logs.eusc-de-east-1..eu',
    'sqs.eusc-de-east-1.amazonaws.eu',
    'Logs.eusc-de-east-1.amazonaws.eu',
    'logs.eusc-de-east-1.amazonaws.eu ',
  ])('cannot be %j', (principal) => {
    expect(logsPrincipalMistake(principal)).toBe(
      `expected a service principal such as logs.REGION.SUFFIX, got ${JSON.stringify(principal)}`,
    );
  });
});

describe('a key', () => {
  it.each([
    'alias/logseal',
    'alias/team/logs_2-EU',
    `alias/${'x'.repeat(250)}`,
    'alias/aws',
    'alias/aws-logs',
    'alias/my/aws/logs',
    ALIAS_ARN,
    KEY_ARN,
    'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab',
    'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/logseal',
  ])('can be named %s', (key) => {
    expect(keyMistake(key)).toBeUndefined();
  });

  it.each([
    '',
    'logseal',
    'alias/',
    'alias/a b',
    'alias/ä',
    `alias/${'x'.repeat(251)}`,
    ' alias/logseal',
    'Alias/logseal',
    'arn:aws:kms:eu-west-1:111122223333:key/',
    'arn:aws:kms:eu-west-1:111122223333:logseal',
    'arn:aws:kms::111122223333:key/1234',
    'arn:aws:kms:eu-west-1::key/1234',
    'arn:aws:kms:eu-west-1:1111:key/1234',
    'arn:aws:kms:Europe:111122223333:key/1234',
    'arn:aws:s3:eu-west-1:111122223333:key/1234',
    `${KEY_ARN}/x`,
    `${KEY_ARN}\n`,
  ])('cannot be named %j', (key) => {
    expect(keyMistake(key)).toBe(`expected alias/NAME, an alias ARN or a key ARN, got ${JSON.stringify(key)}`);
  });

  it.each(['1234abcd-12ab-34cd-56ef-1234567890ab', 'mrk-1234abcd12ab34cd56ef1234567890ab'])(
    'cannot be the bare id %s, and the mistake says why',
    (key) => {
      expect(keyMistake(key)).toContain('a bare key id names no Region and no account');
    },
  );

  it.each([
    'alias/aws/ssm',
    'arn:aws:kms:eu-west-1:111122223333:alias/aws/ssm',
    'arn:aws-cn:kms:cn-north-1:111122223333:alias/aws/ssm',
  ])('cannot be one that AWS manages, and the mistake says why and what to do: %s', (key) => {
    expect(keyMistake(key)).toBe(
      `expected a customer managed key, got "${key}": AWS manages that key and its policy, which cannot be changed and does not let CloudWatch Logs use the key; create a key with aws kms create-key, or name one of yours`,
    );
  });

  it('must be the ARN of a key where an alias cannot be looked up', () => {
    expect(keyArnMistake(KEY_ARN)).toBeUndefined();
    for (const key of [ALIAS_ARN, 'alias/logseal', 'alias/aws/ssm', '1234abcd-12ab-34cd-56ef-1234567890ab', '']) {
      expect(keyArnMistake(key)).toMatch(/^expected a key ARN such as .*, got "/);
    }
  });
});

describe('a Region', () => {
  it.each(['eu-west-1', 'us-gov-east-1', 'ap-southeast-10', 'cn-north-1', 'us-iso-east-1', 'eu-west-9'])(
    'can be %s',
    (region) => {
      expect(regionMistake(region)).toBeUndefined();
    },
  );

  it.each([
    '',
    'eu',
    'eu-west',
    'eu_west_1',
    'EU-WEST-1',
    'eu-west-1a',
    'eu-west-1 ',
    'eu-west-123',
    '1-eu-west',
    'a.b/c-d-1',
  ])('cannot be %j', (region) => {
    expect(regionMistake(region)).toBe(`expected a Region such as eu-west-1, got ${JSON.stringify(region)}`);
  });
});

it('an account id has twelve digits', () => {
  expect(accountMistake('000000000000')).toBeUndefined();
  for (const account of ['', '1', '1111222233334', '11112222333a', '1111-2222-3333']) {
    expect(accountMistake(account)).toBe(`expected an account id of twelve digits, got ${JSON.stringify(account)}`);
  }
});
