import type { JournalEntry, KeyEntry } from './journal.ts';
import type { ChangeStep } from './plan-step.ts';
import { problem, type Refusal } from './reasons.ts';

/** With so many losses that count, a store is left alone. */
const LOSSES = 2;
/**
 * How long after its seal a loss must be found to count, and for how long it counts. Without CloudTrail the next daily scan
 * finds it, a day later: this is a day, and two hours by which that scan may be late. It is less than two days, so that the
 * daily scan after a refusal tries again.
 */
const WINDOW_HOURS = 26;
const WINDOW_MS = WINDOW_HOURS * 60 * 60 * 1000;
/**
 * Whether an operator's `undo` is a loss. `COUNTS`: it is, since it says that the key was not wanted. `IS_MEANT`: it is not,
 * since whoever runs `apply` after it wants the key again.
 */
export type UndoRule = 'COUNTS' | 'IS_MEANT';

/** That a key which logseal had set was removed or replaced. Times are ISO 8601. */
export interface KeyLoss {
  readonly setAt: string;
  /** When logseal found the key gone, or when an operator's `undo` took it away. */
  readonly foundAt: string;
  /** ARN of who undid it; null: somebody else did it, and the journal does not know who. */
  readonly by: string | null;
}

/**
 * The losses of a log store that count: found in the last 26 hours, each within 26 hours after logseal had set the key. The
 * journal has no entry of what somebody else did, but each change says which key it found: another one than logseal had set,
 * and that was gone.
 * @param entries of the log store, in the order in which they were written
 * @param keyArn the key that is attached now
 */
export function keyLosses(
  entries: readonly JournalEntry[],
  keyArn: string | null,
  now: Date,
  undo: UndoRule,
): KeyLoss[] {
  const losses: KeyLoss[] = [];
  let set: KeyEntry | null = null;
  for (const entry of entries) {
    if (entry.change !== 'KEY') continue;
    // Only at its INTENT: two runs at once read the store before either of them had changed it.
    if (entry.phase === 'INTENT' && set && entry.from !== set.to) {
      losses.push({ setAt: set.time, foundAt: entry.time, by: null });
      set = null;
    }
    if (entry.phase !== 'DONE') continue;
    // Only an undo detaches a key. A run that takes its own change back, as a canary does, is none.
    if (set && set.runId !== entry.runId && entry.from === set.to && (entry.to === null || entry.to === set.from)) {
      losses.push({ setAt: set.time, foundAt: entry.time, by: entry.actor });
    }
    set = entry.to === null ? null : entry;
  }
  if (set && set.to !== keyArn) losses.push({ setAt: set.time, foundAt: now.toISOString(), by: null });
  return losses.filter(
    ({ setAt, foundAt, by }) =>
      (undo === 'COUNTS' || by === null) &&
      isInWindow(setAt, Date.parse(foundAt)) &&
      isInWindow(foundAt, now.getTime()),
  );
}

/**
 * Why a log store is not sealed once more; null: nothing speaks against it.
 * @param changedBy ARN of who changed its key last, where an event names it
 */
export function flapping(
  { store, toKeyArn }: ChangeStep,
  losses: readonly KeyLoss[],
  changedBy: string | null,
): Refusal | null {
  const decisive = losses.at(-LOSSES);
  if (!decisive) return null;
  const times = losses.map(({ foundAt, by }) => (by === null ? `found ${foundAt}` : `undone ${foundAt} by ${by}`));
  const who = changedBy === null ? '' : `. CloudTrail names who changed it last: ${changedBy}`;
  const until = new Date(Date.parse(decisive.foundAt) + WINDOW_MS).toISOString();
  return problem(
    'FLAPPING',
    `${store.name} lost its key ${losses.length} times, each time within ${WINDOW_HOURS} hours after logseal had set it ` +
      `(${times.join('; ')}): ` +
      `infrastructure code probably owns it and takes the key away${who}`,
    `set the key in that code to ${toKeyArn} (see docs/infrastructure-as-code.md); logseal refuses to seal it until ${until}`,
  );
}

function isInWindow(time: string, laterMs: number): boolean {
  return laterMs - Date.parse(time) < WINDOW_MS;
}
