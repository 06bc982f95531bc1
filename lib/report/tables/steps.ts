import { inPlanOrder } from '../../domain/order.ts';
import type { Outcome, Step } from '../../domain/plan-step.ts';
import type { Target } from '../../domain/target.ts';
import { type Column, columns } from '../columns.ts';
import { type ReportOptions, SHOWN_ROWS } from '../format.ts';
import { severityText } from '../problem-list.ts';
import { NAME_COLUMN, placeColumns } from '../store-columns.ts';
import { omittedRows, shortKey } from '../table.ts';
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
export function isWithoutKey(step: Step | Outcome): boolean {
  if (step.refusal || ('skippedBy' in step && step.skippedBy)) return true;
  return 'outcome' in step && (step.outcome === 'SKIPPED' || step.outcome === 'ROLLED_BACK');
}

/**
 * @param targets those of the run
 * @param what says what would be done, or was
 * @param nameOf how a key is called, by its ARN
 */
export function stepTable<T extends Step | Outcome>(
  rows: Worst<T>,
  targets: readonly Target[],
  options: ReportOptions,
  what: (step: T) => string,
  nameOf: (keyArn: string | null) => string = shortKey,
): string {
  const shown = rows.kept();
  if (shown.length === 0) return '';
  const place = placeColumns([...targets, ...shown.map(({ store }) => store)]);
  const toKey = (step: T) => (isWithoutKey(step) ? '-' : nameOf(step.toKeyArn));
  // An undo evaluates nothing, and most plans attach one key, which their last line names.
  const columnsOf: readonly (readonly [string | Column, (step: T) => string, boolean])[] = [
    [
      'SEVERITY',
      ({ severity }) => (severity ? severityText(severity, options.paint) : '-'),
      hasSome(shown, 'severity'),
    ],
    [{ title: 'STEP', least: 30 }, what, true],
    [NAME_COLUMN, ({ store }) => store.name, true],
    [{ title: 'FROM KEY', least: 13 }, ({ fromKeyArn }) => nameOf(fromKeyArn), hasSome(shown, 'fromKeyArn')],
    [{ title: 'TO KEY', least: 13 }, toKey, new Set(shown.map(toKey).filter((key) => key !== '-')).size > 1],
  ];
  const used = columnsOf.filter(([, , isUsed]) => isUsed);
  const at = used.findIndex(([column]) => column === NAME_COLUMN);
  const head = used.map(([column]) => column).toSpliced(at, 0, ...place.head);
  const cells = shown.map((step) => used.map(([, cell]) => cell(step)).toSpliced(at, 0, ...place.cells(step.store)));
  return `${columns(head, cells, options)}${omittedRows(rows.omitted(), options.paint)}`;
}

function hasSome<T extends Step | Outcome>(steps: readonly T[], field: 'severity' | 'fromKeyArn'): boolean {
  return steps.some((step) => step[field] !== null && step[field] !== undefined);
}
