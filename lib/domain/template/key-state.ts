import { type KeyFacts, whyUnusable } from '../key.ts';
import type { Reason } from '../reasons.ts';
import type { DeclaredKey } from './model.ts';

/** Why logs cannot be encrypted with a declared key, whatever its policy says. What is not known counts as right. */
export function keyStateReasons({ id, spec, usage, enabled }: DeclaredKey): Reason[] {
  const facts: KeyFacts = {
    arn: id,
    account: '',
    state: enabled === false ? 'Disabled' : 'Enabled',
    spec: spec ?? 'SYMMETRIC_DEFAULT',
    usage: usage ?? 'ENCRYPT_DECRYPT',
  };
  return whyUnusable(facts, 'aws', 'CONFIGURED').map((reason) =>
    reason.code === 'KEY_DISABLED' ? { ...reason, fix: `enable ${id} in its declaration` } : reason,
  );
}
