import pMap from 'p-map';
import { baselinePeriod, type CanaryStore, canaryCandidates, receivingRate } from '../../domain/canary.ts';
import { changedArn, changesIn, type JournalEntry, type KeyEntry } from '../../domain/journal.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { leftAsItIs, type Outcome, type Step, skipped } from '../../domain/plan-step.ts';
import { byTarget } from '../../domain/target.ts';
import { CONCURRENT_STREAM_READS, CONCURRENT_TARGETS } from '../../pacing.ts';
import type { Cloud, CloudOf, Journal } from '../ports.ts';
import { chunksOf } from './chunks-of.ts';
import type { ChangeOptions } from './execute-steps.ts';
import { planUndo, undoChanges } from './undo.ts';
import { type Watch, type WatchOptions, watchCanary } from './watch-canary.ts';

/** The log stores that are sealed and watched before the others. */
export interface Canary {
  /** How many of them were asked for; there may be fewer. */
  readonly asked: number;
  readonly minutes: number;
  /** How many of the log stores to seal are receiving logs. */
  readonly receiving: number;
  readonly stores: readonly CanaryStore[];
}

/** What became of a canary. */
export interface CanaryReport extends Watch {
  readonly asked: number;
  /** How many were receiving logs, at most as many as asked for. Those of them that were changed are in `stores`. */
  readonly chosen: number;
  readonly minutes: number;
}

/**
 * Finds out which of the log stores to seal are receiving logs, and takes the first ones that do not have the key already, as
 * those have that an earlier run of the same plan sealed.
 * @throws CloudError where that, or what the watch will read, cannot be read
 */
export async function prepareCanary(
  steps: readonly Step[],
  cloudOf: CloudOf,
  { asked, minutes, nowMs }: { readonly asked: number; readonly minutes: number; readonly nowMs: number },
): Promise<Canary> {
  const stores = steps.flatMap(({ action, store }) => (action === 'SEAL' ? [store] : []));
  const rates = new Map<string, number>();
  await pMap(
    byTarget(stores, (store) => store),
    async ([target, some]) => {
      for await (const { store, events } of cloudOf(target).metrics?.incomingEvents(some, baselinePeriod(nowMs)) ??
        []) {
        const rate = receivingRate(events, nowMs);
        if (rate !== null) rates.set(store.arn, rate);
      }
    },
    { concurrency: CONCURRENT_TARGETS },
  );
  const chosen = await firstWithoutKey(canaryCandidates(steps, rates), asked, cloudOf);
  // A right that the watch lacks shows before anything is changed.
  await pMap(chosen, ({ store }) => cloudOf(store).metrics?.newestEvent(store), {
    concurrency: CONCURRENT_STREAM_READS,
  });
  return { asked, minutes, receiving: rates.size, stores: chosen };
}

/** Reads no more log stores than it takes to find so many. */
async function firstWithoutKey(
  candidates: readonly CanaryStore[],
  count: number,
  cloudOf: CloudOf,
): Promise<CanaryStore[]> {
  const found: CanaryStore[] = [];
  for (const chunk of chunksOf(candidates)) {
    if (found.length >= count) break;
    const sealed = new Set<CanaryStore>();
    for (const [target, some] of byTarget(chunk, ({ store }) => store)) {
      const readings = await cloudOf(target).logStores.read(some.map(({ store }) => store));
      for (const [index, candidate] of some.entries()) {
        const reading = readings[index];
        if (reading?.status === 'FOUND' && reading.found.keyArn === candidate.toKeyArn) sealed.add(candidate);
      }
    }
    const due = chunk.filter((candidate) => !sealed.has(candidate));
    found.push(...due);
  }
  return found.slice(0, count);
}

export interface CanaryRun extends Omit<WatchOptions, 'minutes'> {
  readonly journal: Journal;
  /** Carries out steps, and writes their changes to the journal. */
  seal(steps: readonly Step[], journal: Journal): Promise<readonly Outcome[]>;
  /** Takes changes of this run back, interrupted or not. */
  putBack(changes: readonly KeyEntry[]): Promise<readonly Outcome[]>;
  /** Called when the watch begins. @param stores those that are watched */
  onWatch(stores: readonly LogStore[]): void;
  /** Whether an interrupted watch leaves its log stores sealed. @param count how many they are */
  isKept(count: number): Promise<boolean>;
}

