import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worstOf } from '../../lib/report/worst.ts';

interface Item {
  readonly rank: number;
  readonly order: number;
}
const byRank = (one: Item, other: Item) => one.rank - other.rank;

function collected(ranks: readonly number[], limit: number) {
  const worst = worstOf<Item>(limit, byRank);
  const items = ranks.map((rank, order) => ({ rank, order }));
  for (const item of items) worst.add(item);
  return { worst, items };
}

describe('the worst items', () => {
  it('are the first of all items in their order, and equal ones stay in the order in which they came', () => {
    // More items than are held before the list is cut, so that it is cut several times.
    const ranks = fc.array(fc.nat(20), { minLength: 0, maxLength: 6000, size: 'max' });
    const limits = fc.oneof(fc.nat(60), fc.constant(Number.POSITIVE_INFINITY));
    let longest = 0;
    fc.assert(
      fc.property(ranks, limits, (all, limit) => {
        longest = Math.max(longest, all.length);
        const { worst, items } = collected(all, limit);
        const expected = items.toSorted(byRank).slice(0, limit);

        expect(worst.kept()).toEqual(expected);
        expect(worst.omitted()).toBe(items.length - expected.length);
      }),
      { numRuns: 100, seed: 12 },
    );
    expect(longest).toBeGreaterThan(3000);
  });

  it('can be asked for in between', () => {
    const worst = worstOf<Item>(2, byRank);
    const add = (...ranks: number[]) => {
      for (const rank of ranks) worst.add({ rank, order: 0 });
    };
    add(5, 3, 4);
    expect(worst.kept().map(({ rank }) => rank)).toEqual([3, 4]);
    add(9, 1);

    expect(worst.kept().map(({ rank }) => rank)).toEqual([1, 3]);
    expect(worst.omitted()).toBe(3);
  });

  it('of nothing are none', () => {
    const { worst } = collected([], 50);

    expect(worst.kept()).toEqual([]);
    expect(worst.omitted()).toBe(0);
  });

  it('are kept in memory that does not grow with the others', () => {
    let alive = 0;
    let most = 0;
    const worst = worstOf<Item>(50, (one, other) => {
      alive = Math.max(alive, one.order, other.order);
      return byRank(one, other);
    });
    for (let order = 0; order < 100_000; order++) {
      worst.add({ rank: order, order });
      most = Math.max(most, order - alive);
    }

    // The list is sorted, and cut, at least once every so many items.
    expect(most).toBeLessThan(2000);
    expect(worst.kept()).toHaveLength(50);
    expect(worst.omitted()).toBe(99_950);
  });
});
