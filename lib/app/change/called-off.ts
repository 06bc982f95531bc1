import { type Resolution, storeChanged } from '../../domain/evaluation.ts';
import { type ChangeStep, leftAsItIs, type Outcome, refusedStep } from '../../domain/plan-step.ts';
import { LogsealError } from '../../errors.ts';
import type { BeforeRequest } from '../ports.ts';

/** A change that ended before its first or its next request, since it is not due any more, or nobody knows whether it is. */
export class CalledOff extends LogsealError {
  readonly name = 'CalledOff';
  readonly code = 'CALLED_OFF';
  readonly outcome: Outcome;
  /** An earlier request of the change was sent, and what it did is not known. */
  readonly wasSent: boolean;

  constructor(outcome: Outcome, wasSent: boolean) {
    super(outcome.refusal?.message ?? outcome.error?.message ?? 'the log store needs no change any more');
    this.outcome = outcome;
    this.wasSent = wasSent;
  }
}

/**
 * Lets the requests of a change go only while it is due.
 * @param again resolves the change once more if its log store was not read in the last two seconds
 * @returns a function that throws `CalledOff` once the change is not due any more
 */
export function whileDue(step: ChangeStep, again: () => Promise<Resolution>): BeforeRequest {
  let wasSent = false;
  return async () => {
    const outcome = insteadOf(step, await again(), wasSent);
    if (outcome) throw new CalledOff(outcome, wasSent);
    wasSent = true;
  };
}

/** What becomes of a change by what is found out now; null: it is still due. */
function insteadOf(step: ChangeStep, now: Resolution, wasSent: boolean): Outcome | null {
  const { fromKeyArn, toKeyArn } = now.kind === 'CHANGE' ? now.step : now.outcome;
  if (now.kind === 'SETTLED' && now.outcome.outcome !== 'UNCHANGED') return now.outcome;
  // An earlier request of this change may have been carried out without an answer. It is safe to repeat.
  if (wasSent && fromKeyArn === step.toKeyArn) return null;
  if (now.kind === 'SETTLED') return now.outcome;
  if (fromKeyArn === step.fromKeyArn && toKeyArn === step.toKeyArn) return null;
  const changed = storeChanged(step.store, step.fromKeyArn, fromKeyArn, 'a moment before', 'scan again');
  return leftAsItIs(refusedStep(step, changed));
}
