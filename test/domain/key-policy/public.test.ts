import { describe, expect, it } from 'vitest';
import { publicProblem } from '../../../lib/domain/key-policy/public.ts';
import {
  ABOUT_A_LOG_GROUP,
  aboutALogGroupIn,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  evaluate,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  ROOT,
  readFor,
} from './builders.ts';
import { DOCUMENTED } from './documented-policies.ts';

/** The index of the statement that lets everybody use the key. */
function publicIndex(statements: readonly Json[], question = ABOUT_A_LOG_GROUP): number | null {
  const policy = readFor(question, aPolicy(statements));
  if (policy.status !== 'READ') throw new Error('malformed');
  return policy.publicStatement?.index ?? null;
}
const open = (elements: Json = {}) => anAllow({ Principal: '*', ...elements });

describe('everybody may use the key', () => {
  it.each<[string, Json]>([
    ['by "*"', open()],
    ['by {"AWS":"*"}', open({ Principal: { AWS: '*' } })],
    ['by "*" in a list', open({ Principal: { AWS: ['111122223333', '*'], Service: 'ec2.amazonaws.com' } })],
    ['for one action', open({ Action: 'kms:Decrypt' })],
    ['for an action of administrators', open({ Action: 'kms:ScheduleKeyDeletion' })],
    ['for all but an action', open({ Action: undefined, NotAction: 'kms:Encrypt' })],
    ['for every action', open({ Action: '*' })],
    ['for this key by its ARN', open({ Resource: KEY_ARN })],
    ['for this key, which is no other', open({ Resource: undefined, NotResource: `${KEY_ARN}0` })],
    ['with TLS', open({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
    ['in a Region', open({ Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } })],
    ['for some time', open({ Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } } })],
    ['whatever the letter case of the condition key', open({ Condition: { Bool: { 'AWS:securetransport': 'true' } } })],
    ['but not one account', open({ Condition: { StringNotEquals: { 'aws:PrincipalAccount': '444455556666' } } })],
    ['but not one address', open({ Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } })],
    ['of every account', open({ Condition: { StringLike: { 'kms:CallerAccount': '*' } } })],
    [
      'of every organization, and of none',
      open({ Condition: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-example' } } }),
    ],
    ['of any organization', open({ Condition: { Null: { 'aws:PrincipalOrgID': 'false' } } })],
    ['of no organization', open({ Condition: { Null: { 'aws:PrincipalOrgID': 'true' } } })],
    [
      'through a VPC endpoint, or through none',
      open({ Condition: { StringLikeIfExists: { 'aws:SourceVpce': 'vpce-1' } } }),
    ],
    [
      'of every account, in a list',
      open({ Condition: { ArnLike: { 'aws:PrincipalArn': ['arn:aws:iam::1:root', '*'] } } }),
    ],
  ])('%s', (_how, statement) => {
    expect(publicIndex([statement])).toBe(0);
    expect(publicIndex([ROOT, anAllow(), statement])).toBe(2);
  });
});

describe('not everybody may use the key', () => {
  it.each<[string, Json]>([
    ['the account', ROOT],
    ['a service', anAllow()],
    ['every service of that name', anAllow({ Principal: { Service: '*' } })],
    ['the caller’s account', open({ Condition: { StringEquals: { 'kms:CallerAccount': '111122223333' } } })],
    ['the caller’s organization', open({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } } })],
    [
      'a path of the organization',
      open({ Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a/*' } } }),
    ],
    [
      'a service by the way it calls',
      open({ Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } }),
    ],
    ['a VPC endpoint', open({ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } })],
    ['an address', open({ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } })],
    ['log groups', open({ Condition: { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } } })],
    ['roles of a name', open({ Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*' } } })],
    [
      'TLS and an account',
      open({ Condition: { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'kms:CallerAccount': '1' } } }),
    ],
    [
      'an organization, if the key exists, and an account',
      open({
        Condition: {
          StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-example' },
          StringEquals: { 'kms:CallerAccount': '111122223333' },
        },
      }),
    ],
    ['another key', open({ Resource: `${KEY_ARN}0` })],
    ['no resource', open({ Resource: undefined })],
    ['no action', open({ Action: [] })],
    ['actions of another service', open({ Action: ['s3:*', 'logs:*'] })],
    ['no action of KMS', open({ Action: undefined, NotAction: 'kms:*' })],
    ['a Deny', aDeny()],
    [
      'all but somebody, which AWS does not support',
      open({ Principal: undefined, NotPrincipal: { AWS: '111122223333' } }),
    ],
  ])('but %s', (_who, statement) => {
    expect(publicIndex([statement])).toBeNull();
  });

  it.each(DOCUMENTED)('in $source', ({ partition = 'aws', region = 'us-east-1', statements }) => {
    expect(publicIndex(statements, aboutALogGroupIn(partition, region))).toBeNull();
  });
});

it('the first of several statements is named, with what to do', () => {
  const policy = readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT, open({ Sid: 'Open' }), open()]));
  const statement = policy.status === 'READ' ? policy.publicStatement : null;

  expect(statement && publicProblem(KEY_ARN, statement)).toEqual({
    code: 'KEY_POLICY_PUBLIC',
    severity: 'HIGH',
    message:
      'the statement "Open" (Allow, Principal "*") of the key policy lets everybody use the key, in every account, since no condition narrows it',
    fix: `in the statement "Open" (Allow, Principal "*") of the key policy of ${KEY_ARN}, name the account (arn:aws:iam::111122223333:root) instead, or add a condition on kms:CallerAccount`,
  });
});

it('the verdict has it as a warning, and stays ALLOWED', () => {
  const { verdict, warnings } = evaluate([ROOT, open()]);

  expect(verdict).toBe('ALLOWED');
  expect(warnings.map(({ code, severity }) => [code, severity])).toContainEqual(['KEY_POLICY_PUBLIC', 'HIGH']);
  expect(evaluate([ROOT, anAllow()]).warnings.map(({ code }) => code)).not.toContain('KEY_POLICY_PUBLIC');
});
