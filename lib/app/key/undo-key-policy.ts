import type { PolicyEntry } from '../../domain/journal.ts';
import { readKeyPolicy } from '../../domain/key-policy/read.ts';
import { logsService } from '../../domain/key-policy/service-call.ts';
import { undoRepair } from '../../domain/key-policy/undo-repair.ts';
import { CloudError } from '../../errors.ts';
import type { Keys } from '../ports.ts';
import { type PolicyChange, type PolicyOutcome, type PolicyRun, refusalOf, writePolicy } from './repair-key-policy.ts';

/** What taking a change of a key policy back would do to the policy as it is now. */
export type PlannedPolicyUndo =
  | { readonly kind: 'CHANGE'; readonly entry: PolicyEntry; readonly change: PolicyChange }
  /** Nothing is written: there is nothing to do, or it is refused, or the policy could not be read. */
  | { readonly kind: 'SETTLED'; readonly entry: PolicyEntry; readonly outcome: PolicyOutcome };

/**
 * Plans to take a change back, by the key policy as it is now. Changes nothing.
 * @param later what later runs changed of the same key policy
 */
export async function planPolicyUndo(
  entry: PolicyEntry,
  later: readonly PolicyEntry[],
  keys: Keys,
  by: Pick<PolicyRun, 'actor' | 'rules'>,
): Promise<PlannedPolicyUndo> {
  const { keyArn } = entry;
  const settled = (outcome: Partial<PolicyOutcome> & Pick<PolicyOutcome, 'outcome'>): PlannedPolicyUndo => {
    const left = { keyArn, refusal: null, error: null, inEffect: false };
    return { kind: 'SETTLED', entry, outcome: { ...left, ...outcome } };
  };
  try {
    const from = await keys.policyText(keyArn);
    const undo = undoRepair(readKeyPolicy(from, logsService(keyArn, by.rules)), entry, later);
    switch (undo.kind) {
      case 'NOTHING_TO_DO':
        return settled({ outcome: 'UNCHANGED', inEffect: true });
      case 'REFUSED':
        return settled({ outcome: 'REFUSED', refusal: undo.refusal });
      case 'REPLACE':
        return { kind: 'CHANGE', entry, change: { keyArn, from, to: undo.text } };
    }
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const refusal = refusalOf(error, { keyArn, to: '' }, by);
    if (refusal) return settled({ outcome: 'REFUSED', refusal });
    return settled({ outcome: 'FAILED', error: { code: error.code, message: error.message } });
  }
}

/**
 * Takes a change of a key policy back, as planned. A policy that was changed since it was planned is left.
 * @throws like `writePolicy`
 */
export async function undoPolicy(planned: PlannedPolicyUndo, keys: Keys, run: PolicyRun): Promise<PolicyOutcome> {
  if (planned.kind === 'SETTLED') return planned.outcome;
  const { change } = planned;
  if (!run.signal?.aborted) return writePolicy(change, keys, run);
  return { keyArn: change.keyArn, outcome: 'SKIPPED', refusal: null, error: null, inEffect: false };
}
