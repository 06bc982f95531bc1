import type { RefusalCode } from './reason.ts';

/** What is looked at before a key may be attached, in this order. */
export const CHECKS = [
  'FOUND',
  'REGION',
  'ENABLED',
  'KEY_SPEC',
  'KEY_USAGE',
  'KEY_POLICY',
  'GRANTS',
  'CALLER_RIGHTS',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** One check of the configured key and what came of it. */
export interface KeyCheck {
  readonly check: CheckName;
  /** The action that a policy or the caller's rights were asked for; null where the check is about none. */
  readonly action: string | null;
  /** `UNKNOWN`: it could not be found out, or AWS does not document what decides. Never to be treated as a PASS. */
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  /** Null under PASS. */
  readonly code: RefusalCode | null;
  readonly message: string;
  /** Ready to paste; null under PASS. */
  readonly cure: string | null;
}
