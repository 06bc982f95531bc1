import type { LogStore } from './log-store.ts';

interface EntryBase {
  readonly schema: 'logseal/journal/1';
  readonly runId: string;
  /** ISO 8601. */
  readonly time: string;
  /** ARN of the caller. */
  readonly actor: string;
  /** A change about to be made, and what became of it. An INTENT without a mark: the store itself knows. */
  readonly phase: 'INTENT' | 'DONE' | 'FAILED';
  readonly error: string | null;
}

/** Which key a log store had, and which it gets; null: none. */
export interface KeyEntry extends EntryBase {
  readonly change: 'KEY';
  readonly store: LogStore;
  readonly from: string | null;
  readonly to: string | null;
}

/** The whole text of a key's policy before a repair, and after it. */
export interface PolicyEntry extends EntryBase {
  readonly change: 'POLICY';
  readonly store: null;
  readonly keyArn: string;
  readonly from: string;
  readonly to: string;
}

/** One line of the journal. */
export type JournalEntry = KeyEntry | PolicyEntry;
