import { expect, it } from 'vitest';
import { type PolicyCaller, standingOf } from '../../../lib/domain/key-policy/caller.ts';
import { parseKeyPolicy } from '../../../lib/domain/key-policy/parse.ts';
import { ACCOUNT, aDeny, anAllow, aPolicy, type Json, KEY_ARN, LOGS } from './builders.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/team/sealer`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/sealer/run`;
const KNOWN: PolicyCaller = { principalArn: ROLE, account: ACCOUNT };
const NAMELESS: PolicyCaller = { ...KNOWN, principalArn: null };

function standing(statements: unknown, caller = KNOWN, version = '2012-10-17') {
  const parsed = parseKeyPolicy(aPolicy(statements, version));
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  return standingOf(parsed.policy, KEY_ARN, caller, 'kms:Encrypt');
}

const to = (AWS: unknown): Json => ({ Principal: { AWS } });
const not = (names: unknown): Json => ({ Principal: undefined, NotPrincipal: names });

it.each<[string, Json, string, string]>([
  ['everybody', { Principal: '*' }, 'ALLOWS', 'DENIES'],
  ['every AWS principal', to('*'), 'ALLOWS', 'DENIES'],
  ['the role', to(ROLE), 'ALLOWS', 'DENIES'],
  ['the role among others', to([`${ROLE}2`, ROLE]), 'ALLOWS', 'DENIES'],
  ['the role and the root', to([ROOT, ROLE]), 'ALLOWS', 'DENIES'],
  ['the root', to(ROOT), 'DELEGATES', 'DENIES'],
  ['the account id', to([ACCOUNT]), 'DELEGATES', 'DENIES'],
  ['a session of the role', to(SESSION), 'UNKNOWN', 'UNKNOWN'],
  ['a session of another role', to(SESSION.replace('sealer', 'ealer')), 'SILENT', 'SILENT'],
  ['a federated user', to(`arn:aws:sts::${ACCOUNT}:federated-user/ann`), 'UNKNOWN', 'UNKNOWN'],
  ['the role without its path', to(ROLE.replace('team/', '')), 'SILENT', 'SILENT'],
  ['another role', to(`${ROLE}2`), 'SILENT', 'SILENT'],
  ['a pattern of roles', to(`arn:aws:iam::${ACCOUNT}:role/*`), 'UNKNOWN', 'UNKNOWN'],
  ['the id of a deleted principal', to('AROA1234567890EXAMPLE'), 'UNKNOWN', 'UNKNOWN'],
  ['another account', to(['444455556666', 'arn:aws:iam::444455556666:root']), 'SILENT', 'SILENT'],
  ['a role of another account', to(ROLE.replace(ACCOUNT, '444455556666')), 'SILENT', 'SILENT'],
  ['a service', { Principal: { Service: LOGS } }, 'SILENT', 'SILENT'],
  ['an identity provider', { Principal: { Federated: 'accounts.google.com' } }, 'UNKNOWN', 'UNKNOWN'],
  ['a canonical user', { Principal: { CanonicalUser: 'f00' } }, 'UNKNOWN', 'UNKNOWN'],
  ['nobody', to([]), 'SILENT', 'SILENT'],
  ['all but the role', not({ AWS: ROLE }), 'UNKNOWN', 'UNKNOWN'],
  ['all but a service', not({ Service: LOGS }), 'UNKNOWN', 'UNKNOWN'],
])('a statement for %s', (_whom, elements, inAllow, inDeny) => {
  expect(standing(anAllow(elements)).says).toBe(inAllow);
  expect(standing([anAllow(to(`${ROLE}2`)), aDeny(elements)]).says).toBe(inDeny);
});

it.each<[string, unknown, string]>([
  ['everybody', '*', 'ALLOWS'],
  ['the root', ROOT, 'DELEGATES'],
  ['a role', ROLE, 'UNKNOWN'],
  ['a user', `arn:aws:iam::${ACCOUNT}:user/ann`, 'UNKNOWN'],
  ['a session', SESSION, 'UNKNOWN'],
  ['another account', '444455556666', 'SILENT'],
])('to a caller whose name is not known, a statement for %s', (_whom, name, says) => {
  expect(standing(anAllow(to(name)), NAMELESS).says).toBe(says);
});

