import type { TargetReport } from '../lib/app/scan/scan-target.ts';
import { isConfirmed } from '../lib/domain/caller-rights.ts';
import type { KeyCheck } from '../lib/domain/key-checks.ts';
import type {
  KeyCheckDocument,
  KeyRepairDocument,
  OutcomeDocument,
  PlanDocument,
  ScanTotals,
} from '../lib/report/documents.ts';

/** What the process answers to its caller; of several that hold: 130, 2, 1, 3, 0. */
export const EXIT = { OK: 0, NOT_DONE: 1, USAGE: 2, NOT_COMPLIANT: 3, INTERRUPTED: 130 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export function scanStatus({ summary, targets }: ScanTotals): ExitStatus {
  return statusOf(targets, summary.nonCompliant + summary.unknown > 0);
}

export function planStatus({ targets, steps }: PlanDocument): ExitStatus {
  return statusOf(targets, steps.length > 0);
}

export function outcomeStatus({ targets, steps, policies = [] }: OutcomeDocument): ExitStatus {
  return statusOf(
    targets,
    [...steps, ...policies].some(({ outcome }) => isUndone(outcome)),
  );
}

function statusOf(targets: readonly TargetReport[], isOpen: boolean): ExitStatus {
  if (targets.some(({ status }) => status === 'FAILED')) return EXIT.NOT_DONE;
  return isOpen ? EXIT.NOT_COMPLIANT : EXIT.OK;
}

export function keyCheckStatus({ targets }: KeyCheckDocument): ExitStatus {
  return targets.every(({ checks }) => checks.every(isSound)) ? EXIT.OK : EXIT.NOT_COMPLIANT;
}

/** A right that AWS is not known to check is a warning, and counts as nothing. */
function isSound({ check, action, result }: KeyCheck): boolean {
  return result === 'PASS' || (result === 'UNKNOWN' && check === 'CALLER_RIGHTS' && !isConfirmed(action ?? ''));
}

/** A policy that KMS does not answer with yet is nothing to rely on. */
export function keyRepairStatus({ repair: { outcome, inEffect } }: KeyRepairDocument): ExitStatus {
  return isUndone(outcome) || !inEffect ? EXIT.NOT_COMPLIANT : EXIT.OK;
}

function isUndone(outcome: string): boolean {
  return outcome === 'REFUSED' || outcome === 'FAILED';
}
