import { setImmediate as nextTurn } from 'node:timers/promises';

/** One page of a listing, and the token of the next page if there is one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/**
 * Yields every page that is not empty; an empty page with a token does not end the listing.
 * @param startToken where to begin; undefined: at the first page
 * @param fetch reads the page of a token; without a token, the first page
 * @param whenEndless makes the error for a token that is returned a second time: such a listing would never end
 * @throws whatever `fetch` and `whenEndless` make
 */
export async function* pagesOf<T>(
  startToken: string | undefined,
  fetch: (token: string | undefined) => Promise<Page<T>>,
  whenEndless: (token: string) => Error,
): AsyncGenerator<Page<T>> {
  // All of them are kept: a million log groups have 20,000 tokens.
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
 * Requests the first item at once, and each next item while the consumer works on the current one, but none beyond that.
 * An error is thrown when its item is asked for; if the consumer has stopped by then, it is dropped.
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
      // Avoids an unhandled rejection. The next turn of the loop still throws the error.
      upcoming.catch(() => undefined);
      // The SDK prepares a request in many asynchronous steps: it is sent only after a turn of the event loop.
      await nextTurn();
      yield value;
    }
  } finally {
    // Not awaited, because that would wait for a request whose result is no longer needed.
    iterator.return?.().catch(() => undefined);
  }
}
