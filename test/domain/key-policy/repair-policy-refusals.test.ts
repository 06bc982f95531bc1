import { describe, expect, it } from 'vitest';
import {
  ABOUT_A_LOG_GROUP,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  KEY_ARN,
  LOGS,
  ROOT,
  refusal,
} from './builders.ts';

const MAY_DENY = aDeny({ Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } } });

describe('a repair is refused', () => {
  const own = (elements: Json) =>
    aPolicy([ROOT, anAllow({ Sid: 'LogsealLogGroups', Action: 'kms:Encrypt', ...elements })]);
  const lost = /statement 1 .* LogsealLogGroups, but does something else/;
  const SEVERITY = { KEY_POLICY_DENIES: 'HIGH', KEY_POLICY_UNCERTAIN: 'MEDIUM', KEY_POLICY_UNREADABLE: 'LOW' };
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

  it.each<[string, string, keyof typeof SEVERITY, RegExp]>([
    ['a Deny applies', aPolicy([ROOT, aDeny({ Sid: 'No' })]), 'KEY_POLICY_DENIES', /statement 1 \("No"\) denies it/],
    ['a Deny may apply', aPolicy([anAllow(), MAY_DENY]), 'KEY_POLICY_UNCERTAIN', /statement 1 may deny it/],
    [
      'a Deny may apply once the statement is added',
      aPolicy([ROOT, MAY_DENY]),
      'KEY_POLICY_UNCERTAIN',
      /statement 1 may deny it/,
    ],
    ['it is not JSON', '{', 'KEY_POLICY_UNREADABLE', /it is not JSON/],
    ['it is malformed', '{"Version":"2012-10-17"}', 'KEY_POLICY_UNREADABLE', /there is no Statement/],
    [
      'a field stands twice',
      aPolicy([ROOT]).replace('"Action"', '"Action" : "s3:*","Action"'),
      'KEY_POLICY_UNREADABLE',
      /two fields called "Action"/,
    ],
    [
      'a field stands twice, once with an escape',
      aPolicy([ROOT]).replace('{', '{"X":{"a":[{}],"\\u0061":1},'),
      'KEY_POLICY_UNREADABLE',
      /two fields called/,
    ],
    [
      'two statements have the same Sid',
      aPolicy([anAllow({ Sid: 'A', Action: [] }), ROOT, aDeny({ Sid: 'A', Action: [] })]),
      'KEY_POLICY_UNREADABLE',
      /two statements have the Sid "A"/,
    ],
    ['its own Sid is on a Deny', own({ Effect: 'Deny', Action: 's3:*' }), 'KEY_POLICY_UNREADABLE', lost],
    ['its own Sid is for everybody', own({ Principal: '*' }), 'KEY_POLICY_UNREADABLE', lost],
    [
      'its own Sid is for a role too',
      own({ Principal: { Service: LOGS, AWS: ACCOUNT } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid is for another service',
      own({ Principal: { Service: 'ec2.amazonaws.com' } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid is for all but someone',
      own({ Principal: undefined, NotPrincipal: { Service: LOGS } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid serves another account',
      own({ Condition: { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:444455556666:log-group:*' } } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid serves another account as the source',
      own({ Condition: { StringEquals: { 'aws:SourceAccount': [ACCOUNT, '444455556666'] } } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    ['it is nested too deeply', aPolicy([ROOT]).replace('{', `{"X":${nested},`), 'KEY_POLICY_UNREADABLE', /nested/],
  ])('where %s', (_when, text, code, message) => {
    expect(refusal(text)).toEqual({
      code,
      severity: SEVERITY[code],
      message: expect.stringMatching(message),
      fix: expect.stringMatching(/^(?!.*logseal key repair)./),
    });
  });

  it('where the key is in another Region, whatever the policy is', () => {
    const question = { ...ABOUT_A_LOG_GROUP, keyArn: KEY_ARN.replace('us-east-1', 'eu-west-1') };

    for (const text of ['{', aPolicy([ROOT]), aPolicy(anAllow({ Principal: '*' }))]) {
      expect(refusal(text, question)).toMatchObject({ code: 'KEY_WRONG_REGION', fix: 'use a key in us-east-1' });
    }
  });
});
