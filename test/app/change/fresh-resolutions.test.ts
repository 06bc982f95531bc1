import { describe, expect, it } from 'vitest';
import { freshResolutions } from '../../../lib/app/change/fresh-resolutions.ts';
import { settled } from '../../../lib/domain/evaluation.ts';
import type { LogStore } from '../../../lib/domain/log-store.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { READING_LASTS_MS, STORES_READ_TO_CHANGE } from '../../../lib/pacing.ts';
import { aChange } from '../../support/apply-steps.ts';
import { aLogGroup, NOW, TARGET } from '../../support/builders.ts';

/** Items that are log stores. `reads` has the names of each reading; the clock is set by hand. */
function aReader(stores: readonly LogStore[], readTakesMs = 0) {
  const reads: string[][] = [];
  const time = { ms: NOW.getTime() };
  const fresh = freshResolutions(
    stores,
    {
      storeOf: (store) => store,
      resolve: async (some) => {
        reads.push(some.map(({ name }) => name));
        time.ms += readTakesMs;
        const [readAt] = [String(reads.length)];
        return some.map((store) =>
          settled({ ...aChange(), store, outcome: 'FAILED', error: { code: readAt, message: '' } }),
        );
      },
    },
    () => new Date(time.ms),
  );
  /** By which reading the item was resolved. */
  const readingOf = async (index: number) => {
    const resolution = await fresh.of(index);
    return resolution.kind === 'SETTLED' && Number(resolution.outcome.error?.code);
  };
  return { fresh, reads, time, readingOf };
}

const groups = (count: number) => Array.from({ length: count }, (_, index) => aLogGroup(`/${index}`));
const names = (from: number, to: number) =>
  groups(to)
    .slice(from)
    .map(({ name }) => name);

describe('a log store', () => {
  it('is read together with those that come next', async () => {
    const { reads, readingOf } = aReader(groups(50));

    expect(await readingOf(0)).toBe(1);
    expect(await readingOf(1)).toBe(1);

    expect(reads).toEqual([names(0, STORES_READ_TO_CHANGE)]);
  });

  it('is not read again for two seconds', async () => {
    const { reads, time, readingOf } = aReader(groups(3));
    await readingOf(0);
    time.ms += READING_LASTS_MS;

    expect(await readingOf(0)).toBe(1);
    expect(reads).toHaveLength(1);
  });

  it('is read again after two seconds, with all that are open and without those that are done', async () => {
    const { fresh, reads, time, readingOf } = aReader(groups(50));
    await Promise.all([0, 1, 2, 3].map(readingOf));
    fresh.leave(0);
    fresh.leave(2);
    time.ms += READING_LASTS_MS + 1;

    expect(await readingOf(3)).toBe(2);
    expect(await readingOf(1)).toBe(2);

    expect(reads[1]).toEqual(['/1', ...names(3, STORES_READ_TO_CHANGE + 2)]);
    expect(reads).toHaveLength(2);
  });

  it('is read once for several that wait for the same reading', async () => {
    const { reads, time, readingOf } = aReader(groups(50));
    await readingOf(0);
    time.ms += READING_LASTS_MS + 1;

    expect(await Promise.all([0, 1, 2].map(readingOf))).toEqual([2, 2, 2]);
    expect(reads).toHaveLength(2);
  });

  it('that takes longer than two seconds to read is acted on by the newest reading there can be', async () => {
    const { reads, readingOf } = aReader(groups(1), READING_LASTS_MS + 1);

    expect(await readingOf(0)).toBe(1);
    expect(await readingOf(0)).toBe(2);
    expect(reads).toHaveLength(2);
  });

  it('of a kind that cannot be read with others is read alone', async () => {
    const results = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
    const { reads, readingOf } = aReader([aLogGroup('/0'), results, aLogGroup('/1')]);

    for (const index of [0, 1, 2]) await readingOf(index);

    expect(reads).toEqual([['/0', '/1'], [QUERY_RESULTS_NAME]]);
  });
});

it('a reading that fails is thrown for each item that it was for', async () => {
  const fresh = freshResolutions(
    groups(2),
    { storeOf: (store) => store, resolve: () => Promise.reject(new Error('not read')) },
    () => NOW,
  );

  const results = await Promise.allSettled([fresh.of(0), fresh.of(1)]);

  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
