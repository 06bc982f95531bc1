import { inPlanOrder } from '../../domain/order.ts';
import type { Outcome, Step } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import { SHOWN_ROWS } from '../format.ts';
import { severityText } from '../problem-list.ts';
import { columns, omittedRows, shortKey } from '../table.ts';
import { type Worst, worstOf } from '../worst.ts';

/**
 * Collects the rows of steps or outcomes, ordered by severity, then account, Region and name. Where not all are shown, what
 * went wrong is not left out for what did not.
 */
export function stepRows<T extends Step | Outcome>(showAll: boolean): Worst<T> {
  const limit = showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS;
  const rows = worstOf<T>(limit, (one, other) => rankOf(one) - rankOf(other) || inPlanOrder(one, other));
  return { ...rows, kept: () => rows.kept().toSorted(inPlanOrder) };
}

function rankOf(step: Step | Outcome): number {
  if (!('outcome' in step)) return 0;
  if (step.outcome === 'FAILED') return 0;
  if (step.afterRun?.status === 'CHANGED') return 1;
  return step.outcome === 'REFUSED' ? 2 : 3;
}

/** Whether the log store did not get the key of the step, or has it no more. */
function isWithoutKey(step: Step | Outcome): boolean {
  if (step.refusal || ('skippedBy' in step && step.skippedBy)) return true;
  return 'outcome' in step && (step.outcome === 'SKIPPED' || step.outcome === 'ROLLED_BACK');
}

/** @param what says what would be done, or was */
export function stepTable<T extends Step | Outcome>(rows: Worst<T>, paint: Colors, what: (step: T) => string): string {
  const shown = rows.kept();
  if (shown.length === 0) return '';
  // An undo evaluates nothing.
  const hasSeverity = shown.some(({ severity }) => severity);
  const cells = shown.map((step) => [
    ...(hasSeverity ? [step.severity ? severityText(step.severity, paint) : '-'] : []),
    what(step),
    step.store.region,
    step.store.name,
    shortKey(step.fromKeyArn),
    isWithoutKey(step) ? '-' : shortKey(step.toKeyArn),
  ]);
  return `${columns([...(hasSeverity ? ['SEVERITY'] : []), 'STEP', 'REGION', 'LOG STORE', 'FROM KEY', 'TO KEY'], cells, paint)}${omittedRows(rows.omitted(), paint)}`;
}
