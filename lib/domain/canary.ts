import type { LogStore } from './log-store.ts';
import type { Step } from './plan-step.ts';

const MINUTE_MS = 60_000;
/** A minute is read this long after its end, since its metric comes late. */
const LATE_MS = MINUTE_MS;
/** A store is receiving logs if it had events in most of these minutes. */
const RECENT_MINUTES = 10;
/** What a store is compared with: the hour before. */
const BASELINE_MINUTES = 60;
/** A change of the key takes up to five minutes to take effect (CloudWatch Logs API, `AssociateKmsKey`). */
const EFFECT_MS = 5 * MINUTE_MS;
/** A store without events in so many minutes is silent. */
const SILENT_MINUTES = 2;

/** How many events came in each minute that had some, by the time in milliseconds at which the minute begins. */
export type EventsByMinute = ReadonlyMap<number, number>;

/** Two times in milliseconds, on the minute. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A log store of the canary: one that was receiving logs before its change. */
export interface CanaryStore {
  readonly store: LogStore;
  /** The key that it is to get. */
  readonly toKeyArn: string;
  /** Events in the hour before, by the minute. */
  readonly eventsPerMinute: number;
}

/** The minutes before a change that tell whether a log store is receiving logs. */
export function baselinePeriod(nowMs: number): Period {
  const toMs = completeUntil(nowMs);
  return { fromMs: toMs - BASELINE_MINUTES * MINUTE_MS, toMs };
}

/** How many events a minute a log store receives; null: it had none in at least half of the last ten minutes. */
export function receivingRate(events: EventsByMinute, nowMs: number): number | null {
  const { fromMs, toMs } = baselinePeriod(nowMs);
  const inBaseline = [...events].filter(([ms, count]) => count > 0 && ms >= fromMs && ms < toMs);
  const recent = inBaseline.filter(([ms]) => ms >= toMs - RECENT_MINUTES * MINUTE_MS);
  if (recent.length <= RECENT_MINUTES / 2) return null;
  return inBaseline.reduce((sum, [, count]) => sum + count, 0) / BASELINE_MINUTES;
}

/** The log stores to seal that are receiving logs, in the order of the plan. @param rates by ARN, of those alone */
export function canaryCandidates(steps: readonly Step[], rates: ReadonlyMap<string, number>): CanaryStore[] {
  return steps.flatMap(({ action, store, toKeyArn }) => {
    const eventsPerMinute = rates.get(store.arn);
    return action === 'SEAL' && eventsPerMinute !== undefined ? [{ store, eventsPerMinute, toKeyArn }] : [];
  });
}

/** What of a log store of the canary is known at one time after its change. */
export interface Observation {
  /** When the change was made. */
  readonly changedMs: number;
  /** From `watchPeriod` on. */
  readonly events: EventsByMinute;
  /** The newest event that its log streams tell; null: they tell none. */
  readonly newestEventMs: number | null;
}

/**
 * `NO_DATA`: the metric no longer shows even the events before the change. `isConfirmedByStreams`: the log streams, too, tell an event
 * since the change took effect. AWS updates them up to an hour late, so that it proves nothing if they do not.
 */
export type WatchState =
  | { readonly state: 'NO_DATA' }
  | { readonly state: 'RECEIVING'; readonly isConfirmedByStreams: boolean }
  | { readonly state: 'SILENT'; readonly sinceMs: number };

/** The longest that it takes after a change until something can be said: a shorter watch is extended. */
export const FULL_WATCH_MINUTES = EFFECT_MS / MINUTE_MS + SILENT_MINUTES + LATE_MS / MINUTE_MS + 1;

/** The minutes to read of a log store: those after its change, and those before that showed that it was receiving logs. */
export function watchPeriod(changedMs: number, nowMs: number): Period {
  const fromMs = floorToMinute(changedMs) - RECENT_MINUTES * MINUTE_MS;
  return { fromMs, toMs: completeUntil(nowMs) };
}

/** Whether nothing can be said yet: the newest two complete minutes do not begin at least five minutes after the change. */
export function isTooEarly(changedMs: number, nowMs: number): boolean {
  return newestMinutes(nowMs).fromMs < changedMs + EFFECT_MS;
}

/**
 * Whether a log store goes on receiving logs. It is silent if it had no events in the newest two complete minutes, read one minute
 * late, by its metric and by its log streams alike.
 * @param nowMs when it is no longer too early
 */
export function evaluateWatched({ changedMs, events, newestEventMs }: Observation, nowMs: number): WatchState {
  const { fromMs, toMs } = newestMinutes(nowMs);
  // A time in the future proves nothing.
  const newestMs = newestEventMs !== null && newestEventMs <= nowMs ? newestEventMs : Number.NEGATIVE_INFINITY;
  const minutes = [...events].flatMap(([ms, count]) => (count > 0 && ms < toMs ? [ms] : []));
  const last = Math.max(...minutes, Number.NEGATIVE_INFINITY);
  if (last >= fromMs || newestMs >= fromMs) {
    return { state: 'RECEIVING', isConfirmedByStreams: newestMs >= changedMs + EFFECT_MS };
  }
  if (minutes.length === 0) return { state: 'NO_DATA' };
  return { state: 'SILENT', sinceMs: newestMs >= last ? newestMs : last + MINUTE_MS };
}

function newestMinutes(nowMs: number): Period {
  const toMs = completeUntil(nowMs);
  return { fromMs: toMs - SILENT_MINUTES * MINUTE_MS, toMs };
}

function completeUntil(nowMs: number): number {
  return floorToMinute(nowMs - LATE_MS);
}

function floorToMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}
