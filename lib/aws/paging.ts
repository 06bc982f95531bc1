import { setImmediate as nextTurn } from 'node:timers/promises';

/** One page of a listing, and the token of the next if there is one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/**
 * Every page that holds something. An empty page with a token goes on.
 * @param startToken where to begin; undefined: at the first page
 * @param fetch reads the page of a token, the first without one
 * @param whenEndless makes the error for a token that came before: such a listing would never end
 */
export async function* pagesOf<T>(
  startToken: string | undefined,
  fetch: (token: string | undefined) => Promise<Page<T>>,
  whenEndless: (token: string) => Error,
): AsyncGenerator<Page<T>> {
  // All of them: a million log groups have 20,000.
  const seen = new Set([startToken]);
  let token = startToken;
  do {
    const page = await fetch(token);
    token = page.nextToken;
    if (token && seen.has(token)) throw whenEndless(token);
    seen.add(token);
    if (page.items.length) yield page;
  } while (token);
}

/**
 * Asks for the first item at once, and for the next one while the consumer works on the current one, never further. An
 * error surfaces when its item is asked for; where nobody asks any more it is dropped.
 */
export function lookAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined);
  return itemsFrom(first, iterator);
}

async function* itemsFrom<T>(first: Promise<IteratorResult<T>>, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  let upcoming = first;
  try {
    for (;;) {
      const { done, value } = await upcoming;
      if (done) return;
      upcoming = iterator.next();
      // Whoever awaits it meets the error all the same.
      upcoming.catch(() => undefined);
      // The SDK prepares a request in many small steps: only after a turn of the event loop is it on its way.
      await nextTurn();
      yield value;
    }
  } finally {
    // Not awaited: it would wait for a request that nobody needs.
    iterator.return?.().catch(() => undefined);
  }
}
