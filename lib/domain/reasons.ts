/** Why a log store is flagged, in the order in which a finding lists them. */
export const REASON_CODES = [
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
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** What is said of a key's policy: a warning on a finding, a refusal for the configured key. */
export const KEY_POLICY_CODES = [
  'KEY_POLICY_DENIES',
  'KEY_POLICY_MISSING_ACTIONS',
  'KEY_POLICY_UNCERTAIN',
  'KEY_POLICY_UNREADABLE',
] as const;
export type KeyPolicyCode = (typeof KEY_POLICY_CODES)[number];

/** Why a store was not changed although it is not compliant. */
export const REFUSAL_CODES = [
  ...REASON_CODES,
  ...KEY_POLICY_CODES,
  'KEY_POLICY_CHANGED',
  'CALLER_MISSING_RIGHTS',
  'STORE_RESERVED',
  'STORE_GONE',
  'STORE_CHANGED',
  'IRREVERSIBLE',
  'ACCESS_DENIED',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A coded statement with what is wrong and how to fix it. */
export interface Problem<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly fix: string;
}

export type Reason = Problem<ReasonCode>;
export type Warning = Problem<KeyPolicyCode>;
export type Refusal = Problem<RefusalCode>;
