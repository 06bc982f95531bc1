import { setTimeout } from 'node:timers/promises';
import { toIdentity } from '../../domain/caller-rights.ts';
import type { PolicyEntry } from '../../domain/journal.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { RepairStatement } from '../../domain/key-policy/build-statement.ts';
import { isSamePolicy, repairKeyPolicy } from '../../domain/key-policy/repair-policy.ts';
import { keyPolicyProblem, policySubjectOf } from '../../domain/key-policy-problem.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { ReasonCode, Refusal } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import { POLICY_READ_EVERY_MS, POLICY_READS } from '../../pacing.ts';
import type { ChangeRun } from '../change/execute-steps.ts';
import type { Keys, Wait } from '../ports.ts';

/** A key policy to be replaced: the whole text that was read, and the whole text to write. */
export interface PolicyChange {
  readonly keyArn: string;
  readonly from: string;
  readonly to: string;
}

export interface PolicyRun extends ChangeRun {
  /** Ends the wait for the change to take effect. */
  readonly signal?: AbortSignal;
  /** Waits between two reads. Default: real time. */
  readonly wait?: Wait | undefined;
}

/** What became of it. `UNCHANGED`: it already was so. */
export interface PolicyOutcome {
  /** null: it could not be found. */
  readonly keyArn: string | null;
  readonly outcome: 'CHANGED' | 'UNCHANGED' | 'REFUSED' | 'FAILED';
  readonly refusal: Refusal | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Whether KMS answers with the new policy by now; it may take minutes until it holds everywhere. */
  readonly inEffect: boolean;
}

/** What a repair would write, or why it writes nothing: neither means that the policy already does. */
export interface RepairPlan {
  readonly keyArn: string | null;
  readonly statement: RepairStatement | null;
  readonly change: PolicyChange | null;
  readonly refusal: Refusal | null;
}

/** What can never be changed of a key: no policy lets it seal. */
const FOR_GOOD: readonly ReasonCode[] = ['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE'];

/** What lets CloudWatch Logs use the key for a log store, by its policy. The key's state plays no part: it may change. */
export function planRepair(inspection: KeyInspection, store: LogStore, now: Date): RepairPlan {
  const { keyArn, policy, reasons } = inspection;
  const plan: RepairPlan = { keyArn, statement: null, change: null, refusal: null };
  const unfit = reasons.find(({ code }) => FOR_GOOD.includes(code));
  if (unfit) return { ...plan, refusal: unfit };
  if (keyArn === null || policy?.status !== 'READ') {
    return { ...plan, refusal: keyPolicyProblem(inspection, store, now) ?? reasons[0] ?? null };
  }
  const repair = repairKeyPolicy(policy, policySubjectOf(store));
  if (repair.kind === 'NONE_NEEDED') return plan;
  if (repair.kind === 'REFUSED') return { ...plan, refusal: repair.refusal };
  return { ...plan, statement: repair.statement, change: { keyArn, from: policy.text, to: repair.text } };
}

/**
 * Replaces a key's policy: journal, read again, write, journal, and wait until KMS answers with it. Nothing is written
 * when the policy is no longer the one that was read.
 * @throws when the journal cannot be written; nothing was changed unless its INTENT is there
 */
export async function writePolicy(change: PolicyChange, keys: Keys, run: PolicyRun): Promise<PolicyOutcome> {
  const { keyArn, from, to } = change;
  const result = (outcome: Partial<PolicyOutcome>): PolicyOutcome => {
    return { keyArn, outcome: 'CHANGED', refusal: null, error: null, inEffect: false, ...outcome };
  };
  const write = (phase: PolicyEntry['phase'], error: string | null) =>
    run.journal.append(entryOf(change, run, phase, error));
  await write('INTENT', null);
  try {
    // KMS has no conditional write: a read right before it leaves the smallest gap that there can be.
    if ((await keys.policyText(keyArn)) !== from) {
      await write('FAILED', POLICY_CHANGED.message);
      return result({ outcome: 'REFUSED', refusal: POLICY_CHANGED });
    }
    await keys.putPolicy(keyArn, to);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const became = await afterFailure(error, change, keys);
    if (became !== 'UNKNOWN') await write(became === 'CHANGED' ? 'DONE' : 'FAILED', error.message);
    if (became === 'CHANGED') return result({ inEffect: true });
    const refusal = refusalOf(error, keyArn);
    if (refusal) return result({ outcome: 'REFUSED', refusal });
    return result({ outcome: 'FAILED', error: { code: error.code, message: error.message } });
  }
  await write('DONE', null);
  return result({ inEffect: await isInEffect(change, keys, run) });
}

