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

/** That an earlier run of the same caller gave a log store a key. */
export interface EarlierSeal {
  readonly change: KeyEntry;
  /** Whether the journal had only its INTENT, so that the run ended before it could say what became of it. */
  readonly wasOpen: boolean;
}

export interface EarlierSealOptions extends Pick<ChangeRun, 'runId' | 'actor' | 'clock'> {
  /** The journal itself, which fails where an entry is not written: a seal is counted once its DONE entry is there. */
  readonly journal: StoreJournal;
  /** Since when an earlier run may have changed the log store, in milliseconds since 1970; null: none did. */
  triedSince(store: LogStore): number | null;
  /** Whether the key that the log store has may be the work of this run. */
  isOwn(store: LogStore): boolean;
  /** Called once for each time that an earlier run sealed a log store. */
  onSeal(seal: EarlierSeal): Promise<void>;
  /** Called once for each log store that another run may be changing at this moment. */
  onStillRunning(store: LogStore, error: StillRunningError): void;
}

/** The key that a log store has now, and whether it is to be changed. */
interface Found extends Pick<Resolution, 'kind'> {
  readonly keyArn: string | null;
}

/** What becomes of a log store that was found sealed; null: nothing else than what it was resolved to. */
type Instead = ((step: NoStep) => Outcome) | null;

/**
 * Finds out which log stores an earlier run sealed, of those that were tried before. What the journal has as DONE was made, whatever
 * the log store has become since then. Where the journal fails, the log store is FAILED; where that run may still be under way, it
 * is SKIPPED.
 * @returns a function that returns the resolutions that it is given, but for those
 */
export function earlierSeals(options: EarlierSealOptions): (some: readonly Resolution[]) => Promise<Resolution[]> {
  const found = new Map<string, Promise<Instead>>();
  const reported = new Set<string>();
  const find = async (store: LogStore, found: Found, sinceMs: number): Promise<Instead> => {
    try {
      for (const seal of await sealsSince(store, found, sinceMs, options)) {
        const name = `${seal.change.runId} ${store.arn}`;
        if (reported.has(name)) continue;
        reported.add(name);
        await options.onSeal(seal);
      }
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
    const { store, fromKeyArn, toKeyArn } = resolution.kind === 'CHANGE' ? resolution.step : resolution.outcome;
    const sinceMs = options.triedSince(store);
    if (sinceMs === null || options.isOwn(store)) return resolution;
    // A change that was left as an INTENT may show later, as the key that the log store then has.
    const name = `${store.arn} ${resolution.kind} ${fromKeyArn}`;
    const finding = found.get(name) ?? find(store, { keyArn: fromKeyArn, kind: resolution.kind }, sinceMs);
    found.set(name, finding);
    const instead = await finding;
    const step = { store, fromKeyArn, toKeyArn, action: 'NONE', refusal: null, warnings: [] } as const;
    return instead ? settled(instead(step)) : resolution;
  };
  return (some) => pMap(some, check, { concurrency: CONCURRENT_JOURNAL_READS });
}

/**
 * The changes that earlier runs made to a log store, in their order. The latest change, where it was left as an INTENT and explains the
 * key that the store has now, is written down as DONE, for its own run: the key shows that it was made.
 * @throws StillRunningError while its own run may still write that down, or its request may still be carried out where nothing else
 * is to be changed
 */
async function sealsSince(
  store: LogStore,
  { keyArn, kind }: Found,
  sinceMs: number,
  { runId, actor, journal, clock }: EarlierSealOptions,
): Promise<EarlierSeal[]> {
  // Read now, and not before the key was: another run may have changed the log store in between.
  const changes = changesIn(await journal.ofStore(store)).filter((change) => change.runId !== runId);
  // What was changed before this event was sent has been reported.
  const own = changes.filter(
    (change): change is KeyEntry =>
      change.change === 'KEY' && change.actor === actor && Date.parse(change.time) >= sinceMs - CLOCKS_DIFFER_MS,
  );
  const seals = own.filter(({ phase }) => phase === 'DONE').map((change) => ({ change, wasOpen: false }));
  const last = own.at(-1);
  if (!last || last !== changes.at(-1) || last.phase === 'DONE') return seals;
  const now = clock();
  const isOver = now.getTime() - Date.parse(last.time) >= INVOCATION_LASTS_MS + CLOCKS_DIFFER_MS;
  // It need not be the key that is configured now: an alias may have been moved since.
  if (last.to !== keyArn && (isOver || kind === 'CHANGE')) return seals;
  if (!isOver) throw new StillRunningError(`${store.name}: the run ${last.runId} may still be changing it`);
  await journal.append({ ...last, time: now.toISOString(), phase: 'DONE', error: null });
  return [...seals, { change: last, wasOpen: true }];
}
