import { globIndex } from './glob-index.ts';

/** Which log stores a run is about, by their whole names. */
export interface Selection {
  chooses(name: string): boolean;
  /** The globs that have matched no name so far, not even one that another glob leaves out. */
  unmatched(): { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/**
 * Chooses what one of the globs to include matches, and none of those to exclude.
 * @param include none: everything
 */
export function selectionOf(include: readonly string[], exclude: readonly string[]): Selection {
  const included = noting(include);
  const excluded = noting(exclude);
  return {
    chooses(name) {
      const isIncluded = included.matches(name) || include.length === 0;
      return !excluded.matches(name) && isIncluded;
    },
    unmatched: () => ({ include: included.unmatched(), exclude: excluded.unmatched() }),
  };
}

/** Compares names with globs, and notes which globs have matched. */
function noting(globs: readonly string[]) {
  const index = globIndex(globs);
  const matched = new Set<number>();
  return {
    matches(name: string): boolean {
      const matches = index(name);
      for (const glob of matches) matched.add(glob);
      return matches.length > 0;
    },
    unmatched: () => globs.filter((_, glob) => !matched.has(glob)),
  };
}
