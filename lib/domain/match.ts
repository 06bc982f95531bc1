import { globMatches } from './glob.ts';
import { globIndex } from './glob-index.ts';
import type { LogStore, LogStoreType } from './log-store.ts';

/** The tags of a log store by their keys. */
export type Tags = ReadonlyMap<string, string>;

/**
 * Which log stores an entry of the configuration file is about. Every part that is given must hold, and of a list one value; at
 * least `names` or `tags` is given.
 */
export interface Match {
  /** Globs for the whole name. */
  readonly names?: readonly string[] | undefined;
  /** A glob for the value of each tag, by the tag's key. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly types?: readonly LogStoreType[] | undefined;
}

/**
 * The numbers of the entries that match a log store, in ascending order. Accounts that an entry names count as matching where that of
 * the log store is not known.
 * @param tags null: they are not known, and an entry's tags count as matching
 */
export type Matcher = (store: LogStore, tags: Tags | null) => readonly number[];

/** Prepares many entries, so that a log store is compared with few of them. */
export function matcherOf(entries: readonly Match[]): Matcher {
  const named = entries.flatMap(({ names = [] }, entry) => names.map((glob) => ({ glob, entry })));
  const byName = entryIndex(named);
  const unnamed = entries.flatMap(({ names }, entry) => (names ? [] : [entry]));
  // One tag is enough to find an entry by; the others are compared.
  const tagged = unnamed.flatMap((entry) => {
    const [tag] = Object.entries(entries[entry]?.tags ?? {});
    return tag ? [{ key: tag[0], glob: tag[1], entry }] : [];
  });
  const byTag = new Map([...Map.groupBy(tagged, ({ key }) => key)].map(([key, some]) => [key, entryIndex(some)]));
  const withTags = (tags: Tags) => [...tags].flatMap(([key, value]) => byTag.get(key)?.(value) ?? NONE);
  return (store, tags) => {
    const found = byName(store.name);
    const others = tags ? withTags(tags) : unnamed;
    if (found.length === 0 && others.length === 0) return NONE;
    const candidates = [...new Set([...found, ...others])].sort((one, other) => one - other);
    return candidates.filter((entry) => holds(entries[entry] ?? {}, store, tags));
  };
}

/** Finds the entries one of whose globs matches a text. */
function entryIndex(
  all: readonly { readonly glob: string; readonly entry: number }[],
): (text: string) => readonly number[] {
  const index = globIndex(all.map(({ glob }) => glob));
  return (text) => index(text).map((found) => all[found]?.entry ?? -1);
}

const NONE: readonly number[] = [];

/** Whether all parts but the names hold. */
function holds({ tags, accounts, regions, types }: Match, store: LogStore, given: Tags | null): boolean {
  return (
    (!accounts || store.account === '' || accounts.includes(store.account)) &&
    (!regions || regions.includes(store.region)) &&
    (!types || types.includes(store.type)) &&
    (!tags || given === null || Object.entries(tags).every(([key, glob]) => hasTag(given, key, glob)))
  );
}

function hasTag(tags: Tags, key: string, glob: string): boolean {
  const value = tags.get(key);
  return value !== undefined && globMatches(glob, value);
}

/** The keys of the tags that entries ask for. */
export function tagKeysIn(entries: readonly Match[]): string[] {
  return [...new Set(entries.flatMap(({ tags = {} }) => Object.keys(tags)))];
}
