import { describe, expect, it } from 'vitest';
import { accountAccess } from '../../../lib/domain/key-policy/account-access.ts';
import { statementFor } from '../../../lib/domain/key-policy/build-statement.ts';
import { logsService, serviceCall } from '../../../lib/domain/key-policy/service-call.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  aboutALogGroupIn,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  LOG_GROUP_ARN,
  LOGS,
  ROOT,
  readFor,
} from './builders.ts';

const OTHER_GROUP = LOG_GROUP_ARN.replace('/app/example', '/payments/1');
const ROLE = `arn:aws:iam::${ACCOUNT}:role/writer`;
/** The statement of facts about AWS, written out. */
const ALL: Json = {
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': LOGS } },
};
const withCondition = (Condition: Json): Json => ({ ...ALL, Condition });
const without = (action: string): Json => ({
  ...ALL,
  Action: (ALL['Action'] as string[]).filter((it) => it !== action),
});

function accessFor(statements: unknown, question = ABOUT_A_LOG_GROUP) {
  const policy = readFor(question, aPolicy(statements));
  if (policy.status !== 'READ') throw new Error(policy.mistakes.join());
  return accountAccess(policy, serviceCall(policy.service, question.subject), { account: ACCOUNT });
}

describe('the statement that lets all principals of the account in', () => {
  it('is one that logseal builds', () => {
    const service = logsService(ABOUT_A_LOG_GROUP.keyArn, ABOUT_A_LOG_GROUP);
    const { Sid, ...statement } = statementFor(service, { type: 'readers-and-writers', pattern: `${LOG_GROUP_ARN}*` });
    expect(Sid).toBe('LogsealReadersAndWriters');
    expect(statement).toEqual(ALL);
  });

  it.each([
    ['aws-cn', 'cn-north-1', 'logs.cn-north-1.amazonaws.com.cn'],
    ['aws-eusc', 'eusc-de-east-1', 'logs.eusc-de-east-1.amazonaws.eu'],
    ['aws-us-gov', 'us-gov-west-1', 'logs.us-gov-west-1.amazonaws.com'],
  ])('names the endpoint of the partition %s', (partition, region, endpoint) => {
    const question = aboutALogGroupIn(partition, region);
    const pattern = LOG_GROUP_ARN.replace('arn:aws:', `arn:${partition}:`).replace('us-east-1', region);
    const service = logsService(question.keyArn, question);
    const statement = statementFor(service, { type: 'readers-and-writers', pattern });
    expect(statement.Condition['StringEquals']).toEqual({ 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': endpoint });
    expect(accessFor([ROOT, statement], question).access).toBe('ALL');
  });
});

it.each<[string, unknown, string]>([
  ['the statement alone', ALL, 'ALL'],
  ['beside one for the account', [ROOT, ALL], 'ALL'],
  ['everybody, without a condition', anAllow({ Principal: '*' }), 'ALL'],
  ['under a wider kms:ViaService', withCondition({ StringLike: { 'kms:ViaService': 'logs.*' } }), 'ALL'],
  ['for the account alone', withCondition({ StringEquals: { 'aws:PrincipalAccount': ACCOUNT } }), 'ALL'],
  ['for the log groups of the account', withCondition({ ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}*` } }), 'NONE'],
  ['in two statements', [without('kms:Decrypt'), { ...ALL, Action: 'kms:Decrypt' }], 'ALL'],
  [
    'through another service',
    withCondition({ StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } }),
    'NONE',
  ],
  ['in another Region', withCondition({ StringEquals: { 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' } }), 'NONE'],
  ['of another account', withCondition({ StringEquals: { 'kms:CallerAccount': '444455556666' } }), 'NONE'],
  ['of an organization', withCondition({ StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } }), 'UNCERTAIN'],
  ['with a tag', withCondition({ StringEquals: { 'aws:PrincipalTag/team': 'a' } }), 'UNCERTAIN'],
  ['of one name', withCondition({ ArnEquals: { 'aws:PrincipalArn': ROLE } }), 'UNCERTAIN'],
  ['without kms:Decrypt', without('kms:Decrypt'), 'NONE'],
  ['without kms:Decrypt, which is left to IAM', [ROOT, without('kms:Decrypt')], 'IAM'],
  ['for another key', { ...ALL, Resource: `${ABOUT_A_LOG_GROUP.keyArn}0` }, 'NONE'],
  ['the account', ROOT, 'IAM'],
  [
    'the account, under a condition that may hold',
    { ...ROOT, Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } } },
    'UNCERTAIN',
  ],
  ['the account, for the administration alone', { ...ROOT, Action: ['kms:Put*', 'kms:Get*', 'kms:Describe*'] }, 'NONE'],
  ['one role', { ...ROOT, Principal: { AWS: ROLE } }, 'NONE'],
  ['the service alone', anAllow(), 'NONE'],
  ['everybody but one role', { ...ALL, Principal: undefined, NotPrincipal: { AWS: ROLE } }, 'UNCERTAIN'],
])('an Allow for all principals: %s', (_what, statements, access) => {
  expect(accessFor(statements).access).toBe(access);
});

it.each<[string, Json, string]>([
  ['everybody', aDeny(), 'DENIED'],
  ['the account', aDeny({ Principal: { AWS: ACCOUNT } }), 'DENIED'],
  ['kms:Decrypt alone', aDeny({ Action: 'kms:Decrypt' }), 'DENIED'],
  ['calls that come through no service', aDeny({ Condition: { Null: { 'kms:ViaService': 'true' } } }), 'ALL'],
  ['calls through other services', aDeny({ Condition: { StringNotLike: { 'kms:ViaService': 'logs.*' } } }), 'ALL'],
  ['calls through CloudWatch Logs', aDeny({ Condition: { StringLike: { 'kms:ViaService': 'logs.*' } } }), 'DENIED'],
  ['callers of other accounts', aDeny({ Condition: { StringNotEquals: { 'kms:CallerAccount': ACCOUNT } } }), 'ALL'],
  ['callers that are no service', aDeny({ Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' } } }), 'DENIED'],
  ['direct calls', aDeny({ Condition: { BoolIfExists: { 'aws:ViaAWSService': 'false' } } }), 'ALL'],
  ['some addresses', aDeny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }), 'UNCERTAIN'],
  ['one role', aDeny({ Principal: { AWS: ROLE } }), 'UNCERTAIN'],
  ['everybody but one role', aDeny({ Principal: undefined, NotPrincipal: { AWS: ROLE } }), 'UNCERTAIN'],
  ['another account', aDeny({ Principal: { AWS: '444455556666' } }), 'ALL'],
  ['a service', aDeny({ Principal: { Service: 's3.amazonaws.com' } }), 'ALL'],
  ['the administration', aDeny({ Action: 'kms:ScheduleKeyDeletion' }), 'ALL'],
  ['this log group', aDeny({ Condition: { ArnEquals: { [CONTEXT]: LOG_GROUP_ARN } } }), 'DENIED'],
  ['another log group', aDeny({ Condition: { ArnEquals: { [CONTEXT]: OTHER_GROUP } } }), 'ALL'],
])('a Deny for %s beside the statement', (_whom, deny, access) => {
  expect(accessFor([ROOT, ALL, deny]).access).toBe(access);
});

it('an organization that is named decides', () => {
  const statement = withCondition({ StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } });
  expect(accessFor(statement, { ...ABOUT_A_LOG_GROUP, orgId: 'o-abcdefghij' }).access).toBe('ALL');
  expect(accessFor(statement, { ...ABOUT_A_LOG_GROUP, orgId: 'o-0000000000' }).access).toBe('NONE');
});

describe('the principals of another account', () => {
  const MEMBER = '444455556666';
  const ofMember = (statements: unknown, orgId?: string) => {
    const policy = readFor(ABOUT_A_LOG_GROUP, aPolicy(statements));
    if (policy.status !== 'READ') throw new Error(policy.mistakes.join());
    const call = serviceCall(policy.service, {
      type: 'log-group',
      arn: LOG_GROUP_ARN.replace(ACCOUNT, MEMBER),
    });
    return accountAccess(policy, call, { account: MEMBER, ...(orgId && { orgId }) });
  };
  const forMember = withCondition({ StringEquals: { 'kms:CallerAccount': [ACCOUNT, MEMBER], 'kms:ViaService': LOGS } });

  it.each<[string, unknown, string]>([
    ['the account of the key', [ROOT, ALL], 'NONE'],
    ['their account, by its id', { ...ROOT, Principal: { AWS: MEMBER } }, 'IAM'],
    ['their account, by kms:CallerAccount', forMember, 'IAM'],
    [
      'their account, beside a Deny for others',
      [forMember, aDeny({ Condition: { StringNotEquals: { 'aws:PrincipalAccount': [ACCOUNT, MEMBER] } } })],
      'IAM',
    ],
    ['everybody', anAllow({ Principal: '*' }), 'IAM'],
    [
      'their account, beside a Deny for them',
      [forMember, aDeny({ Condition: { StringNotEquals: { 'kms:CallerAccount': ACCOUNT } } })],
      'DENIED',
    ],
    [
      'keys of their own account',
      [forMember, aDeny({ Condition: { StringNotEquals: { 'aws:ResourceAccount': ACCOUNT } } })],
      'IAM',
    ],
  ])('an Allow for %s', (_whom, statements, access) => {
    expect(ofMember(statements).access).toBe(access);
  });

  it('are those of an organization that is named', () => {
    const statement = withCondition({ StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } });
    expect(ofMember(statement).access).toBe('UNCERTAIN');
    expect(ofMember(statement, 'o-abcdefghij').access).toBe('IAM');
    expect(ofMember(statement, 'o-0000000000')).toMatchObject({ access: 'NONE' });
  });
});

it('kms:DescribeKey has no encryption context', () => {
  const Condition = { StringEquals: { 'kms:ViaService': LOGS }, ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}*` } };
  const use = { ...ALL, Condition };
  expect(accessFor(use)).toMatchObject({ access: 'NONE', action: 'kms:DescribeKey' });
  const describe = { ...ALL, Action: 'kms:DescribeKey' };
  expect(accessFor([use, describe]).access).toBe('ALL');
});

it('the encryption context of query results is not documented', () => {
  const deny = aDeny({ Condition: { ArnLike: { [CONTEXT]: 'arn:aws:logs:*:*:query-result:*' } } });
  expect(accessFor(ALL, ABOUT_QUERY_RESULTS).access).toBe('ALL');
  expect(accessFor([ALL, deny], ABOUT_QUERY_RESULTS).access).toBe('UNCERTAIN');
});

it.each<[string, unknown, string]>([
  [
    'ALL',
    { ...ALL, Sid: 'Logs' },
    `the statement "Logs" (Allow, Principal AWS *) of the key policy lets every principal of account ${ACCOUNT} use the key through CloudWatch Logs, unless a policy of the principal denies it`,
  ],
  [
    'IAM',
    ROOT,
    `the statement "Root" (Allow, Principal AWS ${ACCOUNT}) of the key policy leaves it to IAM which principals may use the key through CloudWatch Logs: it depends on the policies of each principal`,
  ],
  [
    'NONE',
    anAllow(),
    'the key policy allows kms:DescribeKey through CloudWatch Logs to no principal that it does not name, and does not leave it to IAM',
  ],
  [
    'DENIED',
    [ALL, aDeny({ Action: 'kms:Decrypt', Sid: 'No' })],
    `the statement "No" (Deny, Principal "*") of the key policy denies every principal of account ${ACCOUNT} kms:Decrypt through CloudWatch Logs`,
  ],
  [
    'UNCERTAIN, by a Deny',
    [ALL, aDeny({ Sid: 'No', Principal: { AWS: ROLE } })],
    `whether the statement "No" (Deny, Principal AWS ${ROLE}) of the key policy denies kms:DescribeKey through CloudWatch Logs to those who write and read the logs is not known`,
  ],
  [
    'UNCERTAIN, by an Allow',
    { ...withCondition({ Bool: { 'aws:MultiFactorAuthPresent': true } }), Sid: 'Logs' },
    `whether the statement "Logs" (Allow, Principal AWS *) of the key policy allows every principal of account ${ACCOUNT} kms:DescribeKey through CloudWatch Logs is not known`,
  ],
])('says why it is %s', (_access, statements, message) => {
  expect(accessFor(statements).message).toBe(message);
});
