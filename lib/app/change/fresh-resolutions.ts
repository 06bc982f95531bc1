import type { Resolution } from '../../domain/evaluation.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { READING_LASTS_MS, STORES_READ_TO_CHANGE } from '../../pacing.ts';

/** What remains to do about each item, by a reading of its log store that is recent enough to act on. */
export interface FreshResolutions {
  /**
   * Reads again, together with the items that come next, if the last reading began more than two seconds ago. Items are to be
   * asked for in their order, a few at a time. @throws what `resolve` throws
   */
  of(index: number): Promise<Resolution>;
  /** The item is done, and is not read any more. */
  leave(index: number): void;
}

/** How items are resolved, each of which is about one log store. */
export interface Resolver<T> {
  storeOf(item: T): LogStore;
  /** Reads the log stores of some items, and resolves each item by what is there now, in their order. */
  resolve(some: readonly T[]): Promise<readonly Resolution[]>;
}

interface Reading {
  /** A key that somebody attaches after this may be missing in it. */
  readonly begunAtMs: number;
  resolution(): Promise<Resolution>;
}

/** A log store of a kind that cannot be read together with others is read alone. */
export function freshResolutions<T>(
  items: readonly T[],
  { storeOf, resolve }: Resolver<T>,
  clock: () => Date,
): FreshResolutions {
  const readings = new Map<number, Reading>();
  const left = new Set<number>();
  let firstOpen = 0;

  const isReadTogether = items.map((item) => kindOf(storeOf(item)).isReadTogether);
  /** What to read together: the items under way, whose readings would be the next to be too old, and the ones that follow. */
  const together = (): number[] => {
    const indexes: number[] = [];
    for (let index = firstOpen; index < items.length && indexes.length < STORES_READ_TO_CHANGE; index++) {
      if (isReadTogether[index] && !left.has(index)) indexes.push(index);
    }
    return indexes;
  };

  const read = (wanted: number): void => {
    const indexes = isReadTogether[wanted] ? together() : [wanted];
    const begunAtMs = clock().getTime();
    const resolved = resolve(indexes.map((index) => items[index] as T));
    for (const [position, index] of indexes.entries()) {
      const resolution = async () => (await resolved)[position] ?? notRead();
      readings.set(index, { begunAtMs, resolution });
    }
  };

  return {
    async of(index) {
      const known = readings.get(index);
      if (known) {
        const resolution = await known.resolution();
        if (clock().getTime() - known.begunAtMs <= READING_LASTS_MS) return resolution;
      }
      // For another item it may have been read again meanwhile. However long a reading takes, nothing newer can be had.
      if (readings.get(index) === known) read(index);
      return readings.get(index)?.resolution() ?? notRead();
    },
    leave(index) {
      left.add(index);
      readings.delete(index);
      while (left.delete(firstOpen)) firstOpen++;
    },
  };
}

function notRead(): never {
  throw new Error('every log store is read before its change');
}
