import { SEVERITIES, type Severity } from './catalogue-entry.ts';
import type { Finding } from './finding.ts';
import type { Step } from './plan-step.ts';

interface Place {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** The worst is 0; what has no severity comes after all others. */
export function severityRank(severity: Severity | null | undefined): number {
  return severity ? SEVERITIES.indexOf(severity) : SEVERITIES.length;
}

/** Compares by account, Region and name, whatever the language of the machine. */
export function byPlace(one: Place, other: Place): number {
  return (
    compareText(one.account, other.account) ||
    compareText(one.region, other.region) ||
    compareText(one.name, other.name)
  );
}

/** Compares findings by severity, then account, Region and name. */
export function inFindingOrder(
  one: Pick<Finding, 'severity'> & Place,
  other: Pick<Finding, 'severity'> & Place,
): number {
  return severityRank(one.severity) - severityRank(other.severity) || byPlace(one, other);
}

/** Compares steps, or their outcomes, by severity, then account, Region and name. */
export function inPlanOrder(one: Pick<Step, 'severity' | 'store'>, other: Pick<Step, 'severity' | 'store'>): number {
  return severityRank(one.severity) - severityRank(other.severity) || byPlace(one.store, other.store);
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
