import type { LogStore } from './log-store.ts';

/** What a finding says of the exemption that covers its log store. */
export interface Exemption {
  readonly id: string;
  readonly reason: string;
  /** Who answers for it. */
  readonly owner: string;
  /** The last day on which it counts, as `2027-03-31`, in UTC; null: it is built in and never expires. */
  readonly expires: string | null;
}

/** An exemption that holds for a kind of log stores whatever the configuration says. */
export interface BuiltInExemption extends Exemption {
  readonly expires: null;
  readonly covers: (store: LogStore) => boolean;
}

/** The exemption as findings show it. */
export function shown({ id, reason, owner, expires }: Exemption): Exemption {
  return { id, reason, owner, expires };
}

/** How many days before its end an exemption is reported. */
export const ENDS_SOON_DAYS = 14;

const DAY_MS = 86_400_000;

/** A time as its day in UTC, such as `2027-03-31`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** How many days an exemption still counts after today, in UTC; negative: it has expired. @param expires as `2027-03-31` */
export function daysLeft(expires: string, now: Date): number {
  return Math.round((Date.parse(expires) - Date.parse(dayOf(now))) / DAY_MS);
}

/** Whether an exemption no longer counts. */
export function isExpired({ expires }: Exemption, now: Date): boolean {
  return expires !== null && daysLeft(expires, now) < 0;
}

/** Whether an exemption counts now, and ends within `ENDS_SOON_DAYS`. */
export function endsSoon({ expires }: Exemption, now: Date): boolean {
  if (expires === null) return false;
  const days = daysLeft(expires, now);
  return days >= 0 && days <= ENDS_SOON_DAYS;
}
