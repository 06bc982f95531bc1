import { describe, expect, it } from 'vitest';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  ROOT,
  refusal,
  repair,
} from './builders.ts';

const RESULTS_ARN = `arn:aws:logs:us-east-1:${ACCOUNT}:query-result:*`;
const MAY_DENY = aDeny({ Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } } });

describe('a repair is refused', () => {
  const own = (elements: Json) =>
    aPolicy([
      ROOT,
      anAllow({
        Sid: 'LogsealLogGroups',
        Action: 'kms:Encrypt',
        Condition: { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } },
        ...elements,
      }),
    ]);
  const lost =
    /^the statement "LogsealLogGroups" \(.*\) of the key policy has logseal's Sid, but logseal would not write such a statement, and a repair would overwrite it$/;
  const SEVERITY = {
    KEY_POLICY_DENIES: 'HIGH',
    KEY_POLICY_UNCERTAIN: 'MEDIUM',
    KEY_POLICY_UNREADABLE: 'LOW',
    KEY_POLICY_AMBIGUOUS: 'MEDIUM',
    CHARACTERS: 'HIGH',
    LOCKS_OUT: 'HIGH',
  };
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

  it.each<[string, string, keyof typeof SEVERITY, RegExp]>([
    ['a Deny applies', aPolicy([ROOT, aDeny({ Sid: 'No' })]), 'KEY_POLICY_DENIES', /the statement "No" denies it/],
    ['a Deny may apply', aPolicy([anAllow(), MAY_DENY]), 'KEY_POLICY_UNCERTAIN', /the 2nd statement may deny it/],
    [
      'a Deny may apply once the statement is added',
      aPolicy([ROOT, MAY_DENY]),
      'KEY_POLICY_UNCERTAIN',
      /the 2nd statement may deny it/,
    ],
    ['it is not JSON', '{', 'KEY_POLICY_UNREADABLE', /it is not JSON/],
    ['it is malformed', '{"Version":"2012-10-17"}', 'KEY_POLICY_UNREADABLE', /there is no Statement/],
    [
      'a field stands twice',
      aPolicy([ROOT]).replace('"Action"', '"Action" : "s3:*","Action"'),
      'KEY_POLICY_AMBIGUOUS',
      /two fields called "Action"/,
    ],
    [
      'a field stands twice, once with an escape',
      aPolicy([ROOT]).replace('{', '{"X":{"a":[{}],"\\u0061":1},'),
      'KEY_POLICY_AMBIGUOUS',
      /two fields called/,
    ],
    [
      'two statements have the same Sid',
      aPolicy([anAllow({ Sid: 'A', Action: [] }), ROOT, aDeny({ Sid: 'A', Action: [] })]),
      'KEY_POLICY_AMBIGUOUS',
      /^the 1st statement \(Sid "A"\) \(Allow, .*\) and the 3rd statement \(Sid "A"\) \(Deny, .*\) have the same Sid$/,
    ],
    ['its own Sid is on a Deny', own({ Effect: 'Deny', Action: 's3:*' }), 'KEY_POLICY_AMBIGUOUS', lost],
    ['its own Sid is for everybody', own({ Principal: '*' }), 'KEY_POLICY_AMBIGUOUS', lost],
    [
      'its own Sid is for a role too',
      own({ Principal: { Service: LOGS, AWS: ACCOUNT } }),
      'KEY_POLICY_AMBIGUOUS',
      lost,
    ],
    [
      'its own Sid is for another service',
      own({ Principal: { Service: 'ec2.amazonaws.com' } }),
      'KEY_POLICY_AMBIGUOUS',
      lost,
    ],
    [
      'its own Sid is for all but someone',
      own({ Principal: undefined, NotPrincipal: { Service: LOGS } }),
      'KEY_POLICY_AMBIGUOUS',
      lost,
    ],
    [
      'its own Sid serves another account as the source',
      own({ Condition: { StringEquals: { 'aws:SourceAccount': [ACCOUNT, '444455556666'] } } }),
      'KEY_POLICY_AMBIGUOUS',
      lost,
    ],
    ['its own Sid allows more', own({ Action: ['kms:Encrypt', 'kms:CreateGrant'] }), 'KEY_POLICY_AMBIGUOUS', lost],
    ['its own Sid allows all of KMS', own({ Action: 'kms:*', Resource: [] }), 'KEY_POLICY_AMBIGUOUS', lost],
    ['its own Sid allows all but', own({ Action: undefined, NotAction: 'kms:*' }), 'KEY_POLICY_AMBIGUOUS', lost],
    ['its own Sid is for any use of the key', own({ Condition: undefined }), 'KEY_POLICY_AMBIGUOUS', lost],
    [
      'its own Sid is limited in another way too',
      own({ Condition: { ArnLike: { [CONTEXT]: LOG_GROUP_ARN }, Bool: { 'aws:SecureTransport': 'true' } } }),
      'KEY_POLICY_AMBIGUOUS',
      lost,
    ],
    [
      'KMS accepts no such character',
      aPolicy([ROOT]).replace('{', '{"Id":"\\ud800",'),
      'CHARACTERS',
      /^KMS would not accept the key policy with the missing statement: .* U\+D800/,
    ],
    [
      'nobody could change the policy again',
      aPolicy([anAllow({ Action: 'kms:Encrypt' })]),
      'LOCKS_OUT',
      /^KMS would not accept the key policy with the missing statement: nobody could change/,
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

  it.each<[string, Json]>([
    ['serves those of another account', { StringEquals: { 'aws:SourceAccount': [ACCOUNT, '444455556666'] } }],
    ['is for log groups, too', { StringEquals: { 'aws:SourceAccount': ACCOUNT } }],
    ['is for log groups by their ARN, too', { ArnLike: { 'aws:SourceArn': [RESULTS_ARN, LOG_GROUP_ARN] } }],
    ['is for all that is not denied', { ArnNotLike: { 'aws:SourceArn': RESULTS_ARN } }],
  ])('where its own Sid for query results %s', (_what, condition) => {
    const own = anAllow({ Sid: 'LogsealQueryResults', Action: 'kms:Encrypt', Condition: condition });

    expect(refusal(aPolicy([ROOT, own]), ABOUT_QUERY_RESULTS)).toMatchObject({
      code: 'KEY_POLICY_AMBIGUOUS',
      message: expect.stringContaining('the statement "LogsealQueryResults"'),
    });
  });

  it('but not where its own Sid is for the query results alone', () => {
    const own = anAllow({
      Sid: 'LogsealQueryResults',
      Action: 'kms:Encrypt',
      Condition: { ArnLike: { 'aws:SourceArn': RESULTS_ARN }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    });

    expect(repair(aPolicy([ROOT, own]), ABOUT_QUERY_RESULTS).kind).toBe('REPAIR');
  });

  it('where the key is in another Region, whatever the policy is', () => {
    const question = { ...ABOUT_A_LOG_GROUP, keyArn: KEY_ARN.replace('us-east-1', 'eu-west-1') };

    for (const text of ['{', aPolicy([ROOT]), aPolicy(anAllow({ Principal: '*' }))]) {
      expect(refusal(text, question)).toMatchObject({ code: 'KEY_WRONG_REGION', fix: 'use a key in us-east-1' });
    }
  });
});
