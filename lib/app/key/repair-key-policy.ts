import { setTimeout } from 'node:timers/promises';
import { parseArn } from '../../domain/arn.ts';
import { toIdentity } from '../../domain/caller-rights.ts';
import type { KeyInspection } from '../../domain/key.ts';
import { type RepairStatement, statementForAll } from '../../domain/key-policy/build-statement.ts';
import { likelyCause } from '../../domain/key-policy/likely-cause.ts';
import { isSamePolicy } from '../../domain/key-policy/policy-text.ts';
import { readKeyPolicy } from '../../domain/key-policy/read.ts';
import { NO_NOTES, type RepairNotes } from '../../domain/key-policy/repair-notes.ts';
import { repairKeyPolicy } from '../../domain/key-policy/repair-policy.ts';
import type { Scopes } from '../../domain/key-policy/repair-scope.ts';
import { logsService } from '../../domain/key-policy/service-call.ts';
import type { LogStore } from '../../domain/log-store.ts';
import {
  isPermanent,
  type PolicyRefusal,
  problem,
  type Reason,
  type Refusal,
  type Warning,
} from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import { keyPolicyProblem } from '../../domain/store-key-policy.ts';
import { keyNotFound } from '../../domain/unusable-key.ts';
import { CloudError } from '../../errors.ts';
import { POLICY_READ_EVERY_MS, POLICY_READS } from '../../pacing.ts';
import { type ChangeRun, journalled } from '../change/journalled.ts';
import type { Keys, Wait } from '../ports.ts';

/** A key policy to be replaced: the whole text that was read, and the whole text to write. */
export interface PolicyChange {
  readonly keyArn: string;
  readonly from: string;
  readonly to: string;
}

export interface PolicyRun extends ChangeRun {
  /** What the policy was evaluated under. */
  readonly rules: Rules;
  /** Ends the wait for the change to take effect. */
  readonly signal?: AbortSignal;
  /** Waits between two reads. Default: real time. */
  readonly wait?: Wait | undefined;
}

/** What became of a policy change. `UNCHANGED`: the policy was already so. `SKIPPED`: the run was interrupted before. */
export interface PolicyOutcome {
  /** null: the key could not be found. */
  readonly keyArn: string | null;
  readonly outcome: 'CHANGED' | 'UNCHANGED' | 'REFUSED' | 'FAILED' | 'SKIPPED';
  readonly refusal: PolicyRefusal | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Whether KMS returns the new policy by now; it can take minutes to take effect everywhere. */
  readonly inEffect: boolean;
}

/** What a repair would write, or why it writes nothing. Neither: the policy is all right. */
export interface RepairPlan {
  readonly keyArn: string | null;
  readonly statement: RepairStatement | null;
  readonly change: PolicyChange | null;
  readonly refusal: PolicyRefusal | null;
  /**
   * Why the key cannot be used all the same, such as its state; for readers and writers, its policy for CloudWatch Logs itself
   * too. None: it can, or that is not known.
   */
  readonly keyReasons: readonly (Reason | Warning)[];
  readonly notes: RepairNotes;
}

/**
 * Plans the statement that lets CloudWatch Logs use the key for some scopes. A missing statement is planned for a key in any
 * state, since the state may change; the state counts where the policy needs no repair.
 * @param store one that is in the first scope
 */
export function planRepair(inspection: KeyInspection, store: LogStore, scopes: Scopes): RepairPlan {
  const { keyArn, policy, reasons } = inspection;
  const keyReasons = reasons.filter(({ code }) => code !== 'KEY_UNREADABLE');
  const plan: RepairPlan = { keyArn, statement: null, change: null, refusal: null, keyReasons, notes: NO_NOTES };
  const unfit = reasons.find(({ code }) => isPermanent(code));
  if (unfit) return { ...plan, refusal: unfit };
  if (keyArn === null || policy?.status !== 'READ') {
    return { ...plan, refusal: unreadable(inspection, store, scopes) ?? reasons[0] ?? null };
  }
  const repair = repairKeyPolicy(policy, scopes);
  if (repair.kind === 'REFUSED') return { ...plan, refusal: repair.refusal };
  const { notes } = repair;
  const lacking = scopes[0].type === 'readers-and-writers' ? keyPolicyProblem(inspection, store) : null;
  const ofService = lacking ? [lacking] : [];
  if (repair.kind === 'NONE_NEEDED') {
    // The policy is all right, and the key may still need a person.
    return { ...plan, refusal: keyReasons[0] ?? null, keyReasons: [...keyReasons, ...ofService], notes };
  }
  const { statement, text } = repair;
  const change = { keyArn, from: policy.text, to: text };
  return { ...plan, statement, change, keyReasons: [...keyReasons, ...ofService], notes };
}

