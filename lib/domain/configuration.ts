import type { Exemption } from './exemption.ts';
import type { LogStore } from './log-store.ts';
import { type Match, matcherOf, type Tags, tagKeysIn } from './match.ts';

/** An exemption of the configuration file. */
export interface ConfiguredExemption extends Exemption {
  readonly match: Match;
  readonly expires: string;
}

/** Names the key for the log stores that it matches. The first rule that matches decides. */
export interface KeyRule {
  readonly match: Match;
  /** `alias/NAME`, an alias ARN or a key ARN. */
  readonly key: string;
}

/** Whether the configuration of a run could be read; null: none was named. */
export type ConfigStatus = 'READ' | 'UNREADABLE' | null;

/** What the configuration file says. */
export interface Configuration {
  readonly exemptions: readonly ConfiguredExemption[];
  readonly keys: readonly KeyRule[];
}

/** The entries that match one log store, by their places in the file. */
export interface Matched {
  /** Expired ones too. */
  readonly exemptions: readonly number[];
  /** The rule that decides; null: none matches. */
  readonly keyRule: number | null;
  /** False: the tags are not known, and an entry that asks for them may match too. */
  readonly isCertain: boolean;
}

/** A configuration that is prepared for many log stores. */
export interface PreparedConfiguration extends Configuration {
  /** The keys of the tags that entries ask for; none: nobody needs to read tags. */
  readonly tagKeys: readonly string[];
  /** @param tags null: they could not be read */
  matched(store: LogStore, tags: Tags | null): Matched;
}

export function prepare({ exemptions, keys }: Configuration): PreparedConfiguration {
  const matches = [...exemptions, ...keys].map(({ match }) => match);
  const matching = matcherOf(matches);
  const asksForTags = (entry: number) => matches[entry]?.tags !== undefined;
  return {
    exemptions,
    keys,
    tagKeys: tagKeysIn(matches),
    matched(store, tags) {
      const all = matching(store, tags);
      if (all.length === 0) return UNMATCHED;
      const certain = tags === null ? all.filter((entry) => !asksForTags(entry)) : all;
      const firstRule = certain.find((entry) => entry >= exemptions.length);
      return {
        exemptions: certain.filter((entry) => entry < exemptions.length),
        keyRule: firstRule === undefined ? null : firstRule - exemptions.length,
        isCertain: certain.length === all.length,
      };
    },
  };
}

const UNMATCHED: Matched = { exemptions: [], keyRule: null, isCertain: true };

/** Of a run without a file. */
export const NO_CONFIGURATION: PreparedConfiguration = prepare({ exemptions: [], keys: [] });
