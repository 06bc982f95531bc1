import type { Configuration, ConfiguredExemption } from './configuration.ts';
import type { Exemption } from './exemption.ts';
import { type ExemptionNotice, exemptionUses, type Listed } from './exemption-use.ts';

/** How many log stores match each exemption, by its id; those of which that is not known are left out. */
export type Matches = ReadonlyMap<string, number>;

/** An exemption that somebody should know something of. */
export interface NoticedExemption extends Exemption {
  /** How many log stores match it; null: not known. */
  readonly stores: number | null;
  readonly notices: readonly ExemptionNotice[];
}

/** The exemptions with a notice, in the order of the file. @param listed where all log stores are known whose matches are */
export function noticedExemptions(
  { exemptions }: Pick<Configuration, 'exemptions'>,
  matches: Matches,
  listed: Listed,
  now: Date,
): NoticedExemption[] {
  return exemptions
    .flatMap((exemption) => {
      const stores = matches.get(exemption.id) ?? null;
      const known = stores === null ? { ...listed, targets: null } : listed;
      const uses = exemptionUses({ exemptions: [exemption] }, [stores ?? 0], known, now);
      return uses.map((use) => ({ ...use, stores }));
    })
    .filter(({ notices }) => notices.length > 0);
}

/** @param matched how many log stores match each; @param isCertain whether their tags are known */
export function matchesOf(
  exemptions: readonly ConfiguredExemption[],
  matched: readonly number[],
  isCertain: boolean,
): Matches {
  return new Map(
    exemptions.flatMap(({ id, match }, index) =>
      isCertain || !match.tags ? [[id, matched[index] ?? 0] as const] : [],
    ),
  );
}

/** Adds up what is known of both. */
export function addKnown(one: Matches, other: Matches): Matches {
  return new Map(
    [...one].flatMap(([id, stores]) => {
      const more = other.get(id);
      return more === undefined ? [] : [[id, stores + more] as const];
    }),
  );
}
