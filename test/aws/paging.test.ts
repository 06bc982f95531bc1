import { expect, test } from 'vitest';
import { lookAhead, type Page, pagesOf } from '../../lib/aws/paging.ts';
import { collect } from './builders.ts';

const endless = (token: string) => new Error(`${token} was returned twice`);

function listing(pages: Record<string, Page<number>>, startToken?: string) {
  return pagesOf(startToken, async (token) => pages[token ?? 'first'] ?? { items: [], nextToken: undefined }, endless);
}

test('an empty page with a token is skipped and does not end the listing', async () => {
  const pages = listing({
    first: { items: [], nextToken: 'b' },
    b: { items: [1, 2], nextToken: 'c' },
    c: { items: [], nextToken: undefined },
  });

  expect(await collect(pages)).toEqual([{ items: [1, 2], nextToken: 'c' }]);
});

test('a listing starts at the given token', async () => {
  const pages = listing(
    {
      first: { items: [1], nextToken: 'b' },
      b: { items: [2], nextToken: 'c' },
      c: { items: [3], nextToken: undefined },
    },
    'b',
  );

  expect(await collect(pages)).toEqual([
    { items: [2], nextToken: 'c' },
    { items: [3], nextToken: undefined },
  ]);
});

test.each([1, 2, 3, 7])('a cycle of %i tokens ends with an error', async (length) => {
  const pages = pagesOf(
    undefined,
    async (token) => ({ items: [1], nextToken: String((Number(token ?? -1) + 1) % length) }),
    endless,
  );

  await expect(collect(pages)).rejects.toThrow('was returned twice');
});

test.each([
  ['returned twice in a row', ['a', 'b', 'b', 'c', undefined]],
  ['repeated among new ones', ['a', 'same', 'b', 'same', 'c', 'same']],
])('a token %s ends with an error', async (_, tokens) => {
  let number = 0;
  const pages = pagesOf(undefined, async () => ({ items: [1], nextToken: tokens[number++] }), endless);

  await expect(collect(pages)).rejects.toThrow('was returned twice');
});

test('the start token must not be returned again', async () => {
  const pages = pagesOf('b', async () => ({ items: [1], nextToken: 'b' }), endless);

  await expect(collect(pages)).rejects.toThrow('b was returned twice');
});

test('many different tokens are no error', async () => {
  const pages = pagesOf(
    undefined,
    async (token) => {
      const number = Number(token ?? 0);
      return { items: [number], nextToken: number < 5000 ? String(number + 1) : undefined };
    },
    endless,
  );

  expect(await collect(pages)).toHaveLength(5001);
});

function countedSource(failsAt: number) {
  const asked: number[] = [];
  async function* source() {
    for (let number = 1; ; number++) {
      asked.push(number);
      if (number === failsAt) throw new Error(`no ${number}`);
      yield number;
    }
  }
  return { asked, source: source() };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

test('the first item is requested before the consumer asks for it', () => {
  const { asked, source } = countedSource(9);

  lookAhead(source);

  expect(asked).toEqual([1]);
});

test('the next item is requested while the consumer works on the current one, and none beyond it', async () => {
  const { asked, source } = countedSource(9);
  const items = lookAhead(source);

  expect(await items.next()).toEqual({ done: false, value: 1 });
  await pause();

  expect(asked).toEqual([1, 2]);
});

test('a request that is prepared in many asynchronous steps is sent before the consumer works on the current item', async () => {
  const sent: number[] = [];
  async function* source() {
    for (const number of [1, 2]) {
      for (let step = 0; step < 100; step++) await null;
      sent.push(number);
      yield number;
    }
  }

  await lookAhead(source()).next();

  expect(sent).toEqual([1, 2]);
});

test('an error of the look-ahead is thrown when its item is asked for', async () => {
  const items = lookAhead(countedSource(2).source);

  expect(await items.next()).toEqual({ done: false, value: 1 });
  await pause();

  await expect(items.next()).rejects.toThrow('no 2');
});

test('an error of the look-ahead is dropped if the consumer stops before', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);

  for await (const _ of lookAhead(countedSource(2).source)) break;
  await pause();

  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('a consumer that stops early does not wait for the look-ahead', async () => {
  async function* source() {
    yield 1;
    await new Promise(() => undefined);
  }

  for await (const _ of lookAhead(source())) break;
});
