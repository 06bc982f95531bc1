import { globIndex } from './glob-index.ts';

/** Which log stores a run is about, by their whole names. */
export interface Selection {
  chooses(name: string): boolean;
  /** The globs to include that have matched no name so far, not even an excluded one. */
  unmatched(): readonly string[];
}

/**
 * Chooses what one of the globs to include matches, and none of those to exclude.
 * @param include none: everything
 */
export function selectionOf(include: readonly string[], exclude: readonly string[]): Selection {
  const included = globIndex(include);
  const excluded = globIndex(exclude);
  const matched = new Set<number>();
  return {
    chooses(name) {
      const matches = included(name);
      for (const index of matches) matched.add(index);
      return (include.length === 0 || matches.length > 0) && excluded(name).length === 0;
    },
    unmatched: () => include.filter((_, index) => !matched.has(index)),
  };
}
