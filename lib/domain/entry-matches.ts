import type { Configuration } from './configuration.ts';
import { globMatches } from './glob.ts';
import type { LogStore } from './log-store.ts';
import { matcherOf } from './match.ts';

/** What an entry of the configuration file matches among log stores whose tags are not known. */
export interface EntryMatches {
  readonly stores: number;
  /**
   * Of a key rule: for how many it decides, since no earlier rule matches them; null: an earlier rule that asks for tags may match some.
   * The same as `stores` for an exemption.
   */
  readonly decides: number | null;
  /** Of the first ones. */
  readonly names: readonly string[];
  /** The globs for names of the entry that match no log store, though others may. */
  readonly unmatched: readonly string[];
}

const MAX_NAMES = 5;

/**
 * Counts what each entry matches.
 * @returns `add` for each log store; `counts`: in the order of the exemptions, then of the rules. null: the entry asks for tags
 */
export function entryMatches({ exemptions, keys }: Configuration) {
  const entries = [...exemptions, ...keys];
  const counts = entries.map(({ match }) => (match.tags ? null : newCount(match.names)));
  const matching = matcherOf(entries.map(({ match }) => match));
  return {
    add(store: LogStore): void {
      let isDecided: boolean | null = false;
      for (const entry of matching(store, null)) {
        const count = counts[entry];
        const isRule = entry >= exemptions.length;
        if (count) {
          count.stores++;
          if (count.names.length < MAX_NAMES) count.names.push(store.name);
          if (count.unmatched.length > 0)
            count.unmatched = count.unmatched.filter((glob) => !globMatches(glob, store.name));
          if (isRule && isDecided === null) count.decides = null;
          else if (count.decides !== null && !(isRule && isDecided)) count.decides++;
        }
        if (isRule && isDecided !== true) isDecided = count ? true : null;
      }
    },
    counts: (): readonly (EntryMatches | null)[] => counts,
  };
}

function newCount(names: readonly string[] = []) {
  const decides: number | null = 0;
  return { stores: 0, decides: decides as number | null, names: [] as string[], unmatched: names };
}
