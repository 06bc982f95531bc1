import type { IdentityPolicies, Need } from './caller-rights.ts';
import type { KeyInspection } from './key.ts';
import type { LogStore } from './log-store.ts';
import type { RefusalCode } from './reasons.ts';

/** The checks that a key must pass before it may be attached, in this order. */
export type CheckName =
  | 'FOUND'
  | 'REGION'
  | 'ENABLED'
  | 'KEY_SPEC'
  | 'KEY_USAGE'
  | 'KEY_POLICY'
  | 'GRANTS'
  | 'CALLER_RIGHTS';

/** One check of the configured key and its result. */
export interface KeyCheck {
  readonly check: CheckName;
  /** The action that a policy or the caller's rights were checked for; null where the check is not about an action. */
  readonly action: string | null;
  /** `UNKNOWN`: it could not be found out, or depends on what AWS does not document. Never treated as a PASS. */
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  /** Null under PASS. */
  readonly code: RefusalCode | null;
  readonly message: string;
  /** A command or statement that can be pasted, or an instruction; null under PASS. */
  readonly fix: string | null;
}

/** A right to use a key that does not come from the key policy. */
export interface Grant {
  /** An ARN, or a service principal. */
  readonly grantee: string;
  /** As KMS names them, without the prefix `kms:`: `Encrypt`. */
  readonly operations: readonly string[];
  /** Whether it holds under constraints only, such as an encryption context. */
  readonly isConstrained?: boolean;
}

/** Everything that was found out about a key and the log store to attach it to. */
export interface KeyCheckFacts {
  /** As the user named it. */
  readonly key: string;
  readonly store: LogStore;
  readonly inspection: KeyInspection;
  /** null: not read. Grants matter only where no statement of a policy allows an action. */
  readonly grants: readonly Grant[] | { readonly unreadable: string } | null;
  readonly needs: readonly Need[];
  readonly identity: IdentityPolicies;
  /** Whether the user named the log store: then the fix of the key policy is for it alone. */
  readonly isStoreNamed?: boolean | undefined;
}

/** A check whose result is PASS. */
export function passed(check: CheckName, action: string | null, message: string): KeyCheck {
  return { check, action, result: 'PASS', code: null, message, fix: null };
}

/** A check that failed, or whose result is not known. A check is not a reason, so its document has no severity. */
export function found(
  check: CheckName,
  result: 'FAIL' | 'UNKNOWN',
  { code, message, fix }: Pick<KeyCheck, 'code' | 'message' | 'fix'>,
): KeyCheck {
  return { check, action: null, result, code, message, fix };
}
