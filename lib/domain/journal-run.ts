import { changedArn, changesIn, type JournalEntry, targetOfChange } from './journal.ts';

/** What a journal has of one run. */
export interface JournalRun {
  readonly id: string;
  /** When its first change was begun; ISO 8601. */
  readonly startedAt: string;
  /** ARN of whoever made its first change: in each account that was entered it is another. */
  readonly actor: string;
  /** Whose log stores and keys it changed; those that are not known are left out. */
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly counts: RunCounts;
}

/** How many log stores, and how many key policies in `policies`; `unfinished` and `failed` count both. */
export interface RunCounts {
  readonly sealed: number;
  readonly unsealed: number;
  /** Changed, and changed back by the same run, as a canary is. */
  readonly putBack: number;
  readonly policies: number;
  /** Begun without an end: the last change may have been made or not. */
  readonly unfinished: number;
  /** The last change failed. */
  readonly failed: number;
}

/** @param entries all that the journal has of one run, at least one, in the order in which they were written */
export function journalRun(entries: readonly [JournalEntry, ...JournalEntry[]]): JournalRun {
  const [{ runId: id, time: startedAt, actor }] = entries;
  const targets = entries.map(targetOfChange);
  const phases = [...new Map(entries.map((entry) => [changedArn(entry), entry.phase])).values()];
  const done = changesIn(entries).filter(({ phase }) => phase === 'DONE');
  const keys = done.filter(({ change }) => change === 'KEY');
  const count = (some: readonly JournalEntry[], is: (entry: JournalEntry) => boolean) => some.filter(is).length;
  return {
    id,
    startedAt,
    actor,
    accounts: distinct(targets.map(({ account }) => account)),
    regions: distinct(targets.map(({ region }) => region)),
    counts: {
      sealed: count(keys, ({ from, to }) => to !== null && to !== from),
      unsealed: count(keys, ({ from, to }) => to === null && from !== null),
      putBack: count(keys, ({ from, to }) => to === from),
      policies: done.length - keys.length,
      unfinished: phases.filter((phase) => phase === 'INTENT').length,
      failed: phases.filter((phase) => phase === 'FAILED').length,
    },
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(Boolean).sort();
}

/** The newest first. */
export function newestFirst(runs: readonly JournalRun[]): JournalRun[] {
  return runs.toSorted((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt));
}
