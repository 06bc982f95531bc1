import pMap from 'p-map';
import { type Resolution, settled } from '../../domain/evaluation.ts';
import { changesIn, type KeyEntry } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { failed, type NoStep, type Outcome, skipped } from '../../domain/plan-step.ts';
import { JournalError, StillRunningError, UsageError } from '../../errors.ts';
import { CLOCKS_DIFFER_MS, CONCURRENT_JOURNAL_READS, INVOCATION_LASTS_MS } from '../../pacing.ts';
import type { StoreJournal } from '../ports.ts';
import { journalFailure } from './journal-failure.ts';
import type { ChangeRun } from './journalled.ts';

/** That an earlier run of the same caller attached the key which a log store has now. */
export interface EarlierSeal {
  readonly change: KeyEntry;
  /** Whether the journal had only its INTENT, so that the run ended before it could say what became of it. */
  readonly wasOpen: boolean;
}

export interface EarlierSealOptions extends Pick<ChangeRun, 'actor' | 'clock'> {
  /** The journal itself, which fails where an entry is not written: a seal is counted once its DONE entry is there. */
  readonly journal: StoreJournal;
  /** Since when an earlier run may have changed the log store, in milliseconds since 1970; null: none did. */
  triedSince(store: LogStore): number | null;
  /** Whether the key that the log store has may be the work of this run. */
  isOwn(store: LogStore): boolean;
  /** Called once for each log store that an earlier run sealed. */
  onSeal(seal: EarlierSeal): Promise<void>;
  /** Called once for each log store that another run may be changing at this moment. */
  onStillRunning(store: LogStore, error: StillRunningError): void;
}

/** What becomes of a log store that was found sealed; null: nothing else than what it was resolved to. */
type Instead = ((step: NoStep) => Outcome) | null;

/**
 * Finds out which log stores an earlier run sealed, of those that have a key, need no other and were tried before. Each is looked
 * up once. Where the journal fails, the log store is FAILED; where that run may still be under way, it is SKIPPED.
 * @returns a function that returns the resolutions that it is given, but for those
 */
export function earlierSeals(options: EarlierSealOptions): (some: readonly Resolution[]) => Promise<Resolution[]> {
  const found = new Map<string, Promise<Instead>>();
  const find = async (store: LogStore, keyArn: string, sinceMs: number): Promise<Instead> => {
    try {
      const seal = await earlierSeal(store, keyArn, sinceMs, options);
      if (seal) await options.onSeal(seal);
      return null;
    } catch (error) {
      if (error instanceof StillRunningError) {
        options.onStillRunning(store, error);
        return skipped;
      }
      if (error instanceof JournalError || error instanceof UsageError)
        return (step) => failed(step, journalFailure(error));
      throw error;
    }
  };
  const check = async (resolution: Resolution): Promise<Resolution> => {
    if (resolution.kind === 'CHANGE') return resolution;
    const { store, fromKeyArn, toKeyArn } = resolution.outcome;
    const sinceMs = options.triedSince(store);
    // It need not be the key that is configured now: an alias may have been moved since.
    if (fromKeyArn === null || sinceMs === null || options.isOwn(store)) return resolution;
    const finding = found.get(store.arn) ?? find(store, fromKeyArn, sinceMs);
    found.set(store.arn, finding);
    const instead = await finding;
    const step = { store, fromKeyArn, toKeyArn, action: 'NONE', refusal: null, warnings: [] } as const;
    return instead ? settled(instead(step)) : resolution;
  };
  return (some) => pMap(some, check, { concurrency: CONCURRENT_JOURNAL_READS });
}

/**
 * The latest change in the journal of a log store, where it explains the key that the store has now. A change that was left as an
 * INTENT is written down as DONE, for its own run: the key shows that it was made.
 * @throws StillRunningError while its own run may still write that down
 */
async function earlierSeal(
  store: LogStore,
  keyArn: string,
  sinceMs: number,
  { actor, journal, clock }: EarlierSealOptions,
): Promise<EarlierSeal | null> {
  // Read now, and not before the key was: another run may have changed the log store in between.
  const change = changesIn(await journal.ofStore(store)).at(-1);
  if (change?.change !== 'KEY' || change.actor !== actor || change.to !== keyArn) return null;
  const begunMs = Date.parse(change.time);
  // What was changed before this event was sent has been reported.
  if (begunMs < sinceMs - CLOCKS_DIFFER_MS) return null;
  if (change.phase === 'DONE') return { change, wasOpen: false };
  const now = clock();
  if (now.getTime() - begunMs < INVOCATION_LASTS_MS + CLOCKS_DIFFER_MS) {
    throw new StillRunningError(`${store.name}: the run ${change.runId} may still be changing it`);
  }
  await journal.append({ ...change, time: now.toISOString(), phase: 'DONE', error: null });
  return { change, wasOpen: true };
}
