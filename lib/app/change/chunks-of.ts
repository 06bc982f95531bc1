import { STORES_PER_READ } from '../../pacing.ts';

/** What is read together where no change follows, in its order. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (const item of items) {
    const last = chunks.at(-1);
    if (last && last.length < STORES_PER_READ) last.push(item);
    else chunks.push([item]);
  }
  return chunks;
}
