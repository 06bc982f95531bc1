import { describe, expect, it } from 'vitest';
import {
  ABOUT_QUERY_RESULTS,
  aDeny,
  anAllow,
  CONTEXT,
  evaluate,
  evaluateText,
  type Json,
  LOG_GROUP_ARN,
  LOGS,
} from './builders.ts';

type Truth = 'true' | 'false' | 'undocumented';
const ALLOW_UNDER: Record<Truth, string> = { true: 'ALLOWED', false: 'MISSING_ACTIONS', undocumented: 'UNCERTAIN' };
const DENY_UNDER: Record<Truth, string> = { true: 'DENIED', false: 'ALLOWED', undocumented: 'UNCERTAIN' };

/** Each condition is evaluated in an Allow that is the only statement, and in a Deny next to an Allow of everything. */
describe('the keys and variables of a condition', () => {
  const absent = 'aws:SourceVpce';
  const unknown = 'aws:SourceIp';
  const variable = `\${aws:PrincipalTag/team}`;

  it.each<[string, Json, Truth]>([
    ...[
      'aws:PrincipalOrgID',
      'aws:PrincipalAccount',
      'aws:PrincipalArn',
      'kms:ViaService',
      'aws:SourceVpc',
      'aws:SourceVpce',
      'aws:PrincipalTag/team',
      'aws:userid',
      'kms:EncryptionContext',
      'kms:EncryptionContext:other',
      'kms:GrantIsForAWSResource',
      'no-such-key',
      '__proto__',
      'constructor',
      '',
    ].map<[string, Json, Truth]>((key) => [
      `14: ${JSON.stringify(key)} is absent`,
      JSON.parse(`{"Null":{${JSON.stringify(key)}:"true"}}`),
      'true',
    ]),
    ...[
      'aws:SourceIp',
      'aws:UserAgent',
      'aws:Referer',
      'aws:SourceOrgID',
      'aws:SourceOrgPaths',
      'aws:ResourceOrgID',
      'aws:ResourceOrgPaths',
      'aws:ResourceTag/team',
      'kms:KeySpec',
      'kms:KeyUsage',
      'kms:KeyOrigin',
      'kms:MultiRegion',
      'kms:MultiRegionKeyType',
      'kms:PrimaryRegion',
      'kms:ResourceAliases',
      'kms:RequestAlias',
      'kms:EncryptionAlgorithm',
      'kms:CallerAccount',
    ].flatMap<[string, Json, Truth]>((key) => [
      [`14: Null of ${key}`, { Null: { [key]: 'false' } }, 'undocumented'],
      [`14: ${key} under StringEquals`, { StringEquals: { [key]: 'a' } }, 'undocumented'],
      [`14: ${key} under StringNotEquals`, { StringNotEquals: { [key]: 'a' } }, 'undocumented'],
    ]),
    ...[
      'aws:SecureTransport',
      'aws:CurrentTime',
      'aws:EpochTime',
      'aws:RequestedRegion',
      'aws:ViaAWSService',
      'aws:ResourceAccount',
      'kms:EncryptionContextKeys',
      'aws:PrincipalServiceNamesList',
      'aws:PrincipalIsAWSService',
      'aws:PrincipalServiceName',
      CONTEXT,
    ].map<[string, Json, Truth]>((key) => [`14: ${key} is present`, { Null: { [key]: 'false' } }, 'true']),
    ['14: aws:ViaAWSService is false', { Bool: { 'aws:ViaAWSService': 'false' } }, 'true'],
    [
      '14: the context has the key aws:logs:arn',
      { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': 'aws:logs:arn' } },
      'true',
    ],
    ['14: aws:PrincipalServiceName, regional', { StringEquals: { 'aws:PrincipalServiceName': LOGS } }, 'undocumented'],
    [
      '14: aws:PrincipalServiceName, global, negated',
      { StringNotEquals: { 'aws:PrincipalServiceName': 'logs.amazonaws.com' } },
      'undocumented',
    ],
    [
      '14: aws:PrincipalServiceName, both',
      { StringEquals: { 'aws:PrincipalServiceName': ['logs.amazonaws.com', LOGS] } },
      'true',
    ],
    [
      '14: aws:PrincipalServiceName, a pattern of both',
      { StringLike: { 'aws:PrincipalServiceName': 'logs.*amazonaws.com' } },
      'true',
    ],
    [
      '14: aws:PrincipalServiceName, neither',
      { StringEquals: { 'aws:PrincipalServiceName': 'delivery.logs.amazonaws.com' } },
      'false',
    ],
    [
      '14: an unknown key next to a condition that fails',
      { IpAddress: { [unknown]: '0.0.0.0/0' }, StringEquals: { [absent]: 'a' } },
      'false',
    ],

    ['15: aws:SourceArn', { ArnEquals: { 'aws:SourceArn': LOG_GROUP_ARN } }, 'true'],
    ['15: aws:SourceArn with :*', { ArnEquals: { 'aws:SourceArn': `${LOG_GROUP_ARN}:*` } }, 'false'],
    [
      '15: aws:SourceArn of query results',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:query-result:*' } },
      'false',
    ],
    ['15: aws:SourceAccount', { StringEquals: { 'aws:SourceAccount': '111122223333' } }, 'true'],
    ['15: aws:SourceAccount of another', { StringEquals: { 'aws:SourceAccount': '444455556666' } }, 'false'],

    [
      '19: a variable under StringEquals',
      { StringEquals: { 'aws:ResourceAccount': `\${aws:PrincipalAccount}` } },
      'undocumented',
    ],
    ['19: a variable under StringNotEquals', { StringNotEquals: { 'aws:ResourceAccount': variable } }, 'undocumented'],
    [
      '19: a variable under ArnLike',
      { ArnLike: { [CONTEXT]: `arn:aws:logs:us-east-1:111122223333:log-group:${variable}` } },
      'undocumented',
    ],
    [
      '19: a variable under ForAnyValue',
      { 'ForAnyValue:StringLike': { 'aws:RequestedRegion': `${variable}*` } },
      'undocumented',
    ],
    // IAM User Guide, "Boolean condition operators": policy variables are supported.
    ['19: a variable under Bool', { Bool: { 'aws:SecureTransport': variable } }, 'undocumented'],
    ['19: a variable under NumericEquals', { NumericEquals: { 'aws:EpochTime': variable } }, 'undocumented'],
    ['19: a variable under IpAddress', { IpAddress: { 'aws:RequestedRegion': variable } }, 'undocumented'],
    ['19: a variable under Null', { Null: { [absent]: variable } }, 'undocumented'],
    ['19: a variable next to a match', { StringEquals: { 'aws:RequestedRegion': [variable, 'us-east-1'] } }, 'true'],
    [
      '19: a variable next to a match, negated',
      { StringNotEquals: { 'aws:RequestedRegion': [variable, 'us-east-1'] } },
      'false',
    ],
    ['19: a variable on an absent key', { StringEquals: { [absent]: variable } }, 'false'],
    ['19: a negated variable on an absent key', { StringNotEquals: { [absent]: variable } }, 'true'],
    ['19: a dollar without a brace', { StringEquals: { 'aws:RequestedRegion': '$us-east-1' } }, 'false'],
  ])('key-policy rule %s', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition })).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })]).verdict).toBe(DENY_UNDER[truth]);
  });

  it.each<[string, Json, Truth]>([
    [
      '15: aws:SourceArn as documented',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:query-result:*' } },
      'true',
    ],
    [
      '15: aws:SourceArn of the account',
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:*' } },
      'true',
    ],
    [
      '15: aws:SourceArn of another Region',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:eu-west-1:111122223333:query-result:*' } },
      'false',
    ],
    [
      '15: aws:SourceArn of log groups',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:log-group:*' } },
      'false',
    ],
    ['15: aws:SourceAccount', { StringEquals: { 'aws:SourceAccount': '111122223333' } }, 'true'],
    ['15: the context of a log group', { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } }, 'false'],
    // AWS does not document whether these calls carry a context.
    ['15: that there is a context', { Null: { [CONTEXT]: 'false' } }, 'undocumented'],
    ['15: any context', { StringLike: { [CONTEXT]: '*' } }, 'undocumented'],
  ])('key-policy rule %s, for query results', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition }), ABOUT_QUERY_RESULTS).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })], ABOUT_QUERY_RESULTS).verdict).toBe(DENY_UNDER[truth]);
  });

  it.each([undefined, '2008-10-17'])(`key-policy rule 19: \${…} is literal under Version %s`, (version) => {
    const condition = { StringLike: { 'aws:RequestedRegion': `\${aws:x}` } };

    const verdicts = [anAllow({ Condition: condition }), anAllow({ Resource: `\${aws:x}` })].map(
      (statement) => evaluateText(JSON.stringify({ Version: version, Statement: statement })).verdict,
    );

    expect(verdicts).toEqual(['MISSING_ACTIONS', 'MISSING_ACTIONS']);
  });

  it('key-policy rule 14: in an Allow to {"AWS": "*"} kms:CallerAccount counts as absent', () => {
    const idiom = (condition: Json) => evaluate(anAllow({ Principal: { AWS: '*' }, Condition: condition })).verdict;

    expect(idiom({ StringEquals: { 'kms:CallerAccount': '111122223333' } })).toBe('MISSING_ACTIONS');
    expect(idiom({ StringNotEquals: { 'kms:CallerAccount': '111122223333' } })).toBe('ALLOWED');
    expect(idiom({ Null: { 'kms:callerACCOUNT': 'true' } })).toBe('ALLOWED');
    expect(idiom({ Null: { 'kms:CallerAccount': 'false' } })).toBe('MISSING_ACTIONS');
  });
});
