import type { JournalEntry, KeyEntry } from './journal.ts';
import type { ChangeStep } from './plan-step.ts';
import { problem, type Refusal } from './reasons.ts';

/** As often as this within a day, and a store is left alone. */
const LOSSES = 2;
const DAY_MS = 24 * 60 * 60 * 1000;

/** That a key which logseal had set was removed or replaced. Times are ISO 8601. */
export interface KeyLoss {
  readonly setAt: string;
  /** When logseal found the key gone, or when an operator's `undo` took it away. */
  readonly foundAt: string;
  /** ARN of who undid it; null: somebody else did it, and the journal does not know who. */
  readonly by: string | null;
}

/**
 * How often a log store lost its key in the last day, each time within a day after logseal had set it. The journal has no
 * entry of what somebody else did, but each change says which key it found: another one than logseal had set, and that
 * was gone. An `undo` counts too, since it says that the key was not wanted.
 * @param entries of the log store, in the order in which they were written
 * @param keyArn the key that is attached now
 */
export function keyLosses(entries: readonly JournalEntry[], keyArn: string | null, now: Date): KeyLoss[] {
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
    if (set && entry.from === set.to && entry.to === set.from) {
      losses.push({ setAt: set.time, foundAt: entry.time, by: entry.actor });
    }
    set = entry.to === null ? null : entry;
  }
  if (set && set.to !== keyArn) losses.push({ setAt: set.time, foundAt: now.toISOString(), by: null });
  return losses.filter(
    ({ setAt, foundAt }) => isWithinADay(setAt, Date.parse(foundAt)) && isWithinADay(foundAt, now.getTime()),
  );
}

/** Whether somebody works against logseal, so that one more seal would only be removed again. */
export function isFlapping(losses: readonly KeyLoss[]): boolean {
  return losses.length >= LOSSES;
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
  if (!isFlapping(losses) || !decisive) return null;
  const times = losses.map(({ foundAt, by }) => (by === null ? `found ${foundAt}` : `undone ${foundAt} by ${by}`));
  const who = changedBy === null ? '' : `. CloudTrail names who changed it last: ${changedBy}`;
  const until = new Date(Date.parse(decisive.foundAt) + DAY_MS).toISOString();
  return problem(
    'FLAPPING',
    `${store.name} lost its key ${losses.length} times within a day after logseal had set it (${times.join('; ')}): ` +
      `infrastructure code probably owns it and takes the key away${who}`,
    `set the key in that code, as docs/infrastructure-as-code.md shows: ${toKeyArn}. logseal tries again after ${until}`,
  );
}

function isWithinADay(time: string, laterMs: number): boolean {
  return laterMs - Date.parse(time) < DAY_MS;
}