it.each<[string, Json, string]>([
  ['Action *', { Action: '*' }, 'ALLOWS'],
  ['an Action in another letter case', { Action: 'KMS:encrypt' }, 'ALLOWS'],
  ['a pattern of actions', { Action: ['s3:*', 'kms:En?rypt*'] }, 'ALLOWS'],
  ['another Action', { Action: ['kms:Decrypt'] }, 'SILENT'],
  ['no Action', { Action: undefined }, 'SILENT'],
  ['NotAction of another', { Action: undefined, NotAction: 'kms:Decrypt' }, 'ALLOWS'],
  ['NotAction of this', { Action: undefined, NotAction: 'KMS:*' }, 'SILENT'],
  ['an empty NotAction', { Action: undefined, NotAction: [] }, 'UNKNOWN'],
  ['the ARN of the key', { Resource: KEY_ARN }, 'ALLOWS'],
  ['a pattern of keys', { Resource: 'arn:aws:kms:*:key/*' }, 'ALLOWS'],
  ['another key', { Resource: `${KEY_ARN}0` }, 'SILENT'],
  ['no Resource', { Resource: undefined }, 'SILENT'],
  ['NotResource of this key', { Resource: undefined, NotResource: KEY_ARN }, 'SILENT'],
  ['a variable in Resource', { Resource: `arn:aws:kms:\${aws:x}:*` }, 'UNKNOWN'],
  ['a condition', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, 'UNKNOWN'],
])('a statement for the role with %s', (_what, elements, inAllow) => {
  const inDeny = inAllow === 'ALLOWS' ? 'DENIES' : inAllow;

  expect(standing(anAllow({ ...to(ROLE), ...elements })).says).toBe(inAllow);
  expect(standing([anAllow(to(`${ROLE}2`)), aDeny({ ...to(ROLE), ...elements })]).says).toBe(inDeny);
});

it('a variable is text where the Version knows none', () => {
  const elements = { ...to(ROLE), Resource: `\${aws:x}` };

  expect(standing(anAllow(elements), KNOWN, '2008-10-17').says).toBe('SILENT');
});

const guard = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } };
const DENY = aDeny({ Sid: 'deny' });
const MAY_DENY = aDeny({ Sid: 'may deny', ...guard });
const ALLOW = anAllow({ Sid: 'allow', ...to(ROLE) });
const DELEGATE = anAllow({ Sid: 'delegate', ...to(ROOT) });
const MAY_ALLOW = anAllow({ Sid: 'may allow', ...to(ROLE), ...guard });
const OTHER = anAllow({ Sid: 'other' });

it.each<[string, Json[], string | null, string | null]>([
  ['DENIES', [MAY_ALLOW, DELEGATE, ALLOW, MAY_DENY, DENY], 'deny', null],
  ['UNKNOWN', [MAY_ALLOW, DELEGATE, ALLOW, MAY_DENY], 'may deny', null],
  ['ALLOWS', [MAY_ALLOW, DELEGATE, ALLOW], 'allow', null],
  ['DELEGATES', [MAY_ALLOW, DELEGATE], 'delegate', 'may allow'],
  ['DELEGATES', [DELEGATE, OTHER], 'delegate', null],
  ['UNKNOWN', [OTHER, MAY_ALLOW], 'may allow', null],
  ['SILENT', [OTHER], null, null],
])('%s of %j', (says, statements, sid, mayAllow) => {
  const placeOf = (name: string) => ({ index: statements.findIndex(({ Sid }) => Sid === name), sid: name });

  expect(standing(statements)).toEqual({
    says,
    statement: sid && placeOf(sid),
    ...(mayAllow && { mayAllow: placeOf(mayAllow) }),
  });
});
