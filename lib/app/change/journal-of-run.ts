import { changedArn } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { JournalError } from '../../errors.ts';
import type { StoreJournal } from '../ports.ts';

/** A journal that knows what became of each change of the run. */
export interface JournalOfRun extends StoreJournal {
  /** Whether the journal has an INTENT of this run for the store, and not what became of it. */
  isOpen(store: LogStore): boolean;
  /** Why that could not be written; undefined: it was, or it is not known. */
  notWritten(store: LogStore): JournalError | undefined;
}

/** Lets a run go on where the DONE or FAILED entry of a change cannot be written: the change is made or refused all the same. */
export function journalOfRun(journal: StoreJournal): JournalOfRun {
  const open = new Set<string>();
  const notWritten = new Map<string, JournalError>();
  return {
    async append(entry) {
      const arn = changedArn(entry);
      if (entry.phase === 'INTENT') {
        await journal.append(entry);
        open.add(arn);
        return;
      }
      try {
        await journal.append(entry);
        open.delete(arn);
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        notWritten.set(arn, error);
      }
    },
    ofStore: (store) => journal.ofStore(store),
    isOpen: ({ arn }) => open.has(arn),
    notWritten: ({ arn }) => notWritten.get(arn),
  };
}
