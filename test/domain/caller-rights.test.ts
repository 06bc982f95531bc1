import { describe, expect, it } from 'vitest';
import { evaluateNeed, type IdentityDecision, isConfirmed, neededRights } from '../../lib/domain/caller-rights.ts';
import type { CallerStanding } from '../../lib/domain/key-policy/caller.ts';
import { parseKeyPolicy } from '../../lib/domain/key-policy/parse.ts';
import { ACCOUNT, aKeyArn, aLogGroup } from '../support/builders.ts';

const KEY = aKeyArn();
const STORE = aLogGroup().arn;
const ENCRYPT = { action: 'kms:Encrypt', resource: KEY };
const ASSOCIATE = { action: 'logs:AssociateKmsKey', resource: STORE };

const says = (what: Exclude<CallerStanding['says'], 'SILENT'>): CallerStanding => ({
  says: what,
  statement: { index: 2, sid: 'Two' },
});
const SILENT: CallerStanding = { says: 'SILENT', statement: null };
const MAY_ALLOW: CallerStanding = { ...says('DELEGATES'), mayAllow: { index: 3, sid: null } };
const statementIn = (fix: string | null) => JSON.parse(/\{.*\}/.exec(fix ?? '')?.[0] ?? 'null');

type Decision = IdentityDecision | null;
const DECISIONS: readonly Decision[] = ['ALLOWED', 'IMPLICIT_DENY', 'EXPLICIT_DENY', 'UNKNOWN', null];

/** By the decisions in their order. */
describe.each<[string, CallerStanding | 'UNREAD' | null, string]>([
  ['no key policy has a say', null, 'PASS FAIL FAIL UNKNOWN UNKNOWN'],
  ['the key policy could not be read', 'UNREAD', 'UNKNOWN UNKNOWN FAIL UNKNOWN UNKNOWN'],
  ['the key policy DENIES', says('DENIES'), 'FAIL FAIL FAIL FAIL FAIL'],
  ['the key policy ALLOWS', says('ALLOWS'), 'PASS PASS FAIL UNKNOWN UNKNOWN'],
  ['the key policy DELEGATES', says('DELEGATES'), 'PASS FAIL FAIL UNKNOWN UNKNOWN'],
  ['the key policy DELEGATES and may allow', MAY_ALLOW, 'PASS UNKNOWN FAIL UNKNOWN UNKNOWN'],
  ['the key policy is SILENT', SILENT, 'FAIL FAIL FAIL FAIL FAIL'],
  ['the key policy is UNKNOWN', says('UNKNOWN'), 'UNKNOWN UNKNOWN FAIL UNKNOWN UNKNOWN'],
])('where %s', (_title, standing, results) => {
  it.each(DECISIONS.map((decision, index) => [decision, results.split(' ')[index]]))('%s is %s', (decision, result) => {
    const judged = evaluateNeed(ENCRYPT, decision as Decision, standing);

    expect(judged.result).toBe(result);
    expect(judged.message).toMatch(/kms:Encrypt|forbids/);
    expect(judged.fix === null).toBe(result === 'PASS');
  });

  it('no FAIL is made of a right that AWS may not check', () => {
    for (const decision of DECISIONS) {
      const confirmed = evaluateNeed(ENCRYPT, decision, standing);
      const { result, message } = evaluateNeed({ ...ENCRYPT, action: 'kms:Decrypt' }, decision, standing);

      expect(result).toBe(confirmed.result === 'FAIL' ? 'UNKNOWN' : confirmed.result);
      expect(message.endsWith('whether AssociateKmsKey checks it is not documented')).toBe(confirmed.result === 'FAIL');
    }
  });
});

describe('a fix can be pasted', () => {
  it('into a policy of the caller', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', says('DELEGATES'));

    expect(statementIn(fix)).toEqual({ Effect: 'Allow', Action: 'kms:Encrypt', Resource: KEY });
  });

  it('for a log group, in both forms of its ARN', () => {
    const { fix } = evaluateNeed(ASSOCIATE, 'IMPLICIT_DENY', null);

    expect(statementIn(fix)).toEqual({ Effect: 'Allow', Action: ASSOCIATE.action, Resource: [STORE, `${STORE}:*`] });
  });

  it('for query results, as their ARN is', () => {
    const resource = STORE.replace(/log-group:.*/, 'query-result:*');

    expect(statementIn(evaluateNeed({ ...ASSOCIATE, resource }, 'IMPLICIT_DENY', null).fix).Resource).toBe(resource);
  });

  it('into the key policy', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'ALLOWED', SILENT);
    const statement = statementIn(fix);

    expect(parseKeyPolicy(JSON.stringify({ Statement: statement })).ok).toBe(true);
    expect(statement).toMatchObject({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:Encrypt' });
  });

  it('into both, where neither lets the caller in', () => {
    const { fix } = evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', SILENT);

    expect(fix).toMatch(/to the key policy of .*\{.*\}; and add this statement to a policy of the caller: \{.*\}$/);
  });

  it('to read the key policy', () => {
    expect(statementIn(evaluateNeed(ENCRYPT, 'ALLOWED', 'UNREAD').fix)).toMatchObject({ Action: 'kms:GetKeyPolicy' });
  });
});

it('names the statement that decides', () => {
  expect(evaluateNeed(ENCRYPT, 'ALLOWED', says('DENIES')).message).toBe(
    'statement 2 ("Two") of the key policy denies the caller kms:Encrypt',
  );
  expect(evaluateNeed(ENCRYPT, 'IMPLICIT_DENY', MAY_ALLOW).message).toMatch(
    /statement 3 of the key policy does is not known/,
  );
});

it('asks for every right that the guide names, those seen to be checked among them', () => {
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
