import { expect, it } from 'vitest';
import { callerAccess, type PolicyCaller } from '../../../lib/domain/key-policy/caller.ts';
import { parseKeyPolicy } from '../../../lib/domain/key-policy/parse.ts';
import { ACCOUNT, aDeny, anAllow, aPolicy, type Json, KEY_ARN, LOGS } from './builders.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/team/sealer`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/sealer/run`;
const KNOWN: PolicyCaller = { principalArn: ROLE, account: ACCOUNT };
const UNNAMED: PolicyCaller = { ...KNOWN, principalArn: null };

function policyOf(statements: unknown, version = '2012-10-17') {
  const parsed = parseKeyPolicy(aPolicy(statements, version));
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  return parsed.policy;
}

function accessOf(statements: unknown, caller = KNOWN, version?: string) {
  return callerAccess(policyOf(statements, version), KEY_ARN, caller, 'kms:Encrypt');
}

const to = (AWS: unknown): Json => ({ Principal: { AWS } });
const not = (names: unknown): Json => ({ Principal: undefined, NotPrincipal: names });

it.each<[string, Json, string, string]>([
  ['everybody', { Principal: '*' }, 'ALLOWED', 'DENIED'],
  ['every AWS principal', to('*'), 'ALLOWED', 'DENIED'],
  ['the role', to(ROLE), 'ALLOWED', 'DENIED'],
  ['the role among others', to([`${ROLE}2`, ROLE]), 'ALLOWED', 'DENIED'],
  ['the role and the root', to([ROOT, ROLE]), 'ALLOWED', 'DENIED'],
  ['the root', to(ROOT), 'DELEGATED', 'DENIED'],
  ['the account id', to([ACCOUNT]), 'DELEGATED', 'DENIED'],
  ['a session of the role', to(SESSION), 'UNKNOWN', 'UNKNOWN'],
  ['a session of another role', to(SESSION.replace('sealer', 'ealer')), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['a federated user', to(`arn:aws:sts::${ACCOUNT}:federated-user/ann`), 'UNKNOWN', 'UNKNOWN'],
  ['the role without its path', to(ROLE.replace('team/', '')), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['another role', to(`${ROLE}2`), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['a pattern of roles', to(`arn:aws:iam::${ACCOUNT}:role/*`), 'UNKNOWN', 'UNKNOWN'],
  ['the id of a deleted principal', to('AROA1234567890EXAMPLE'), 'UNKNOWN', 'UNKNOWN'],
  ['another account', to(['444455556666', 'arn:aws:iam::444455556666:root']), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['a role of another account', to(ROLE.replace(ACCOUNT, '444455556666')), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['a service', { Principal: { Service: LOGS } }, 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['an identity provider', { Principal: { Federated: 'accounts.google.com' } }, 'UNKNOWN', 'UNKNOWN'],
  ['a canonical user', { Principal: { CanonicalUser: 'f00' } }, 'UNKNOWN', 'UNKNOWN'],
  ['nobody', to([]), 'NOT_MENTIONED', 'NOT_MENTIONED'],
  ['everybody except the role', not({ AWS: ROLE }), 'UNKNOWN', 'UNKNOWN'],
  ['everybody except a service', not({ Service: LOGS }), 'UNKNOWN', 'UNKNOWN'],
])('a statement for %s', (_whom, elements, inAllow, inDeny) => {
  expect(accessOf(anAllow(elements)).access).toBe(inAllow);
  expect(accessOf([anAllow(to(`${ROLE}2`)), aDeny(elements)]).access).toBe(inDeny);
});

it.each<[string, unknown, string]>([
  ['everybody', '*', 'ALLOWED'],
  ['the root', ROOT, 'DELEGATED'],
  ['a role', ROLE, 'UNKNOWN'],
  ['a user', `arn:aws:iam::${ACCOUNT}:user/ann`, 'UNKNOWN'],
  ['a session', SESSION, 'UNKNOWN'],
  ['another account', '444455556666', 'NOT_MENTIONED'],
])('a caller whose name is not known, and a statement for %s', (_whom, name, access) => {
  expect(accessOf(anAllow(to(name)), UNNAMED).access).toBe(access);
});

it.each<[string, Json, string]>([
  ['Action *', { Action: '*' }, 'ALLOWED'],
  ['an Action in another letter case', { Action: 'KMS:encrypt' }, 'ALLOWED'],
  ['a pattern of actions', { Action: ['s3:*', 'kms:En?rypt*'] }, 'ALLOWED'],
  ['another Action', { Action: ['kms:Decrypt'] }, 'NOT_MENTIONED'],
  ['no Action', { Action: undefined }, 'NOT_MENTIONED'],
  ['NotAction of another action', { Action: undefined, NotAction: 'kms:Decrypt' }, 'ALLOWED'],
  ['NotAction of this action', { Action: undefined, NotAction: 'KMS:*' }, 'NOT_MENTIONED'],
  ['an empty NotAction', { Action: undefined, NotAction: [] }, 'UNKNOWN'],
  ['the ARN of the key', { Resource: KEY_ARN }, 'ALLOWED'],
  ['a pattern of keys', { Resource: 'arn:aws:kms:*:key/*' }, 'ALLOWED'],
  ['another key', { Resource: `${KEY_ARN}0` }, 'NOT_MENTIONED'],
  ['no Resource', { Resource: undefined }, 'NOT_MENTIONED'],
  ['NotResource of this key', { Resource: undefined, NotResource: KEY_ARN }, 'NOT_MENTIONED'],
  ['a variable in Resource', { Resource: `arn:aws:kms:\${aws:x}:*` }, 'UNKNOWN'],
  ['a condition', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, 'UNKNOWN'],
])('a statement for the role, with %s', (_what, elements, inAllow) => {
  const inDeny = inAllow === 'ALLOWED' ? 'DENIED' : inAllow;

  expect(accessOf(anAllow({ ...to(ROLE), ...elements })).access).toBe(inAllow);
  expect(accessOf([anAllow(to(`${ROLE}2`)), aDeny({ ...to(ROLE), ...elements })]).access).toBe(inDeny);
});

it('a variable is plain text where the Version has no variables', () => {
  const elements = { ...to(ROLE), Resource: `\${aws:x}` };

  expect(accessOf(anAllow(elements), KNOWN, '2008-10-17').access).toBe('NOT_MENTIONED');
});

const guard = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } };
const DENY = aDeny({ Sid: 'deny' });
const MAY_DENY = aDeny({ Sid: 'may deny', ...guard });
const ALLOW = anAllow({ Sid: 'allow', ...to(ROLE) });
const DELEGATE = anAllow({ Sid: 'delegate', ...to(ROOT) });
const MAY_ALLOW = anAllow({ Sid: 'may allow', ...to(ROLE), ...guard });
const OTHER = anAllow({ Sid: 'other' });

it.each<[string, Json[], string | null, string | null]>([
  ['DENIED', [MAY_ALLOW, DELEGATE, ALLOW, MAY_DENY, DENY], 'deny', null],
  ['UNKNOWN', [MAY_ALLOW, DELEGATE, ALLOW, MAY_DENY], 'may deny', null],
  ['ALLOWED', [MAY_ALLOW, DELEGATE, ALLOW], 'allow', null],
  ['DELEGATED', [MAY_ALLOW, DELEGATE], 'delegate', 'may allow'],
  ['DELEGATED', [DELEGATE, OTHER], 'delegate', null],
  ['UNKNOWN', [OTHER, MAY_ALLOW], 'may allow', null],
  ['NOT_MENTIONED', [OTHER], null, null],
])('the access is %s for %j', (access, statements, sid, mayAllow) => {
  const policy = policyOf(statements);
  const found = callerAccess(policy, KEY_ARN, KNOWN, 'kms:Encrypt');

  expect(found.access).toBe(access);
  expect(found.statement).toBe(sid && policy.statements.find((statement) => statement.sid === sid));
  expect(found.mayAllow?.sid ?? null).toBe(mayAllow);
});

it.each<[string, Json, string, string]>([
  ['everybody', to('*'), 'DELEGATED', 'DENIED'],
  ['the role', to(ROLE.replace(ACCOUNT, '444455556666')), 'DELEGATED', 'DENIED'],
  ['its account', to('444455556666'), 'DELEGATED', 'DENIED'],
  ['the account of the key', to(ROOT), 'NOT_MENTIONED', 'NOT_MENTIONED'],
])(
  'a caller of another account always needs its own policies: a statement for %s',
  (_whom, elements, inAllow, inDeny) => {
    const foreign = { principalArn: ROLE.replace(ACCOUNT, '444455556666'), account: '444455556666' };
    expect(accessOf(anAllow(elements), foreign)).toMatchObject({ access: inAllow, foreignAccount: '444455556666' });
    expect(accessOf(aDeny(elements), foreign).access).toBe(inDeny);
    expect(accessOf([anAllow(elements), anAllow(to(SESSION))], foreign)).not.toHaveProperty('mayAllow');
  },
);
