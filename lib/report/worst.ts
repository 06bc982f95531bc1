/** Collects items and keeps the first of them in an order, in memory that does not grow with the others. */
export interface Worst<T> {
  add(item: T): void;
  /** The items that were kept, in order. */
  kept(): readonly T[];
  /** How many were left out. */
  omitted(): number;
}

/**
 * @param limit how many are kept; Infinity: all
 * @param compare negative where the first of two comes before the second
 */
export function worstOf<T>(limit: number, compare: (one: T, other: T) => number): Worst<T> {
  let items: T[] = [];
  let added = 0;
  const trim = () => {
    items = items.sort(compare).slice(0, limit);
  };
  return {
    add(item) {
      added++;
      items.push(item);
      // Sorting now and then costs less than keeping the list sorted.
      if (items.length > 2 * limit + 1000) trim();
    },
    kept() {
      trim();
      return items;
    },
    omitted: () => added - Math.min(added, limit),
  };
}