/**
 * Carries out the steps of the canary, watches its log stores, and goes on with the others only if they keep receiving logs. If
 * one falls silent, everything is put back; where nothing is known of them, nothing more is changed.
 */
export async function applyWithCanary(
  steps: readonly Step[],
  { stores, asked, minutes }: Canary,
  run: CanaryRun,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly report: CanaryReport }> {
  const chosen = new Map(stores.map((each) => [each.store.arn, each]));
  const entries: JournalEntry[] = [];
  const journal: Journal = {
    async append(entry) {
      await run.journal.append(entry);
      entries.push(entry);
    },
  };
  const first = await run.seal(
    steps.filter(({ store }) => chosen.has(store.arn)),
    journal,
  );
  const changes = changesIn(entries).filter((change) => change.change === 'KEY');
  const times = new Map(entries.map((entry) => [changedArn(entry), Date.parse(entry.time)]));
  // One whose answer was lost may be sealed, so it is watched too.
  const changed = changes.flatMap(({ store: { arn } }) => {
    const canary = chosen.get(arn);
    return canary ? [{ ...canary, changedMs: times.get(arn) ?? 0 }] : [];
  });
  if (changed.length > 0) run.onWatch(changed.map(({ store }) => store));
  const isSealed = changes.some(({ phase }) => phase === 'DONE');
  const watch = provenBy(await watchCanary(changed, { ...run, minutes }), isSealed);
  const others = steps.filter(({ store }) => !chosen.has(store.arn));
  const report = { asked, chosen: stores.length, minutes, ...watch };
  const { result } = watch;
  if (result === 'RECEIVING') return { outcomes: [...first, ...(await run.seal(others, run.journal))], report };
  const isAsked = result === 'INTERRUPTED' && changes.length > 0;
  const isPutBack = result === 'SILENT' || (isAsked && !(await run.isKept(changed.length)));
  const own = isPutBack ? rolledBack(first, await run.putBack(changes)) : first;
  return { outcomes: [...own, ...others.map(untouched)], report };
}

/** Log stores that keep receiving logs prove nothing if perhaps none of them has the key. */
function provenBy(watch: Watch, isSealed: boolean): Watch {
  if (isSealed || watch.result !== 'RECEIVING') return watch;
  return { ...watch, result: 'UNKNOWN', because: 'AWS answered none of the changes, so perhaps none of them was made' };
}

function untouched(step: Step): Outcome {
  return step.action === 'NONE' ? leftAsItIs(step) : skipped(step);
}

/** Takes changes of one target back by the journal, as `undo` does, in the run that made them. */
export async function putBackChanges(
  changes: readonly KeyEntry[],
  cloud: Cloud,
  options: ChangeOptions,
): Promise<Outcome[]> {
  const isOwnRun = true;
  return undoChanges(await planUndo(changes, cloud, options.rules, { isOwnRun }), cloud, { ...options, isOwnRun });
}

/** What became of changes that were taken back. One that could not be is FAILED, since it stays. */
function rolledBack(sealed: readonly Outcome[], undone: readonly Outcome[]): Outcome[] {
  const byArn = new Map(undone.map((outcome) => [outcome.store.arn, outcome]));
  return sealed.map((outcome): Outcome => {
    const back = byArn.get(outcome.store.arn);
    const why = back?.refusal ?? back?.error;
    if (why) {
      const message = `it was sealed and could not be put back: ${why.message}`;
      return { ...outcome, outcome: 'FAILED', error: { code: why.code, message } };
    }
    if (!back) return outcome;
    const { afterRun: _ofSeal, ...sealing } = outcome;
    const { afterRun } = back;
    return { ...sealing, outcome: 'ROLLED_BACK', error: null, ...(afterRun && { afterRun }) };
  });
}