const POLICY_CHANGED: Refusal = {
  code: 'KEY_POLICY_CHANGED',
  message: 'the key policy was changed by somebody else after it was read, so it was not written',
  fix: 'run the command again, and look at the new difference',
};

function entryOf(
  { keyArn, from, to }: PolicyChange,
  run: ChangeRun,
  phase: PolicyEntry['phase'],
  error: string | null,
): PolicyEntry {
  const { runId, actor } = run;
  const time = run.clock().toISOString();
  return {
    schema: 'logseal/journal/1',
    runId,
    time,
    actor,
    store: null,
    change: 'POLICY',
    keyArn,
    from,
    to,
    phase,
    error,
  };
}

/** An answer that was lost: perhaps the write was not. KMS may still answer with the old policy: that proves nothing. */
async function afterFailure(
  error: CloudError,
  { keyArn, to }: PolicyChange,
  keys: Keys,
): Promise<'CHANGED' | 'NOT_CHANGED' | 'UNKNOWN'> {
  const isLost = error.code === 'NETWORK' || error.code === 'UNAVAILABLE';
  if (error.call !== 'kms:PutKeyPolicy' || !isLost) return 'NOT_CHANGED';
  try {
    return isSamePolicy(await keys.policyText(keyArn), to) ? 'CHANGED' : 'UNKNOWN';
  } catch (unread) {
    if (unread instanceof CloudError) return 'UNKNOWN';
    throw unread;
  }
}

/** What KMS will answer again, however often it is asked. */
function refusalOf({ code, call, message }: CloudError, keyArn: string): Refusal | null {
  if (code === 'ACCESS_DENIED') {
    return {
      code: 'CALLER_MISSING_RIGHTS',
      message,
      fix: `allow the caller ${call} on the key, where the key policy leaves it to IAM: ${toIdentity({ action: call, resource: keyArn })}`,
    };
  }
  if (code === 'NOT_FOUND') return { code: 'KEY_NOT_FOUND', message, fix: 'nothing to do: the key is gone' };
  if (code !== 'INVALID_REQUEST') return null;
  const fix = 'KMS takes no policy that would lock its writer out, nor one that is malformed: see its words';
  return { code: 'ACCESS_DENIED', message, fix };
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

/**
 * Puts the policy back that a repair replaced. One that somebody else changed since is left.
 * @throws like `writePolicy`
 */
export async function undoPolicy(change: PolicyEntry, keys: Keys, run: PolicyRun): Promise<PolicyOutcome> {
  const { keyArn } = change;
  const left = { keyArn, error: null, inEffect: false };
  try {
    const current = await keys.policyText(keyArn);
    if (isSamePolicy(current, change.from)) return { ...left, outcome: 'UNCHANGED', refusal: null, inEffect: true };
    if (!isSamePolicy(current, change.to)) return { ...left, outcome: 'REFUSED', refusal: CHANGED_SINCE };
    return await writePolicy({ keyArn, from: current, to: change.from }, keys, run);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const refusal = refusalOf(error, keyArn);
    if (refusal) return { ...left, outcome: 'REFUSED', refusal };
    return { ...left, outcome: 'FAILED', refusal: null, error: { code: error.code, message: error.message } };
  }
}

/** Whether there is still something to put back; where the policy cannot be read, there may be. Changes nothing. */
export async function isPolicyToUndo({ keyArn, from }: PolicyEntry, keys: Keys): Promise<boolean> {
  try {
    return !isSamePolicy(await keys.policyText(keyArn), from);
  } catch (error) {
    if (error instanceof CloudError) return true;
    throw error;
  }
}

const CHANGED_SINCE: Refusal = {
  code: 'KEY_POLICY_CHANGED',
  message: 'the key policy was changed by somebody else since',
  fix: 'take the statement out by hand: what else was changed is left as it is',
};
