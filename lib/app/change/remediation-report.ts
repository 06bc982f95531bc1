import type { KeyEntry } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { Outcome } from '../../domain/plan-step.ts';
import type { StepWarning } from '../../domain/reasons.ts';
import type { EarlierSeal } from './earlier-seals.ts';
import type { JournalOfRun } from './journal-of-run.ts';

/** Which run an outcome is of. */
export interface OutcomeOf {
  /** This run, or the earlier one that made the change. */
  readonly runId: string;
  /**
   * Whether the outcome is to be counted. A seal is counted when the journal gets its DONE entry, so that each is counted once,
   * whichever run writes the entry.
   */
  readonly counts: boolean;
}

/** Where a remediation reports. */
export interface RemediationReport {
  /** Called with each outcome as soon as it is known. */
  onOutcome(outcome: Outcome, of: OutcomeOf): void;
  /** Called where a log store must be remediated again. */
  onAgain(store: LogStore, error: Error): void;
}

/** Decides what is reported of each log store. */
export function reporting(runId: string, journal: JournalOfRun, { onOutcome, onAgain }: RemediationReport) {
  const sealedBefore = new Set<string>();
  return {
    onOutcome(outcome: Outcome): void {
      const { store, error } = outcome;
      const isFailed = outcome.outcome === 'FAILED';
      const isReported = outcome.outcome === 'UNCHANGED' && sealedBefore.has(store.arn);
      if (isReported || outcome.outcome === 'SKIPPED') return;
      const notWritten = journal.notWritten(store);
      if (isFailed) onAgain(store, new Error(`${store.name}: ${error?.code}: ${error?.message}`));
      else if (notWritten) onAgain(store, notWritten);
      // What became of the change is not known: the next run finds out and reports it, for this run if it was made.
      if (isFailed && journal.isOpen(store)) return;
      onOutcome(outcome, { runId, counts: outcome.outcome !== 'SEALED' || !notWritten });
    },
    onEarlierSeal({ change, wasOpen }: EarlierSeal, warnings: readonly StepWarning[]): void {
      sealedBefore.add(change.store.arn);
      onOutcome(sealed(change, warnings), { runId: change.runId, counts: wasOpen });
    },
  };
}

/** What the run that made the change reports of it. */
function sealed({ store, from, to }: KeyEntry, warnings: readonly StepWarning[]): Outcome {
  const keys = { fromKeyArn: from, toKeyArn: to };
  return { store, ...keys, action: 'SEAL', refusal: null, warnings, outcome: 'SEALED', error: null };
}
