import { parseArn } from './arn.ts';
import type { LogStore } from './log-store.ts';
import { type Target, targetOf } from './target.ts';

interface EntryBase {
  readonly schema: 'logseal/journal/1';
  readonly runId: string;
  /** ISO 8601. */
  readonly time: string;
  /** ARN of the session that makes the change: in an account that was entered, that of the role there. */
  readonly actor: string;
  /** INTENT: a change about to be made. An INTENT without a DONE or FAILED entry may have been made or not. */
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

/** The account's Region where a change was made: the log store's, or the key's. */
export function targetOfChange(entry: JournalEntry): Target {
  if (entry.change === 'KEY') return targetOf(entry.store);
  const { account = '', region = '' } = parseArn(entry.keyArn) ?? {};
  return { provider: 'aws', account, region };
}

/** The ARN of the log store or key that an entry is about. */
export function changedArn(entry: JournalEntry): string {
  return entry.change === 'KEY' ? entry.store.arn : entry.keyArn;
}

/**
 * What each run changed, or may have changed, of each log store and key policy: from what it was to what it became. Changes that
 * FAILED are left out. The phase of each is DONE, or INTENT where neither a DONE nor a FAILED entry follows. A way back that was
 * begun and perhaps not made leaves the change as it was, so that it can still be taken back. In the order in which they were begun.
 */
export function changesIn(entries: readonly JournalEntry[]): JournalEntry[] {
  const begun: { readonly name: string; readonly intent: JournalEntry; phase: JournalEntry['phase'] }[] = [];
  const open = new Map<string, (typeof begun)[number]>();
  for (const entry of entries) {
    const name = `${entry.runId} ${changedArn(entry)}`;
    const { phase } = entry;
    if (phase === 'INTENT') {
      const change = { name, intent: entry, phase };
      begun.push(change);
      open.set(name, change);
    } else {
      const change = open.get(name);
      if (change) change.phase = phase;
      // A DONE or FAILED entry has everything that its missing INTENT had.
      else begun.push({ name, intent: entry, phase });
      open.delete(name);
    }
  }
  const changes = new Map<string, JournalEntry>();
  for (const { name, intent, phase } of begun) {
    if (phase === 'FAILED') continue;
    const before = changes.get(name);
    const isBackOpen = before && phase === 'INTENT' && intent.to === before.from;
    const change = isBackOpen ? before : { ...intent, from: (before ?? intent).from, phase };
    changes.delete(name);
    changes.set(name, change as JournalEntry);
  }
  return [...changes.values()];
}

/**
 * What other runs changed, or may have changed, after a change; in the order in which they began.
 * @param entries all that the journal has of the same log store or key policy
 */
export function changesAfter<Entry extends JournalEntry>({ runId }: Entry, entries: readonly Entry[]): Entry[] {
  const changes = changesIn(entries) as Entry[];
  const at = changes.findIndex((each) => each.runId === runId);
  return at === -1 ? [] : changes.slice(at + 1);
}
