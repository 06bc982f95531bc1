import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowsNone, verdictOf } from '../../../lib/domain/key-policy/verdict.ts';
import { elements, SEED, statements } from './arbitraries.ts';
import { ABOUT_A_LOG_GROUP, ACCOUNT, aDeny, anAllow, aPolicy, type Json, readFor } from './builders.ts';

const PREFIX = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:`;
const { subject } = ABOUT_A_LOG_GROUP;
const someGroup = (name: string) => ({ type: 'log-group', arn: `${PREFIX}${name}` }) as const;

function read(policy: readonly Json[]) {
  const found = readFor(ABOUT_A_LOG_GROUP, aPolicy(policy));
  if (found.status === 'MALFORMED') throw new Error(found.mistakes.join());
  return found;
}

const operators = elements('StringLike', 'StringEquals', 'ArnLike', 'StringNotLike', 'StringNotEquals', 'ArnNotEquals');
const patterns = fc
  .tuple(
    elements(PREFIX, 'arn:aws:logs:*:log-group:', '*:log-group:', 'arn:*:*:*:*:log-group*', PREFIX.replace('us', 'eu')),
    fc.array(elements('a', '/', '*', '?', 'bc'), { maxLength: 4 }),
  )
  .map(([beginning, rest]) => beginning + rest.join(''));
const names = fc.array(elements('a', '/', 'bc'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const when = fc
  .tuple(operators, elements('kms:EncryptionContext:aws:logs:arn', 'aws:SourceArn'), patterns)
  .map(([operator, key, pattern]) => ({ Condition: { [operator]: { [key]: pattern } } }));

describe('a policy that allows none', () => {
  it('allows no log group, whatever its name and the conditions on it', () => {
    let none = 0;
    fc.assert(
      fc.property(fc.array(when, { minLength: 1, maxLength: 2 }), fc.option(when), names, (allowed, denied, name) => {
        const policy = read([...allowed.map(anAllow), ...(denied ? [aDeny(denied)] : [])]);
        if (!allowsNone(policy, subject)) return;
        none++;
        expect(verdictOf(policy, someGroup(name))).not.toBe('ALLOWED');
      }),
      { numRuns: 2000, seed: SEED },
    );
    expect(none).toBeGreaterThan(100);
  });

  it('allows none in any other policy either', () => {
    fc.assert(
      fc.property(statements, names, (some, name) => {
        const policy = read(some);
        if (allowsNone(policy, subject)) expect(verdictOf(policy, someGroup(name))).not.toBe('ALLOWED');
      }),
      { numRuns: 400, seed: SEED },
    );
  });
});
