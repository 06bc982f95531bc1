import pMap from 'p-map';
import { changesIn } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { failed, type Outcome } from '../../domain/plan-step.ts';
import type { CloudError } from '../../errors.ts';
import { CLOCKS_DIFFER_MS, CONCURRENT_JOURNAL_READS } from '../../pacing.ts';
import type { StoreJournal } from '../ports.ts';
import { type RemediateOptions, unread } from './remediate-stores.ts';

/**
 * What became of log stores whose target cannot be entered or read until somebody changes something: they are FAILED. One that an
 * earlier attempt may have sealed without reporting it has no outcome, so that a later attempt can report the seal.
 */
export async function failedForGood(
  stores: readonly LogStore[],
  failure: CloudError,
  { journal, triedSince }: Required<Pick<RemediateOptions, 'journal' | 'triedSince'>>,
): Promise<Outcome[]> {
  const outcomeOf = async (store: LogStore): Promise<Outcome[]> => {
    const sinceMs = triedSince(store);
    const mayBeSealed = sinceMs !== null && (await isChangedSince(store, sinceMs, journal));
    return mayBeSealed ? [] : [failed(unread(store), failure)];
  };
  return (await pMap(stores, outcomeOf, { concurrency: CONCURRENT_JOURNAL_READS })).flat();
}

/** Whether the journal has a change, or cannot be read. */
async function isChangedSince(store: LogStore, sinceMs: number, journal: StoreJournal): Promise<boolean> {
  const entries = await journal.ofStore(store).catch(() => null);
  if (entries === null) return true;
  return changesIn(entries).some(({ time }) => Date.parse(time) >= sinceMs - CLOCKS_DIFFER_MS);
}
