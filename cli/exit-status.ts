import type { PolicyOutcome } from '../lib/app/key/repair-key-policy.ts';
import type { TargetReport } from '../lib/app/scan/scan-target.ts';
import { isConfirmed } from '../lib/domain/caller-rights.ts';
import { SEVERITIES, type Severity } from '../lib/domain/catalogue-entry.ts';
import type { KeyCheck } from '../lib/domain/key-check.ts';
import type { Outcome } from '../lib/domain/plan-step.ts';
import {
  type CheckedKey,
  isUnusableEverywhere,
  type KeyRepairTotals,
  type OutcomeTotals,
  type PlanTotals,
  type ScanTotals,
  type TemplateTotals,
} from '../lib/report/documents.ts';
import { EXIT, type ExitStatus } from './exit.ts';

/**
 * Of a scan: 3 if a log store is not compliant, or could not be read, with at least this severity.
 * @param failOn null: none is severe enough
 */
export function scanStatus({ summary, targets }: ScanTotals, failOn: Severity | null): ExitStatus {
  return statusOf(targets, hasSeverity(summary, failOn));
}

/** Of `template check`: 2 if a file could not be evaluated; 3 as for a scan. */
export function templateStatus({ summary, mistakes }: TemplateTotals, failOn: Severity | null): ExitStatus {
  if (mistakes.length > 0) return EXIT.USAGE;
  return hasSeverity(summary, failOn) ? EXIT.NOT_COMPLIANT : EXIT.OK;
}

function hasSeverity({ bySeverity }: TemplateTotals['summary'], failOn: Severity | null): boolean {
  const counting = failOn === null ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return counting.some((severity) => bySeverity[severity] !== undefined);
}

/** Of a plan: 3 if a step is listed, or if the key can be attached to no log store in any target. */
export function planStatus({ targets, key }: PlanTotals, hasSteps: boolean): ExitStatus {
  return statusOf(targets, hasSteps || isUnusableEverywhere(key.targets));
}

/**
 * Of `apply` and `undo`: 3 if a step was refused, failed or rolled back, if somebody else changed a log store again during the
 * run or that is not known, or if the key can be attached to no log store in any target; 1 if nothing is known of the canary.
 */
export function outcomeStatus(
  { targets, key, canary, policies = [] }: OutcomeTotals,
  outcomes: readonly Outcome[],
): ExitStatus {
  if (canary?.result === 'UNKNOWN') return EXIT.NOT_DONE;
  const isUndoneSomewhere = outcomes.some((each) => isUndone(each) || each.afterRun) || policies.some(isUndone);
  return statusOf(targets, isUndoneSomewhere || isUnusableEverywhere(key?.targets ?? []));
}

function statusOf(targets: readonly TargetReport[], isOpen: boolean): ExitStatus {
  if (targets.some(({ status }) => status === 'FAILED')) return EXIT.NOT_DONE;
  return isOpen ? EXIT.NOT_COMPLIANT : EXIT.OK;
}

/** Of `key check`: whether every check passed. */
export function keyCheckStatus(checked: readonly CheckedKey[]): ExitStatus {
  return checked.every(({ checks }) => checks.every(isSound)) ? EXIT.OK : EXIT.NOT_COMPLIANT;
}

/** A right that AWS is not known to check is only a warning. Rights that are not known all together are more. */
function isSound({ check, action, result }: KeyCheck): boolean {
  const isOfRight = check === 'CALLER_RIGHTS' && action !== null;
  return result === 'PASS' || (result === 'UNKNOWN' && isOfRight && !isConfirmed(action));
}

/** Nobody should rely on a policy that KMS does not return yet. */
export function keyRepairStatus({ repair }: KeyRepairTotals): ExitStatus {
  return isUndone(repair) || !repair.inEffect ? EXIT.NOT_COMPLIANT : EXIT.OK;
}

function isUndone({ outcome }: Pick<Outcome | PolicyOutcome, 'outcome'>): boolean {
  return outcome === 'REFUSED' || outcome === 'FAILED' || outcome === 'ROLLED_BACK';
}
