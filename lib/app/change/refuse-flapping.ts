import pMap from 'p-map';
import { type Resolution, refusedChange, settled } from '../../domain/evaluation.ts';
import { flapping, keyLosses } from '../../domain/flapping.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { failed } from '../../domain/plan-step.ts';
import { CloudError, JournalError, UsageError } from '../../errors.ts';
import { CONCURRENT_JOURNAL_READS } from '../../pacing.ts';
import type { StoreJournal } from '../ports.ts';

/** Names who changed the key of a log store last; null: not known. */
export type ChangedBy = (store: LogStore) => string | null;

/** What the journal has of a log store. */
type EntriesOf = StoreJournal['ofStore'];

/** Asks the journal once for each log store, however often its change is resolved. */
export function askedOnce(journal: StoreJournal): EntriesOf {
  const answers = new Map<string, ReturnType<EntriesOf>>();
  return (store) => {
    const answer = answers.get(store.arn) ?? journal.ofStore(store);
    answers.set(store.arn, answer);
    return answer;
  };
}

/**
 * Refuses each change of a log store whose key was removed twice within a day after logseal had set it. The journal is asked
 * for each store that would be changed, and for no other. Where it cannot be read, the store is FAILED: it may be one of
 * those.
 */
export async function refuseFlapping(
  resolutions: readonly Resolution[],
  entriesOf: EntriesOf,
  now: Date,
  changedBy: ChangedBy,
): Promise<Resolution[]> {
  const checked = async (resolution: Resolution): Promise<Resolution> => {
    if (resolution.kind === 'SETTLED') return resolution;
    const { step } = resolution;
    try {
      const losses = keyLosses(await entriesOf(step.store), step.fromKeyArn, now);
      const refusal = flapping(step, losses, changedBy(step.store));
      return refusal ? refusedChange(resolution, refusal) : resolution;
    } catch (error) {
      if (!(error instanceof JournalError || error instanceof UsageError)) throw error;
      const code = error.cause instanceof CloudError ? error.cause.code : 'INVALID_REQUEST';
      return settled(failed(step, { code, message: error.message }));
    }
  };
  return pMap(resolutions, checked, { concurrency: CONCURRENT_JOURNAL_READS });
}
