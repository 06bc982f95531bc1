import { expect, it } from 'vitest';
import { KEY_POLICY_CODES, REASON_CODES, REFUSAL_CODES } from '../../lib/domain/reasons.ts';

/** Other programs read these codes: they are added to, never renamed, and keep their order. */
it('reasons come in the order that is promised', () => {
  expect(REASON_CODES).toEqual([
    'NO_KEY',
    'KEY_NOT_FOUND',
    'KEY_DISABLED',
    'KEY_PENDING_DELETION',
    'KEY_PENDING_REPLICA_DELETION',
    'KEY_PENDING_IMPORT',
    'KEY_UNAVAILABLE',
    'KEY_CREATING',
    'KEY_NOT_SYMMETRIC',
    'KEY_WRONG_USAGE',
    'KEY_WRONG_REGION',
    'KEY_NOT_CONFIGURED',
    'KEY_UNREADABLE',
    'ENCRYPTION_OFF',
    'SERVICE_KEY',
  ]);
});

it('every reason and every problem on a key policy can be a refusal', () => {
  expect(REFUSAL_CODES).toEqual([
    ...REASON_CODES,
    ...KEY_POLICY_CODES,
    'KEY_POLICY_CHANGED',
    'CALLER_MISSING_RIGHTS',
    'STORE_RESERVED',
    'STORE_GONE',
    'STORE_CHANGED',
    'IRREVERSIBLE',
    'ACCESS_DENIED',
  ]);
});
