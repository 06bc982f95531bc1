import pMap from 'p-map';
import { type Resolution, settled } from '../../domain/evaluation.ts';
import { changesIn, type JournalEntry, type KeyEntry } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { failed } from '../../domain/plan-step.ts';
import { JournalError, UsageError } from '../../errors.ts';
import { CONCURRENT_JOURNAL_READS } from '../../pacing.ts';
import { journalFailure } from './journal-failure.ts';
import type { ChangeRun } from './journalled.ts';

/** That an earlier run of the same caller attached the key which a log store has now. */
export interface EarlierSeal {
  readonly change: KeyEntry;
  /** Whether the journal had only its INTENT, so that the run ended before it could say what became of it. */
  readonly wasOpen: boolean;
}

export interface EarlierSealOptions extends Pick<ChangeRun, 'actor' | 'journal' | 'clock'> {
  entriesOf(store: LogStore): Promise<readonly JournalEntry[]>;
  /** Whether an earlier run may have changed the log store. */
  wasTried(store: LogStore): boolean;
  /** Called once for each log store that an earlier run sealed. */
  onSeal(seal: EarlierSeal): Promise<void>;
}

/**
 * Finds out which log stores an earlier run sealed, of those that have a key, need no other and were tried before. Each is looked
 * up once. Where the journal fails, the log store is FAILED.
 * @returns a function that returns the resolutions that it is given, but for those failures
 */
export function earlierSeals(options: EarlierSealOptions): (some: readonly Resolution[]) => Promise<Resolution[]> {
  const found = new Map<string, Promise<ReturnType<typeof journalFailure> | null>>();
  const find = async (store: LogStore, keyArn: string) => {
    try {
      const seal = await earlierSeal(keyArn, await options.entriesOf(store), options);
      if (seal) await options.onSeal(seal);
      return null;
    } catch (error) {
      if (error instanceof JournalError || error instanceof UsageError) return journalFailure(error);
      throw error;
    }
  };
  const check = async (resolution: Resolution): Promise<Resolution> => {
    if (resolution.kind === 'CHANGE') return resolution;
    const { store, fromKeyArn, toKeyArn } = resolution.outcome;
    // It need not be the key that is configured now: an alias may have been moved since.
    if (fromKeyArn === null || !options.wasTried(store)) return resolution;
    const finding = found.get(store.arn) ?? find(store, fromKeyArn);
    found.set(store.arn, finding);
    const failure = await finding;
    const step = { store, fromKeyArn, toKeyArn, action: 'NONE', refusal: null, warnings: [] } as const;
    return failure ? settled(failed(step, failure)) : resolution;
  };
  return (some) => pMap(some, check, { concurrency: CONCURRENT_JOURNAL_READS });
}

/**
 * The latest change in the journal of a log store, where it explains the key that the store has now. A change that was left as an
 * INTENT is written down as DONE, for its own run: the key shows that it was made.
 */
async function earlierSeal(
  keyArn: string,
  entries: readonly JournalEntry[],
  { actor, journal, clock }: EarlierSealOptions,
): Promise<EarlierSeal | null> {
  const change = changesIn(entries).at(-1);
  if (change?.change !== 'KEY' || change.actor !== actor || change.to !== keyArn) return null;
  if (change.phase === 'DONE') return { change, wasOpen: false };
  await journal.append({ ...change, time: clock().toISOString(), phase: 'DONE', error: null });
  return { change, wasOpen: true };
}
