import type { Finding } from './finding.ts';
import type { KeyInspection } from './key.ts';
import { keyPolicyProblem } from './key-policy-problem.ts';
import { isReserved, type LogStore } from './log-store.ts';
import type { Refusal } from './reasons.ts';
import { whyIrreversible } from './stores/logstore.ts';

interface StepFacts {
  readonly store: LogStore;
  readonly fromKeyArn: string | null;
  /** It would configure the encryption of a Logstore for the first time: type and key can never be changed then. */
  readonly irreversible?: true | undefined;
}

/** What a remediation would do to one log store. */
export type Step = StepFacts &
  (
    | { readonly action: 'SEAL'; readonly toKeyArn: string; readonly refusal: null }
    | { readonly action: 'UNSEAL'; readonly toKeyArn: null; readonly refusal: null }
    | {
        readonly action: 'NONE';
        /** The configured key; null where it could not be found. */
        readonly toKeyArn: string | null;
        /** Why nothing would be done; null: there is nothing to do. */
        readonly refusal: Refusal | null;
      }
  );

/** What became of a step. `UNCHANGED`: there was nothing left to do, or in Audit nothing was to be done. */
export interface Outcome extends StepFacts {
  readonly action: Step['action'];
  readonly toKeyArn: string | null;
  readonly refusal: Refusal | null;
  readonly outcome: 'SEALED' | 'UNSEALED' | 'UNCHANGED' | 'REFUSED' | 'FAILED';
  /** What went wrong under FAILED, in the cloud's own words. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Plans one store that is not compliant. The plan stops at the first check that the configured key fails. */
export function planStep(finding: Finding, configured: KeyInspection, now: Date): Step {
  const { provider, account, region, type, name, arn } = finding;
  const store: LogStore = { provider, account, region, type, name, arn };
  const { keyArn: toKeyArn } = configured;
  const facts = { store, fromKeyArn: finding.keyArn };
  const refusal = refusalOf(finding, store, configured, now);
  if (refusal || toKeyArn === null) return { ...facts, action: 'NONE', toKeyArn, refusal };
  const isForGood = type === 'logstore' && !finding.fixed;
  return { ...facts, action: 'SEAL', toKeyArn, refusal: null, ...(isForGood && { irreversible: true }) };
}

function refusalOf(finding: Finding, store: LogStore, configured: KeyInspection, now: Date): Refusal | null {
  const unreadable = finding.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  if (unreadable) return unreadable;
  if (isReserved(store)) return RESERVED;
  const irreversible = whyIrreversible(finding, configured.keyArn);
  if (irreversible) return irreversible;
  return preflight(configured, store, now);
}

const RESERVED: Refusal = {
  code: 'STORE_RESERVED',
  message: 'log groups whose name begins with aws/ belong to AWS and cannot be changed',
  fix: 'nothing to do: the service that owns the log group decides how it is encrypted',
};

/** The first thing that keeps the configured key from sealing this very store; null: it may. */
export function preflight(configured: KeyInspection, store: LogStore, now: Date): Refusal | null {
  return configured.reasons[0] ?? keyPolicyProblem(configured, store, now);
}
