import type { TargetReport } from '../../app/scan/scan-target.ts';
import type { Severity } from '../../domain/catalogue-entry.ts';
import { type Finding, type FindingStatus, isOpen } from '../../domain/finding.ts';
import { severityRank } from '../../domain/order.ts';
import { targetKey } from '../../domain/target.ts';

/** How many log stores of a target have each status. */
export interface Place {
  readonly report: TargetReport;
  readonly counts: Readonly<Record<FindingStatus, number>>;
  /** The worst severity of what is open; null: nothing is. */
  readonly worst: Severity | null;
}

/** Counts findings by target. Memory grows with the targets alone. */
export interface Places {
  add(finding: Finding): void;
  /** Of each target that was scanned, in the order of the scan. */
  of(targets: readonly TargetReport[]): Place[];
}

interface Counting {
  readonly counts: Record<FindingStatus, number>;
  worst: Severity | null;
}

export function countedPlaces(): Places {
  const counting = new Map<string, Counting>();
  return {
    add(finding) {
      const key = targetKey(finding);
      const own = counting.get(key) ?? nothing();
      counting.set(key, own);
      own.counts[finding.status]++;
      if (isOpen(finding) && severityRank(finding.severity) < severityRank(own.worst)) own.worst = finding.severity;
    },
    of: (targets) => targets.map((report) => ({ report, ...(counting.get(targetKey(report)) ?? nothing()) })),
  };
}

function nothing(): Counting {
  return { counts: { COMPLIANT: 0, NON_COMPLIANT: 0, EXEMPT: 0, UNKNOWN: 0 }, worst: null };
}

/**
 * How many in a hundred are compliant of those that must be, rounded down, so that 100 means all. What is exempt is left out,
 * and what is unknown is not compliant. null: there are none.
 */
export function sharePercent({ COMPLIANT, NON_COMPLIANT, UNKNOWN }: Place['counts']): number | null {
  const all = COMPLIANT + NON_COMPLIANT + UNKNOWN;
  return all === 0 ? null : Math.floor((COMPLIANT / all) * 100);
}
