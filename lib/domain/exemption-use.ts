import type { Configuration } from './configuration.ts';
import { type Exemption, endsSoon, isExpired, shown } from './exemption.ts';
import type { Match } from './match.ts';
import type { Target } from './target.ts';

/** What somebody should know of an exemption. `UNMATCHED`: no log store matches it, and all that it may be about were listed. */
export type ExemptionNotice = 'EXPIRED' | 'ENDS_SOON' | 'UNMATCHED';

/** An exemption of the configuration, and what it came to in a run. */
export interface ExemptionUse extends Exemption {
  /** How many log stores match it, whether they need it or not. */
  readonly stores: number;
  readonly notices: readonly ExemptionNotice[];
}

/** What was listed, so that what matched nothing is known. */
export interface Listed {
  /** null: some log store of a target may be missing. */
  readonly targets: readonly Target[] | null;
  readonly queryResults: boolean;
}

/**
 * What each exemption of a configuration came to, in the order of the file.
 * @param matched how many log stores match each, as `countMatches` counts them
 */
export function exemptionUses(
  { exemptions }: Pick<Configuration, 'exemptions'>,
  matched: readonly number[],
  listed: Listed,
  now: Date,
): ExemptionUse[] {
  return exemptions.map((exemption, index) => {
    const stores = matched[index] ?? 0;
    const notices: readonly (readonly [ExemptionNotice, boolean])[] = [
      ['EXPIRED', isExpired(exemption, now)],
      ['ENDS_SOON', endsSoon(exemption, now)],
      ['UNMATCHED', stores === 0 && mayMatch(exemption.match, listed)],
    ];
    return { ...shown(exemption), stores, notices: notices.flatMap(([notice, holds]) => (holds ? [notice] : [])) };
  });
}

/** Whether log stores were listed that an entry may be about. */
function mayMatch({ accounts, regions, types }: Match, { targets, queryResults }: Listed): boolean {
  const isOfTarget = ({ account, region }: Target) =>
    (accounts?.includes(account) ?? true) && (regions?.includes(region) ?? true);
  const isOfType = queryResults || types === undefined || types.some((type) => type !== 'query-results');
  return isOfType && (targets ?? []).some(isOfTarget);
}

/** Adds up how many log stores match each exemption. */
export function addMatches(one: readonly number[], other: readonly number[]): number[] {
  const [longer, shorter] = one.length >= other.length ? [one, other] : [other, one];
  return longer.map((count, index) => count + (shorter[index] ?? 0));
}

/** How many of some log stores match each exemption. @param matched of each log store, the exemptions that match */
export function countMatches(
  { exemptions }: Pick<Configuration, 'exemptions'>,
  matched: readonly { readonly exemptions: readonly number[] }[],
): number[] {
  const counts = exemptions.map(() => 0);
  for (const { exemptions: matching } of matched) {
    for (const index of matching) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}
