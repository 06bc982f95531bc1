import { describe, expect, it } from 'vitest';
import {
  comparedResource,
  evaluateNeed,
  FIX_FOR_DENY,
  fixForDenied,
  type IdentityDecision,
  isConfirmed,
  neededRights,
} from '../../lib/domain/caller-rights.ts';
import type { CallerAccess } from '../../lib/domain/key-policy/caller.ts';
import { parseKeyPolicy, type Statement } from '../../lib/domain/key-policy/parse.ts';
import { ACCOUNT, aKeyArn, aLogGroup } from '../support/builders.ts';
import { aDeny, anAllow, aPolicy, type Json } from './key-policy/builders.ts';

const KEY = aKeyArn();
const STORE = aLogGroup().arn;
const ENCRYPT = { action: 'kms:Encrypt', resource: KEY };
const ASSOCIATE = { action: 'logs:AssociateKmsKey', resource: STORE };

const ROLE = `arn:aws:iam::${ACCOUNT}:role/sealer`;
const DENY = aStatement(aDeny({ Sid: 'Two' }));
const ALLOW = aStatement(anAllow({ Sid: 'Three', Principal: { AWS: ROLE } }));

function aStatement(elements: Json): Statement {
  const parsed = parseKeyPolicy(aPolicy(elements));
  const [statement] = parsed.ok ? parsed.policy.statements : [];
  if (!statement) throw new Error(JSON.stringify(parsed));
  return statement;
}

const access = (result: Exclude<CallerAccess['access'], 'NOT_MENTIONED'>): CallerAccess => ({
  access: result,
  statement: result === 'DENIED' ? DENY : ALLOW,
});
const NOT_MENTIONED: CallerAccess = { access: 'NOT_MENTIONED', statement: null };
const MAY_ALLOW: CallerAccess = {
  ...access('DELEGATED'),
  mayAllow: aStatement(anAllow({ Principal: { AWS: `${ROLE}/x` } })),
};
const statementIn = (fix: string | null) => JSON.parse(/\{.*\}/.exec(fix ?? '')?.[0] ?? 'null');

type Decision = IdentityDecision | null;
const DECISIONS: readonly Decision[] = ['ALLOWED', 'IMPLICIT_DENY', 'EXPLICIT_DENY', 'UNKNOWN', null];

/** The results for `DECISIONS`, in that order. */
describe.each<[string, CallerAccess | 'UNREAD' | null, string]>([
  ['the right is not on a key', null, 'PASS FAIL FAIL UNKNOWN UNKNOWN'],
  ['the key policy could not be read', 'UNREAD', 'UNKNOWN UNKNOWN FAIL UNKNOWN UNKNOWN'],
  ['the key policy denies it', access('DENIED'), 'FAIL FAIL FAIL FAIL FAIL'],
  ['the key policy allows it', access('ALLOWED'), 'PASS PASS FAIL UNKNOWN UNKNOWN'],
  ['the key policy delegates', access('DELEGATED'), 'PASS FAIL FAIL UNKNOWN UNKNOWN'],
  ['the key policy delegates, and another statement may allow it', MAY_ALLOW, 'PASS UNKNOWN FAIL UNKNOWN UNKNOWN'],
  ['the key policy does not mention the caller', NOT_MENTIONED, 'FAIL FAIL FAIL FAIL FAIL'],
  ['the access by the key policy is unknown', access('UNKNOWN'), 'UNKNOWN UNKNOWN FAIL UNKNOWN UNKNOWN'],
])('where %s', (_title, keyPolicy, results) => {
  it.each(DECISIONS.map((decision, index) => [decision, results.split(' ')[index]]))('%s is %s', (decision, result) => {
    const evaluation = evaluateNeed(ENCRYPT, decision as Decision, keyPolicy);

    expect(evaluation.result).toBe(result);
    expect(evaluation.message).toMatch(/kms:Encrypt|forbids/);
    expect(evaluation.fix === null).toBe(result === 'PASS');
  });

  it('a right that AWS is not known to check never fails', () => {
    for (const decision of DECISIONS) {
      const confirmed = evaluateNeed(ENCRYPT, decision, keyPolicy);
      const { result, message } = evaluateNeed({ ...ENCRYPT, action: 'kms:Decrypt' }, decision, keyPolicy);

      expect(result).toBe(confirmed.result === 'FAIL' ? 'UNKNOWN' : confirmed.result);
      expect(message.endsWith('AWS does not document whether AssociateKmsKey checks this right')).toBe(
        confirmed.result === 'FAIL',
      );
    }
  });
});

