import type { Evidence } from '../evidence.ts';
import { History } from '../history.ts';
import { outcomesAreCounted, scanCountsAddUp, sealsAddUp } from './counts.ts';
import type { Invariant } from './invariant.ts';
import { journalExplainsEveryChange, journalIsTrue } from './journal.ts';
import { everyFindingHasAnOutcome, everySealIsReported, outcomesAgree, sealedIsTrue } from './outcomes.ts';
import { everyScanEnds, noHealthyStoreIsFlagged, nothingIsMissed, oneScanAtATime, recovers } from './scans.ts';
import { changesOnlyKeys, noExemptStoreIsSealed, onlyTheConfiguredKey, sealsOnlyWhatNeedsIt } from './sealing.ts';

/** All that must hold after each run, by name. */
export const INVARIANTS = {
  changesOnlyKeys,
  sealsOnlyWhatNeedsIt,
  onlyTheConfiguredKey,
  noExemptStoreIsSealed,
  journalExplainsEveryChange,
  journalIsTrue,
  everyFindingHasAnOutcome,
  outcomesAgree,
  sealedIsTrue,
  everySealIsReported,
  noHealthyStoreIsFlagged,
  nothingIsMissed,
  everyScanEnds,
  recovers,
  oneScanAtATime,
  outcomesAreCounted,
  sealsAddUp,
  scanCountsAddUp,
} as const satisfies Readonly<Record<string, Invariant>>;

/** An invariant that does not hold. */
export interface Violation {
  readonly invariant: keyof typeof INVARIANTS;
  readonly stack: string;
  readonly what: string;
}

/** Checks every invariant. */
export function violationsIn(evidence: Evidence): Violation[] {
  const history = new History(evidence);
  return evidence.stacks.flatMap((stack) =>
    (Object.keys(INVARIANTS) as Violation['invariant'][]).flatMap((invariant) =>
      INVARIANTS[invariant]({ evidence, history, stack }).map((what) => ({ invariant, stack: stack.name, what })),
    ),
  );
}
