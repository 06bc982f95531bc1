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
  /** What is not known of the log store, so that another entry may match too, or decide; null: all is known. */
  readonly unknown: 'TAGS' | 'ACCOUNT' | null;
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
  return {
    exemptions,
    keys,
    tagKeys: tagKeysIn(matches),
    matched(store, tags) {
      const all = matching(store, tags);
      if (all.length === 0) return UNMATCHED;
      const unknownFor = (entry: number): Matched['unknown'] => {
        const { tags: asked, accounts } = matches[entry] ?? {};
        if (asked && tags === null) return 'TAGS';
        return accounts && store.account === '' ? 'ACCOUNT' : null;
      };
      const certain = all.filter((entry) => unknownFor(entry) === null);
      const firstRule = certain.find((entry) => entry >= exemptions.length);
      // What comes after the rule that decides changes nothing.
      const open = all.filter((entry) => entry < (firstRule ?? matches.length)).map(unknownFor);
      return {
        exemptions: certain.filter((entry) => entry < exemptions.length),
        keyRule: firstRule === undefined ? null : firstRule - exemptions.length,
        unknown: open.find((unknown) => unknown !== null) ?? null,
      };
    },
  };
}

const UNMATCHED: Matched = { exemptions: [], keyRule: null, unknown: null };

/** Of a run without a file. */
export const NO_CONFIGURATION: PreparedConfiguration = prepare({ exemptions: [], keys: [] });