describe('a fix can be pasted', () => {
  it('where the cloud denied a call, for the right that it names', () => {
    const named = { action: 'kms:Encrypt', resource: KEY, isExplicitDeny: false };

    expect(statementIn(fixForDenied('a:Call', named))).toEqual({
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: KEY,
    });
    expect(statementIn(fixForDenied('a:Call', { ...named, resource: null })).Resource).toBe('*');
    expect(statementIn(fixForDenied('a:Call', null))).toEqual({ Effect: 'Allow', Action: 'a:Call', Resource: '*' });
    expect(fixForDenied('a:Call', { ...named, isExplicitDeny: true })).toBe(FIX_FOR_DENY);
  });

  it('into a policy of the caller', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', access('DELEGATED'));

    expect(statementIn(fix)).toEqual({ Effect: 'Allow', Action: 'kms:Encrypt', Resource: KEY });
  });

  it('for a log group, in both forms of its ARN', () => {
    const { fix } = evaluateNeed(ASSOCIATE, 'IMPLICIT_DENY', null);

    expect(statementIn(fix)).toEqual({ Effect: 'Allow', Action: ASSOCIATE.action, Resource: [STORE, `${STORE}:*`] });
  });

  it('which IAM compares with the longer one', () => {
    expect(comparedResource(STORE)).toBe(`${STORE}:*`);
    expect(comparedResource(KEY)).toBe(KEY);
    expect(comparedResource(STORE.replace(/log-group:.*/, 'query-result:*'))).toMatch(/:query-result:\*$/);
  });

  it('for query results, with their ARN as it is', () => {
    const resource = STORE.replace(/log-group:.*/, 'query-result:*');

    expect(statementIn(evaluateNeed({ ...ASSOCIATE, resource }, 'IMPLICIT_DENY', null).fix).Resource).toBe(resource);
  });

  it('into the key policy', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'ALLOWED', NOT_MENTIONED);
    const statement = statementIn(fix);

    expect(parseKeyPolicy(JSON.stringify({ Statement: statement })).ok).toBe(true);
    expect(statement).toMatchObject({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:Encrypt' });
  });

  it('into both, where neither allows it', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', NOT_MENTIONED);

    expect(fix).toMatch(/to the key policy of .*\{.*\}; and add this statement to a policy of the caller: \{.*\}$/);
  });

  it('into a policy of the caller, so that it can read the key policy', () => {
    expect(statementIn(evaluateNeed(ENCRYPT, 'ALLOWED', 'UNREAD').fix)).toMatchObject({ Action: 'kms:GetKeyPolicy' });
  });
});

it('names the statement that the result depends on', () => {
  const { message, fix } = evaluateNeed(ENCRYPT, 'ALLOWED', access('DENIED'));

  expect(message).toBe('the statement "Two" (Deny, Principal "*") of the key policy denies the caller kms:Encrypt');
  expect(fix).toContain('exclude the caller from the statement "Two" (Deny, Principal "*") of the key policy');
  expect(evaluateNeed(ENCRYPT, 'ALLOWED', access('ALLOWED')).message).toBe(
    `the statement "Three" (Allow, Principal AWS ${ROLE}) of the key policy allows the caller kms:Encrypt`,
  );
  expect(evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', MAY_ALLOW).message).toContain(
    `whether the 1st statement (Allow, Principal AWS ${ROLE}/x) of the key policy allows it is not known`,
  );
});

it('the needed rights are all that the guide names, and include those that AWS is known to check', () => {
  const needs = neededRights(KEY, STORE);

  expect(needs.map(({ action }) => action)).toEqual([
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:Decrypt',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    'kms:GenerateDataKey',
    'logs:AssociateKmsKey',
  ]);
  expect(needs.filter(({ resource }) => resource === KEY)).toHaveLength(6);
  expect(needs.at(-1)).toEqual(ASSOCIATE);
  expect(needs.map(({ action }) => action).filter(isConfirmed)).toEqual([
    'kms:DescribeKey',
    'kms:Encrypt',
    'logs:AssociateKmsKey',
  ]);
});
