import { SEVERITIES } from '../../domain/catalogue-entry.ts';
import type { Outcome, Step } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import { SHOWN_ROWS } from '../format.ts';
import { byPlace, columns, omittedRows, shortKey } from '../table.ts';
import { type Worst, worstOf } from '../worst.ts';

/** Collects the rows of steps or outcomes: failures, what somebody else changed again, and refusals first, the worst of them first. */
export function stepRows<T extends Step | Outcome>(showAll: boolean): Worst<T> {
  return worstOf<T>(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, (one, other) => {
    return rankOf(one) - rankOf(other) || byPlace(one.store, other.store);
  });
}

function rankOf(step: Step | Outcome): number {
  if ('outcome' in step && step.outcome === 'FAILED') return -2;
  if ('afterRun' in step && step.afterRun?.status === 'CHANGED') return -1;
  return step.refusal ? SEVERITIES.indexOf(step.refusal.severity) : SEVERITIES.length;
}

/** Whether the log store did not get the key of the step, or has it no more. */
function isWithoutKey(step: Step | Outcome): boolean {
  if (step.refusal) return true;
  return 'outcome' in step && (step.outcome === 'SKIPPED' || step.outcome === 'ROLLED_BACK');
}

/** @param what says what would be done, or was */
export function stepTable<T extends Step | Outcome>(rows: Worst<T>, paint: Colors, what: (step: T) => string): string {
  const shown = rows.kept();
  if (shown.length === 0) return '';
  const cells = shown.map((step) => [
    what(step),
    step.store.region,
    step.store.name,
    shortKey(step.fromKeyArn),
    isWithoutKey(step) ? '-' : shortKey(step.toKeyArn),
  ]);
  return `${columns(['STEP', 'REGION', 'LOG STORE', 'FROM KEY', 'TO KEY'], cells, paint)}${omittedRows(rows.omitted(), paint)}`;
}