/** Where the policy cannot be read, the fix has the statement of this repair. */
function unreadable(inspection: KeyInspection, store: LogStore, scopes: Scopes): Refusal | null {
  const refusal = keyPolicyProblem(inspection, store);
  const { policy } = inspection;
  if (!refusal || policy?.status !== 'UNREADABLE') return refusal;
  return { ...refusal, fix: `${policy.fix}: ${JSON.stringify(statementForAll(policy.service, scopes))}` };
}

/**
 * Replaces a key's policy and waits until KMS returns the new one. Nothing is written when the policy is no longer the one
 * that was read.
 * @throws JournalError when the journal cannot be written: nothing was changed unless the INTENT is there
 */
export async function writePolicy(change: PolicyChange, keys: Keys, run: PolicyRun): Promise<PolicyOutcome> {
  const { keyArn, from, to } = change;
  const result = (outcome: Partial<PolicyOutcome>): PolicyOutcome => {
    return { keyArn, outcome: 'CHANGED', refusal: null, error: null, inEffect: false, ...outcome };
  };
  const outcome = await journalled({ change: 'POLICY', store: null, keyArn, from, to }, run, async () => {
    try {
      // KMS has no conditional write: a read right before it leaves the smallest gap that there can be.
      if ((await keys.policyText(keyArn)) !== from) {
        const refused = result({ outcome: 'REFUSED', refusal: POLICY_CHANGED });
        return { result: refused, phase: 'FAILED', error: POLICY_CHANGED.message };
      }
      await keys.putPolicy(keyArn, to);
      return { result: result({}), phase: 'DONE', error: null };
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const phase = await phaseAfter(error, change, keys);
      if (phase === 'DONE') return { result: result({ inEffect: true }), phase, error: error.message };
      const refusal = refusalOf(error, change, run);
      const failed = { outcome: 'FAILED', error: { code: error.code, message: error.message } } as const;
      return { result: result(refusal ? { outcome: 'REFUSED', refusal } : failed), phase, error: error.message };
    }
  });
  if (outcome.outcome !== 'CHANGED' || outcome.inEffect) return outcome;
  return { ...outcome, inEffect: await isInEffect(change, keys, run) };
}

const POLICY_CHANGED: Refusal = problem(
  'KEY_POLICY_CHANGED',
  'somebody else changed the key policy after it was read, so it was not written',
  'run the command again, and check the new difference',
);

/**
 * The answer to one of the attempts may have been lost, whatever the last one got, so that the write may have been made. KMS
 * may still return the old policy, which proves nothing.
 */
async function phaseAfter(
  error: CloudError,
  { keyArn, to }: PolicyChange,
  keys: Keys,
): Promise<'DONE' | 'FAILED' | 'NOT_KNOWN'> {
  if (error.call !== 'kms:PutKeyPolicy' || !error.isTransient) return 'FAILED';
  try {
    return isSamePolicy(await keys.policyText(keyArn), to) ? 'DONE' : 'NOT_KNOWN';
  } catch (unread) {
    if (unread instanceof CloudError) return 'NOT_KNOWN';
    throw unread;
  }
}

/** What KMS will answer again, however often it is asked. */
export function refusalOf(
  { code, call, message, policyRefusal }: CloudError,
  { keyArn, to }: Pick<PolicyChange, 'keyArn' | 'to'>,
  { actor, rules }: Pick<PolicyRun, 'actor' | 'rules'>,
): Refusal | null {
  if (code === 'ACCESS_DENIED') {
    const statement = toIdentity({ action: call, resource: keyArn });
    const fix = `allow the caller ${call} on the key, where the key policy leaves it to IAM: ${statement}`;
    return problem('CALLER_MISSING_RIGHTS', message, fix);
  }
  if (code === 'NOT_FOUND') {
    const lost = keyNotFound(keyArn, parseArn(keyArn)?.region ?? '', 'ATTACHED').message;
    return problem('KEY_NOT_FOUND', `${lost}. AWS: ${message}`, 'nothing to do: the key is gone');
  }
  if (code !== 'INVALID_REQUEST') return null;
  const cause = likelyCause(readKeyPolicy(to, logsService(keyArn, rules)), policyRefusal, actor);
  if (!cause) {
    const fix = 'KMS refuses a policy that is malformed or would lock you out; its message says which';
    return problem('ACCESS_DENIED', message, fix);
  }
  const words = `${message.replace(/\.$/, '')}. The likely cause: ${cause.what}`;
  return problem('ACCESS_DENIED', words, `${cause.fix} (the key policy of ${keyArn})`);
}

async function isInEffect(
  { keyArn, to }: PolicyChange,
  keys: Keys,
  { signal, wait = setTimeout }: PolicyRun,
): Promise<boolean> {
  for (let read = 1; read <= POLICY_READS; read++) {
    const text = await keys.policyText(keyArn).catch((error: unknown) => {
      if (error instanceof CloudError) return '';
      throw error;
    });
    if (isSamePolicy(text, to)) return true;
    if (signal?.aborted) return false;
    if (read < POLICY_READS) await wait(POLICY_READ_EVERY_MS);
  }
  return false;
}
