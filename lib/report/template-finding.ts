import { severityRank } from '../domain/order.ts';
import type { Problem, ProblemCode } from '../domain/reasons.ts';
import type { TemplateFinding } from '../domain/template/finding.ts';
import type { TemplateTotals } from './documents.ts';
import { templateOf } from './shared-fix.ts';

/** A log group by its id in the file, and its name where it is known. */
export function shownName({ id, name }: Pick<TemplateFinding, 'id' | 'name'>): string {
  return name === null ? id : `${id} (${name})`;
}

/**
 * What problems of templates share where one fix is shown for all. The message of a key policy names the log group; any other says what
 * is wrong. @param showAll whether each resource to declare is shown
 */
export function groupOfProblem(showAll: boolean): (problem: Problem<ProblemCode>) => string {
  return (problem) => {
    const { code, message, fix } = problem;
    if (code === 'IMPLICIT_LOG_GROUP') return showAll ? fix : templateOf(problem);
    return code.startsWith('KEY_POLICY_') ? templateOf(problem) : `${templateOf(problem)}\n${message}`;
  };
}

/** The title above the problems. */
export function titleOfProblems({ summary }: TemplateTotals, showAll: boolean): string {
  const isShort = !showAll && (summary.byReason.IMPLICIT_LOG_GROUP ?? 0) > 1;
  return `Why, and how to fix it${isShort ? ' (--all shows each log group to declare)' : ''}`;
}

/** The worst first, then by file and line. */
export function inTemplateOrder(one: TemplateFinding, other: TemplateFinding): number {
  return (
    severityRank(one.severity) - severityRank(other.severity) ||
    compare(one.file, other.file) ||
    (one.line ?? 0) - (other.line ?? 0) ||
    compare(one.id, other.id)
  );
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
