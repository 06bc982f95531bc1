import type { JournalEntry, KeyEntry, PolicyEntry } from '../../domain/journal.ts';
import type { Journal } from '../ports.ts';

/** In whose name changes are made, and where they are written down. */
export interface ChangeRun {
  readonly runId: string;
  /** ARN of the session that makes the changes. */
  readonly actor: string;
  readonly journal: Journal;
  readonly clock: () => Date;
}

type EntryFields = 'schema' | 'runId' | 'time' | 'actor' | 'phase' | 'error';
/** A change as the journal describes it. */
export type DescribedChange = Omit<KeyEntry, EntryFields> | Omit<PolicyEntry, EntryFields>;

/** What making a change came to. */
export interface Made<T> {
  readonly result: T;
  /** `NOT_KNOWN`: the answer was lost. The change is left as an INTENT without a DONE or FAILED entry, which says so. */
  readonly phase: 'DONE' | 'FAILED' | 'NOT_KNOWN';
  /** The cloud's error message; null if it reported success. */
  readonly error: string | null;
}

/**
 * The one write-ahead protocol: writes the change down as an INTENT, makes it, and writes down whether it was DONE or FAILED.
 * @param make makes the change; a refusal or a failure of the cloud is a result, not an error
 * @throws JournalError when the journal cannot be written: nothing was changed unless the INTENT is there
 * @example
 * await journalled(change, run, async () => {
 *   await logStores.unseal(store);
 *   return { result: 'UNSEALED', phase: 'DONE', error: null };
 * });
 */
export async function journalled<T>(change: DescribedChange, run: ChangeRun, make: () => Promise<Made<T>>): Promise<T> {
  const { runId, actor, journal, clock } = run;
  const write = (phase: JournalEntry['phase'], error: string | null) =>
    journal.append({ schema: 'logseal/journal/1', runId, time: clock().toISOString(), actor, ...change, phase, error });
  await write('INTENT', null);
  const { result, phase, error } = await make();
  if (phase !== 'NOT_KNOWN') await write(phase, error);
  return result;
}
