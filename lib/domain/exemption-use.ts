import type { Configuration } from './configuration.ts';
import { type Exemption, endsSoon, isExpired, shown } from './exemption.ts';
import type { Matches } from './exemption-matches.ts';
import type { LogStoreType } from './log-store.ts';
import type { Match } from './match.ts';
import { kindOf } from './stores/index.ts';
import type { Target } from './target.ts';

/** What somebody should know of an exemption. `UNMATCHED`: no log store matches it in the accounts and Regions that it names. */
export type ExemptionNotice = 'EXPIRED' | 'ENDS_SOON' | 'UNMATCHED';

/** An exemption of the configuration, and how many log stores it matched in a run. */
export interface ExemptionUse extends Exemption {
  /** How many log stores match it, whether they need it or not; null: not known. */
  readonly stores: number | null;
  readonly notices: readonly ExemptionNotice[];
}

/** What was listed, so that what matched nothing is known. */
export interface Listed {
  /** null: some log store of a target may be missing. */
  readonly targets: readonly Target[] | null;
  readonly queryResults: boolean;
}

/**
 * How many log stores each exemption of a configuration matched, and what to know of it, in the order of the file.
 */
export function exemptionUses(
  { exemptions }: Pick<Configuration, 'exemptions'>,
  matches: Matches,
  listed: Listed,
  now: Date,
): ExemptionUse[] {
  return exemptions.map((exemption) => {
    const stores = matches.get(exemption.id) ?? null;
    const notices: readonly (readonly [ExemptionNotice, boolean])[] = [
      ['EXPIRED', isExpired(exemption, now)],
      ['ENDS_SOON', endsSoon(exemption, now)],
      ['UNMATCHED', stores === 0 && mayMatch(exemption.match, listed)],
    ];
    return { ...shown(exemption), stores, notices: notices.flatMap(([notice, holds]) => (holds ? [notice] : [])) };
  });
}

/** Compares exemptions: those that need attention come first, otherwise in the order of the file. */
export function byAttention(one: ExemptionUse, other: ExemptionUse): number {
  return Math.sign(other.notices.length) - Math.sign(one.notices.length);
}

/** Whether all log stores were listed that an entry names: its accounts, Regions and at least one of its types. */
function mayMatch({ accounts, regions, types }: Match, { targets, queryResults }: Listed): boolean {
  if (!targets) return false;
  const isListed = (type: LogStoreType) =>
    targets.some(({ provider }) => kindOf({ type }).provider === provider) &&
    (type !== 'query-results' || queryResults);
  return (
    (types?.some(isListed) ?? true) &&
    (regions?.every((region) => targets.some((target) => target.region === region)) ?? true) &&
    (accounts?.every((account) => targets.some((target) => target.account === account)) ?? true)
  );
}
