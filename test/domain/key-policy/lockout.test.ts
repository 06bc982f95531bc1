import { describe, expect, it } from 'vitest';
import {
  ABOUT_A_LOG_GROUP,
  aboutALogGroupIn,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  codesOf,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  problemsOf,
  ROOT,
} from './builders.ts';

const ACCOUNT_ARN = 'arn:aws:iam::111122223333';
const ADMIN = `${ACCOUNT_ARN}:role/admin`;
/** Allows everything to some identities. */
const allowTo = (AWS: string | readonly string[], elements: Json = {}) => anAllow({ Principal: { AWS }, ...elements });
const rootWhere = (Condition: Json) => ({ ...ROOT, Condition });

describe('somebody can change the policy', () => {
  it.each<[string, Json[]]>([
    ['the account, by its id', [allowTo('111122223333')]],
    ['the account, by its root', [allowTo(`${ACCOUNT_ARN}:root`)]],
    ['the account, in a list', [allowTo(['arn:aws:iam::444455556666:root', '111122223333'])]],
    ['everybody', [anAllow({ Principal: '*' })]],
    ['everybody, as {"AWS":"*"}', [allowTo('*')]],
    ['an administrator alone', [allowTo(ADMIN)]],
    ['a user alone', [allowTo(`${ACCOUNT_ARN}:user/alice`)]],
    ['a session alone', [allowTo('arn:aws:sts::111122223333:assumed-role/admin/alice')]],
    ['a federated user alone', [allowTo('arn:aws:sts::111122223333:federated-user/alice')]],
    ['an identity provider', [anAllow({ Principal: { Federated: `${ACCOUNT_ARN}:saml-provider/corp` } })]],
    ['everybody but somebody', [anAllow({ Principal: undefined, NotPrincipal: { AWS: ADMIN } })]],
    ['by nothing but this action', [allowTo(ADMIN, { Action: 'kms:PutKeyPolicy' })]],
    ['by this action in lower case', [allowTo(ADMIN, { Action: 'KMS:putkeypolicy' })]],
    ['by a pattern of actions', [allowTo(ADMIN, { Action: ['kms:Get*', 'kms:Put*'] })]],
    ['by all actions but others', [allowTo(ADMIN, { Action: undefined, NotAction: 'kms:ScheduleKeyDeletion' })]],
    ['by the ARN of this key', [{ ...ROOT, Resource: KEY_ARN }]],
    ['by a pattern that covers this key', [{ ...ROOT, Resource: 'arn:aws:kms:*:111122223333:key/*' }]],
    ['by all resources but another', [{ ...ROOT, Resource: undefined, NotResource: `${KEY_ARN}0` }]],
  ])('%s', (_who, statements) => {
    expect(codesOf(statements)).toEqual([]);
  });

  it.each<[string, Json]>([
    ['MFA', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }],
    ['MFA, if the key exists', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }],
    ['the age of the MFA', { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } }],
    ['the organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } }],
    ['the ARN of the caller', { ArnLike: { 'aws:PrincipalArn': `${ACCOUNT_ARN}:role/admin-*` } }],
    ['a tag of the caller', { StringEquals: { 'aws:PrincipalTag/team': 'security' } }],
    ['the address', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    ['the VPC endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }],
    ['the account of the caller', { StringEquals: { 'kms:CallerAccount': '111122223333' } }],
    ['the account of the caller, too', { StringEquals: { 'aws:PrincipalAccount': '111122223333' } }],
    ['encryption in transit', { Bool: { 'aws:SecureTransport': 'true' } }],
    ['the Region', { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } }],
    ['a date to come', { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } }],
    ['no service', { Bool: { 'aws:PrincipalIsAWSService': 'false' } }],
    ['no service, by an absent key', { Null: { 'kms:ViaService': 'true' } }],
    ['a service, if the key exists', { StringEqualsIfExists: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } }],
    ['a variable', { StringEquals: { 'aws:PrincipalTag/owner': `\${aws:username}` } }],
  ])('under a condition that may hold: %s', (_what, condition) => {
    expect(codesOf([rootWhere(condition)])).toEqual([]);
  });

  it.each<[string, Json]>([
    ['for others', aDeny({ Principal: { AWS: 'arn:aws:iam::444455556666:root' } })],
    ['for an administrator', aDeny({ Principal: { AWS: ADMIN } })],
    ['for a service', aDeny({ Principal: { Service: LOGS } })],
    ['of other actions', aDeny({ Action: ['kms:Encrypt', 'kms:ScheduleKeyDeletion'] })],
    ['of all actions but this', aDeny({ Action: undefined, NotAction: 'kms:Put*' })],
    ['about another key', aDeny({ Resource: `${KEY_ARN}0` })],
    ['for all but an administrator', aDeny({ Principal: undefined, NotPrincipal: { AWS: [ADMIN, '111122223333'] } })],
    ['outside the organization', aDeny({ Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } } })],
    ['outside the VPC', aDeny({ Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } })],
    ['for all but one by a condition', aDeny({ Condition: { ArnNotLike: { 'aws:PrincipalArn': ADMIN } } })],
    ['without MFA', aDeny({ Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } })],
    ['without encryption in transit', aDeny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    ['for services', aDeny({ Condition: { Bool: { 'aws:PrincipalIsAWSService': 'true' } } })],
    ['of other accounts', aDeny({ Condition: { StringNotEquals: { 'kms:CallerAccount': '111122223333' } } })],
    ['for one log group', aDeny({ Condition: { ArnEquals: { [CONTEXT]: LOG_GROUP_ARN } } })],
    ['with bypass', aDeny({ Condition: { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } } })],
  ])('beside a Deny %s', (_what, deny) => {
    expect(codesOf([ROOT, deny])).toEqual([]);
  });

  it('in another partition', () => {
    const root = { ...ROOT, Principal: { AWS: 'arn:aws-cn:iam::111122223333:root' } };

    expect(codesOf([root], aboutALogGroupIn('aws-cn', 'cn-north-1'))).toEqual([]);
  });
});

