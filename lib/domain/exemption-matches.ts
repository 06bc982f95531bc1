import type { Configuration, Matched } from './configuration.ts';

/** How many log stores match each exemption, by its id; those of which that is not known are left out. */
export type Matches = ReadonlyMap<string, number>;

/** Counts how many log stores match each exemption of a configuration. */
export interface MatchCounter {
  add(matched: readonly Matched[]): void;
  /** @param areTagsKnown false: those of some log store could not be read */
  counts(areTagsKnown: boolean): Matches;
}

export function matchCounter({ exemptions }: Pick<Configuration, 'exemptions'>): MatchCounter {
  const counts = exemptions.map(() => 0);
  return {
    add(matched) {
      for (const { exemptions: matching } of matched) {
        for (const index of matching) counts[index] = (counts[index] ?? 0) + 1;
      }
    },
    counts: (areTagsKnown) =>
      new Map(
        exemptions.flatMap(({ id, match }, index) =>
          areTagsKnown || !match.tags ? [[id, counts[index] ?? 0] as const] : [],
        ),
      ),
  };
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
