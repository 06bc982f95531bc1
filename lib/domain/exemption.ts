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

/** An exemption with what it covers. */
export interface ExemptionRule extends Exemption {
  readonly covers: (store: LogStore) => boolean;
}

/** The first exemption that covers a log store and has not expired; null: none does. */
export function exemptionOf(store: LogStore, exemptions: readonly ExemptionRule[], now: Date): Exemption | null {
  const today = now.toISOString().slice(0, 10);
  const found = exemptions.find(({ covers, expires }) => (expires === null || today <= expires) && covers(store));
  if (!found) return null;
  const { id, reason, owner, expires } = found;
  return { id, reason, owner, expires };
}