describe('nobody can change the policy', () => {
  /** The one problem of a policy, which is that it locks everybody out. */
  function lockout(statements: readonly Json[], question = ABOUT_A_LOG_GROUP) {
    const problems = problemsOf(statements, question).filter(({ code }) => code === 'LOCKS_OUT');
    expect(problems).toHaveLength(1);
    return problems[0];
  }

  it.each<[string, Json[], number | null, RegExp]>([
    ['no identity is named', [anAllow()], null, /no statement allows an identity of the account kms:PutKeyPolicy/],
    ['another account is named', [allowTo('arn:aws:iam::444455556666:root')], null, /no statement allows an identity/],
    ['there is nothing but a Deny', [aDeny({ Action: 'kms:Encrypt' })], null, /no statement allows an identity/],
    ['only what was deleted is named', [allowTo('AROAEXAMPLEROLEID1234')], null, /no statement allows an identity/],
    [
      'the action is missing',
      [allowTo('111122223333', { Action: 'kms:Get*' })],
      0,
      /the 1st statement .* does not allow/,
    ],
    ['the action is excluded', [allowTo(ADMIN, { Action: undefined, NotAction: 'kms:Put*' })], 0, /does not allow/],
    [
      'the resource is foreign',
      [{ ...ROOT, Resource: `${KEY_ARN}0` }],
      0,
      /"Root" .* names another resource, so it has/,
    ],
    [
      'the resource is an alias',
      [{ ...ROOT, Resource: 'arn:aws:kms:us-east-1:111122223333:alias/x' }],
      0,
      /another resource/,
    ],
    [
      'the resource is in another Region',
      [{ ...ROOT, Resource: KEY_ARN.replace('us-east-1', 'eu-west-1') }],
      0,
      /another/,
    ],
    [
      'the resource is missing',
      [{ ...ROOT, Resource: undefined }],
      0,
      /"Root" .* has no Resource, so it has no effect \(/,
    ],
  ])('since %s', (_why, statements, index, message) => {
    const problem = lockout(statements);

    expect(problem?.statement?.index ?? null).toBe(index);
    expect(problem?.message).toMatch(/^nobody could change this key policy again: /);
    expect(problem?.message).toMatch(message);
    expect(problem?.fix).toBe(
      `let the account of the key change the policy: {"Effect": "Allow", "Principal": {"AWS": "${ACCOUNT_ARN}:root"}, "Action": "kms:*", "Resource": "*"}`,
    );
  });

  it.each<[string, Json]>([
    ['a service that calls for somebody', { StringEquals: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } }],
    ['a service as the caller', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }],
    ['the name of a service', { StringEquals: { 'aws:PrincipalServiceName': LOGS } }],
    ['an encryption context', { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:111122223333:*' } }],
    ['the source of a call by a service', { ArnLike: { 'aws:SourceArn': LOG_GROUP_ARN } }],
    ['a grant', { Bool: { 'kms:GrantIsForAWSResource': 'true' } }],
    ['another account', { StringEquals: { 'kms:CallerAccount': '444455556666' } }],
    ['no encryption in transit', { Bool: { 'aws:SecureTransport': 'false' } }],
    ['a date in the past', { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
    ['another Region', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }],
    ['a bypass of the check', { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }],
    ['no value at all', { StringEquals: { 'aws:PrincipalTag/x': [] } }],
  ])('under a condition that cannot hold: %s', (_what, condition) => {
    const problem = lockout([rootWhere(condition)]);

    expect(problem).toMatchObject({ statement: { index: 0, sid: 'Root' } });
    expect(problem?.message).toContain(
      'the conditions of the statement "Root" (Allow, Principal AWS 111122223333) do not',
    );
  });

  it.each<[string, Json, Json?]>([
    ['for everybody', aDeny()],
    ['for everybody, as {"AWS":"*"}', aDeny({ Principal: { AWS: '*' } })],
    ['of this action alone', aDeny({ Action: 'kms:PutKeyPolicy' })],
    ['for the account', aDeny({ Principal: { AWS: '111122223333' } })],
    ['for the root, if the account is allowed', aDeny({ Principal: { AWS: `${ACCOUNT_ARN}:root` } })],
    ['for the account, if an administrator is allowed', aDeny({ Principal: { AWS: '111122223333' } }), allowTo(ADMIN)],
    ['for the only one who is allowed', aDeny({ Principal: { AWS: ADMIN } }), allowTo(ADMIN)],
    [
      'for the account, if everybody is allowed',
      aDeny({ Principal: { AWS: '111122223333' } }),
      anAllow({ Principal: '*' }),
    ],
    ['by a negated condition on an absent key', aDeny({ Condition: { StringNotEquals: { 'kms:ViaService': 'x' } } })],
    ['without an encryption context', aDeny({ Condition: { Null: { [CONTEXT]: 'true' } } })],
    ['for all but services, by a condition', aDeny({ Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' } } })],
    ['for all but a service', aDeny({ Principal: undefined, NotPrincipal: { Service: LOGS } })],
    [
      'for all but another account',
      aDeny({ Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' } }),
    ],
  ])('since a Deny applies %s', (_what, deny, allow = ROOT) => {
    const problem = lockout([allow, { Sid: 'No', ...deny }]);

    expect(problem?.statement).toEqual({ index: 1, sid: 'No' });
    expect(problem?.message).toMatch(/the statement "No" \(Deny, .*\) denies kms:PutKeyPolicy$/);
    expect(problem?.fix).toMatch(/^exclude an administrator from the statement "No" \(Deny, [^)]*\)$/);
  });

  it('names the Deny of the first of several roles, where each of them is denied', () => {
    const second = `${ACCOUNT_ARN}:role/second`;
    const denies = [
      aDeny({ Sid: 'NoAdmin', Principal: { AWS: ADMIN } }),
      aDeny({ Sid: 'NoSecond', Principal: { AWS: second } }),
    ];

    expect(lockout([allowTo([ADMIN, second]), ...denies])?.statement?.sid).toBe('NoAdmin');
    expect(codesOf([allowTo([ADMIN, second]), aDeny({ Principal: { AWS: ADMIN } })])).toEqual([]);
  });

  it('names the statement that comes closest, not the first one', () => {
    const user = allowTo(`${ACCOUNT_ARN}:role/app`, { Sid: 'Use', Action: ['kms:Encrypt', 'kms:Decrypt'] });

    expect(lockout([user, { ...ROOT, Resource: `${KEY_ARN}0` }])).toMatchObject({
      statement: { index: 1, sid: 'Root' },
      message: expect.stringContaining(
        'the statement "Root" (Allow, Principal AWS 111122223333) names another resource',
      ),
    });
    expect(lockout([user, rootWhere({ StringEquals: { 'kms:ViaService': 'x' } })])?.statement?.sid).toBe('Root');
  });

  it('whatever CloudWatch Logs may do', () => {
    expect(codesOf([anAllow(), allowTo('444455556666')])).toEqual(['LOCKS_OUT']);
    expect(codesOf(aPolicy(anAllow({ Principal: { Service: LOGS, AWS: '111122223333' } })))).toEqual([]);
  });

  it('and the fix has the partition of the key', () => {
    const allow = anAllow({ Principal: { Service: 'logs.us-gov-west-1.amazonaws.com' } });

    expect(lockout([allow], aboutALogGroupIn('aws-us-gov', 'us-gov-west-1'))?.fix).toContain(
      '"arn:aws-us-gov:iam::111122223333:root"',
    );
  });
});

describe('of many statements', () => {
  const roles = Array.from({ length: 3_000 }, (_, index) => `${ACCOUNT_ARN}:role/r${index}`);
  const allows = roles.map((role, index) => allowTo(role, { Sid: `Allow${index}` }));
  const denies = roles.map((AWS, index) => aDeny({ Sid: `Deny${index}`, Principal: { AWS } })).toReversed();
  const lockouts = (statements: Json[]) => problemsOf(statements).filter(({ code }) => code === 'LOCKS_OUT');

  it('each of 3,000 roles is denied by a statement of its own: nobody is left', () => {
    expect(lockouts([...allows, ...denies])).toMatchObject([{ statement: { index: 5_999, sid: 'Deny0' } }]);
  });

  it('one of 3,000 roles is not denied: it is left', () => {
    expect(lockouts([...allows, ...denies.slice(1)])).toEqual([]);
  });
});
