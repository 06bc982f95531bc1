import { describe, expect, it } from 'vitest';
import { aDeny, anAllow, evaluate, type Json, KEY_ARN } from './builders.ts';

describe('actions and resources', () => {
  it.each<[string, Json, string, string]>([
    ['16: the ARN of the key', { Resource: KEY_ARN }, 'ALLOWED', 'DENIED'],
    ['16: a pattern over colons', { Resource: 'arn:*' }, 'ALLOWED', 'DENIED'],
    ['16: a pattern with ?', { Resource: KEY_ARN.replace('1234abcd', '????????') }, 'ALLOWED', 'DENIED'],
    ['16: one of several', { Resource: ['arn:aws:s3:::b', KEY_ARN] }, 'ALLOWED', 'DENIED'],
    ['16: another key', { Resource: `${KEY_ARN}0` }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: another account', { Resource: 'arn:aws:kms:us-east-1:444455556666:key/*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: an alias', { Resource: 'arn:aws:kms:us-east-1:111122223333:alias/*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: the ARN in another letter case', { Resource: KEY_ARN.toUpperCase() }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: missing Resource', { Resource: undefined }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Resource list', { Resource: [] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Resource text', { Resource: '' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: missing Action', { Action: undefined }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Action list', { Action: [] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Action text', { Action: '' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotResource of another key', { Resource: undefined, NotResource: `${KEY_ARN}0` }, 'ALLOWED', 'DENIED'],
    ['13: NotResource of this key', { Resource: undefined, NotResource: [KEY_ARN] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotResource of "*"', { Resource: undefined, NotResource: '*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotAction of another service', { Action: undefined, NotAction: 'iam:*' }, 'ALLOWED', 'DENIED'],
    ['13: NotAction of everything', { Action: undefined, NotAction: ['KMS:*'] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: empty NotAction list', { Action: undefined, NotAction: [] }, 'UNCERTAIN', 'UNCERTAIN'],
    ['13: empty NotResource list', { Resource: undefined, NotResource: [] }, 'UNCERTAIN', 'UNCERTAIN'],
    ['17: *', { Action: '*' }, 'ALLOWED', 'DENIED'],
    ['17: upper case', { Action: 'KMS:*' }, 'ALLOWED', 'DENIED'],
    ['17: another service', { Action: 's3:*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['17: without the prefix', { Action: ['Encrypt', 'Decrypt'] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['17: ReEncrypt without *', { Action: 'kms:ReEncrypt' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['19: a variable in Resource', { Resource: `arn:aws:kms:us-east-1:\${aws:x}:key/*` }, 'UNCERTAIN', 'UNCERTAIN'],
    ['19: a variable in NotResource', { Resource: undefined, NotResource: `\${aws:x}` }, 'UNCERTAIN', 'UNCERTAIN'],
    ['19: a variable next to "*"', { Resource: [`\${aws:x}`, '*'] }, 'ALLOWED', 'DENIED'],
  ])('key-policy rule %s', (_rule, elements, inAllow, inDeny) => {
    expect(evaluate(anAllow(elements)).verdict).toBe(inAllow);
    expect(evaluate([anAllow(), aDeny(elements)]).verdict).toBe(inDeny);
  });

  it.each([
    ['17: kms:ReEncrypt* is From and To', 'kms:ReEncrypt*', ['kms:ReEncryptFrom', 'kms:ReEncryptTo']],
    ['17: kms:GenerateDataKey is itself alone', 'kms:GenerateDataKey', ['kms:GenerateDataKey']],
    ['17: ? is exactly one character', 'kms:?ncrypt', ['kms:Encrypt']],
    ['17: * may be empty', 'kms:Decrypt*', ['kms:Decrypt']],
    ['17: kms:*Encrypt*', 'kms:*Encrypt*', ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']],
  ])('key-policy rule %s', (_rule, action, allowed) => {
    const { actions } = evaluate(anAllow({ Action: action }));

    expect(Object.keys(actions).filter((name) => actions[name as keyof typeof actions]?.effect === 'ALLOW')).toEqual(
      allowed,
    );
  });
});
