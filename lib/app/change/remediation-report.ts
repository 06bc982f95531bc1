import type { KeyEntry } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { Outcome } from '../../domain/plan-step.ts';
import type { StepWarning } from '../../domain/reasons.ts';
import { isTransientCode } from '../../errors.ts';
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
  /** Whether nothing is tried again if this attempt fails, so that the failure is the outcome. Default: it is. */
  isLastAttempt?(store: LogStore): boolean;
}

/** Decides what is reported of each log store. */
export function reporting(runId: string, journal: JournalOfRun, report: RemediationReport) {
  const { onOutcome, onAgain, isLastAttempt = () => true } = report;
  const sealedBefore = new Set<string>();
  return {
    onOutcome(outcome: Outcome): void {
      const { store } = outcome;
      const isReported = outcome.outcome === 'UNCHANGED' && sealedBefore.has(`${store.arn} ${outcome.fromKeyArn}`);
      if (isReported || outcome.outcome === 'SKIPPED') return;
      const isOpen = journal.isOpen(store);
      if (isOpen || outcome.outcome === 'FAILED') onAgain(store, journal.notWritten(store) ?? failureIn(outcome));
      // The next run finds out what became of the change. If it was made, it is reported as SEALED for this run, and nothing
      // else may have been said before.
      if (isOpen && outcome.outcome !== 'SEALED') return;
      // A failure that passes is no outcome: an outage of an hour would have ten of them for each log store.
      if (outcome.error && isTransientCode(outcome.error.code) && !isLastAttempt(store)) return;
      onOutcome(outcome, { runId, counts: !isOpen });
    },
    onEarlierSeal({ change, wasOpen }: EarlierSeal, warnings: readonly StepWarning[]): void {
      sealedBefore.add(`${change.store.arn} ${change.to}`);
      onOutcome(sealed(change, warnings), { runId: change.runId, counts: wasOpen });
    },
  };
}

/** What the run that made the change reports of it. */
function sealed({ store, from, to }: KeyEntry, warnings: readonly StepWarning[]): Outcome {
  const keys = { fromKeyArn: from, toKeyArn: to };
  return { store, ...keys, action: 'SEAL', refusal: null, warnings, outcome: 'SEALED', error: null };
}

function failureIn({ store, error }: Outcome): Error {
  return new Error(
    `${store.name}: ${error ? `${error.code}: ${error.message}` : 'it is not known what its change did'}`,
  );
}
