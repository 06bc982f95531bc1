import type { Finding } from './finding.ts';
import type { KeyLook } from './key.ts';
import { keyPolicyRemark } from './key-policy-remark.ts';
import { isReserved, type LogStore } from './log-store.ts';
import { whyIrreversible } from './logstore.ts';
import type { Refusal } from './reason.ts';

/** What a remediation would do to one log store. */
export interface Step {
  readonly store: LogStore;
  readonly action: 'SEAL' | 'UNSEAL' | 'NONE';
  readonly fromKeyArn: string | null;
  /** The configured key; null where it could not be found. */
  readonly toKeyArn: string | null;
  /** Why nothing would be done. */
  readonly refusal: Refusal | null;
  /** It would configure the encryption of a Logstore for the first time: type and key can never be changed then. */
  readonly irreversible?: true | undefined;
}

/** What became of a step. `UNCHANGED`: there was nothing left to do, or in Audit nothing was to be done. */
export interface Outcome extends Step {
  readonly outcome: 'SEALED' | 'UNSEALED' | 'UNCHANGED' | 'REFUSED' | 'FAILED';
  /** What went wrong under FAILED, in the cloud's own words. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Plans one store that is not compliant. The plan stops at the first check that the configured key fails. */
export function planStep(finding: Finding, configured: KeyLook, now: Date): Step {
  const { provider, account, region, type, name, arn } = finding;
  const store: LogStore = { provider, account, region, type, name, arn };
  const refusal = refusalOf(finding, store, configured, now);
  return {
    store,
    action: refusal ? 'NONE' : 'SEAL',
    fromKeyArn: finding.keyArn,
    toKeyArn: configured.keyArn,
    refusal,
    ...(!refusal && type === 'logstore' && !finding.fixed && { irreversible: true }),
  };
}

function refusalOf(finding: Finding, store: LogStore, configured: KeyLook, now: Date): Refusal | null {
  const unreadable = finding.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  if (unreadable) return unreadable;
  if (isReserved(store)) return RESERVED;
  const irreversible = whyIrreversible(finding, configured.keyArn);
  if (irreversible) return irreversible;
  return preflight(configured, store, now)[0] ?? null;
}

const RESERVED: Refusal = {
  code: 'STORE_RESERVED',
  message: 'log groups whose name begins with aws/ belong to AWS and cannot be changed',
  cure: 'nothing to do: the service that owns the log group decides how it is encrypted',
};

/** Everything that keeps the configured key from sealing this very store; none: it may. */
export function preflight(configured: KeyLook, store: LogStore, now: Date): Refusal[] {
  const policy = keyPolicyRemark(configured, store, now);
  return policy ? [...configured.reasons, policy] : [...configured.reasons];
}
