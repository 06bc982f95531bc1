import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import { fixForDenied } from '../../domain/caller-rights.ts';
import { type CanaryStore, evaluateWatched, isTooEarly, type WatchState, watchPeriod } from '../../domain/canary.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { byTarget, type Target } from '../../domain/target.ts';
import { CloudError } from '../../errors.ts';
import { CONCURRENT_STREAM_READS, CONCURRENT_TARGETS, WATCH_EVERY_MS } from '../../pacing.ts';
import type { CloudOf, StoreEvents, Wait } from '../ports.ts';

const MINUTE_MS = 60_000;

export interface WatchOptions {
  readonly cloudOf: CloudOf;
  /** How long to watch; longer, if the minutes that tell are not complete by then. */
  readonly minutes: number;
  readonly clock: () => Date;
  /** Default: real time. */
  readonly wait?: Wait | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** A log store of the canary that was changed. */
export interface ChangedStore extends CanaryStore {
  readonly changedMs: number;
}

/** What the watch knows of one log store. */
export interface WatchedStore {
  readonly store: LogStore;
  /** The key that it was given. */
  readonly toKeyArn: string;
  /** Of the hour before. */
  readonly eventsPerMinuteBefore: number;
  /** ISO 8601, as the next one. */
  readonly changedAt: string;
  readonly state: 'RECEIVING' | 'SILENT' | 'UNKNOWN';
  readonly silentSince: string | null;
  /** Whether the log streams tell an event since the change took effect, too. False proves nothing: they tell it late. */
  readonly isConfirmedByStreams: boolean;
}

/** `RECEIVING`: all of them keep receiving logs. `SILENT`: at least one does not. `UNKNOWN`: that could not be found out. */
export interface Watch {
  readonly result: 'RECEIVING' | 'SILENT' | 'UNKNOWN' | 'INTERRUPTED';
  /** Why the result is UNKNOWN. */
  readonly because: string | null;
  readonly stores: readonly WatchedStore[];
}

/** Watches all log stores of a canary together, until one is silent, or until all of them have kept receiving logs. */
export async function watchCanary(changed: readonly ChangedStore[], options: WatchOptions): Promise<Watch> {
  const { minutes, clock, wait = setTimeout, signal } = options;
  const known = new Map<string, WatchState>();
  const end = (result: Watch['result'], because: string | null = null): Watch => ({
    ...{ result, because },
    stores: changed.map((each) => watchedStore(each, known.get(each.store.arn))),
  });
  const watch = async (): Promise<Watch> => {
    const untilMs = clock().getTime() + minutes * MINUTE_MS;
    for (;;) {
      await wait(WATCH_EVERY_MS);
      if (signal.aborted) return end('INTERRUPTED');
      const nowMs = clock().getTime();
      const due = changed.filter(({ changedMs }) => !isTooEarly(changedMs, nowMs));
      await evaluateAll(due, nowMs, options.cloudOf, known);
      const states = changed.map(({ store }) => known.get(store.arn)?.state);
      if (states.includes('SILENT')) return end('SILENT');
      if (states.includes('NO_DATA')) return end('UNKNOWN', 'CloudWatch no longer has the metric of each log store');
      if (nowMs >= untilMs && !states.includes(undefined)) return end('RECEIVING');
    }
  };
  if (signal.aborted) return end('INTERRUPTED');
  if (changed.length === 0) return end('UNKNOWN', 'none of its log stores was sealed');
  try {
    return await Promise.race([aborted(signal).then(() => end('INTERRUPTED')), watch()]);
  } catch (error) {
    if (error instanceof CloudError) return end('UNKNOWN', whyUnknown(error));
    throw error;
  }
}

function whyUnknown({ code, message, call, missingRight }: CloudError): string {
  const why = `${code}: ${message} (${call})`;
  return code === 'ACCESS_DENIED' ? `${why}; ${fixForDenied(call, missingRight)}` : why;
}

function evaluateAll(
  due: readonly ChangedStore[],
  nowMs: number,
  cloudOf: CloudOf,
  known: Map<string, WatchState>,
): Promise<unknown> {
  const groups = byTarget(due, ({ store }) => store);
  const evaluate = async ([target, some]: [Target, ChangedStore[]]): Promise<void> => {
    const { metrics } = cloudOf(target);
    if (!metrics) return;
    const changes = new Map(some.map(({ store, changedMs }) => [store.arn, changedMs]));
    const period = watchPeriod(Math.min(...changes.values()), nowMs);
    const stores = some.map(({ store }) => store);
    const evaluateOne = async ({ store, events }: StoreEvents): Promise<void> => {
      const newestEventMs = (await metrics.newestEvent(store))?.getTime() ?? null;
      const changedMs = changes.get(store.arn) ?? nowMs;
      known.set(store.arn, evaluateWatched({ changedMs, events, newestEventMs }, nowMs));
    };
    await pMap(metrics.incomingEvents(stores, period), evaluateOne, { concurrency: CONCURRENT_STREAM_READS });
  };
  return pMap(groups, evaluate, { concurrency: CONCURRENT_TARGETS });
}

function watchedStore({ store, toKeyArn, eventsPerMinute, changedMs }: ChangedStore, known?: WatchState): WatchedStore {
  const isSilent = known?.state === 'SILENT';
  return {
    store,
    toKeyArn,
    eventsPerMinuteBefore: eventsPerMinute,
    changedAt: new Date(changedMs).toISOString(),
    state: known && known.state !== 'NO_DATA' ? known.state : 'UNKNOWN',
    silentSince: isSilent ? new Date(known.sinceMs).toISOString() : null,
    isConfirmedByStreams: known?.state === 'RECEIVING' && known.isConfirmedByStreams,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
