import { expect, test } from 'vitest';
import { lookAhead, type Page, pagesOf } from '../../lib/aws/paging.ts';
import { collect } from './builders.ts';

const endless = (token: string) => new Error(`${token} came twice`);

function listing(pages: Record<string, Page<number>>, startToken?: string) {
  return pagesOf(startToken, async (token) => pages[token ?? 'first'] ?? { items: [], nextToken: undefined }, endless);
}

test('an empty page with a token goes on, and is not handed out', async () => {
  const pages = listing({
    first: { items: [], nextToken: 'b' },
    b: { items: [1, 2], nextToken: 'c' },
    c: { items: [], nextToken: undefined },
  });

  expect(await collect(pages)).toEqual([{ items: [1, 2], nextToken: 'c' }]);
});

test('a listing goes on at the token that it is given', async () => {
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

test.each([1, 2, 3, 7])('tokens that go round in a circle of %i end with an error', async (length) => {
  const pages = pagesOf(
    undefined,
    async (token) => ({ items: [1], nextToken: String((Number(token ?? -1) + 1) % length) }),
    endless,
  );

  await expect(collect(pages)).rejects.toThrow('came twice');
});

test.each([
  ['that comes once more', ['a', 'b', 'b', 'c', undefined]],
  ['among others that are new', ['a', 'same', 'b', 'same', 'c', 'same']],
])('a token %s ends with an error', async (_, tokens) => {
  let number = 0;
  const pages = pagesOf(undefined, async () => ({ items: [1], nextToken: tokens[number++] }), endless);

  await expect(collect(pages)).rejects.toThrow('came twice');
});

test('nor may the one come that a listing began with', async () => {
  const pages = pagesOf('b', async () => ({ items: [1], nextToken: 'b' }), endless);

  await expect(collect(pages)).rejects.toThrow('b came twice');
});

test('many tokens that differ do not', async () => {
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

test('the first item is asked for before anybody waits for it', () => {
  const { asked, source } = countedSource(9);

  lookAhead(source);

  expect(asked).toEqual([1]);
});

test('the next item is asked for while the current one is worked on, and no further', async () => {
  const { asked, source } = countedSource(9);
  const items = lookAhead(source);

  expect(await items.next()).toEqual({ done: false, value: 1 });
  await pause();

  expect(asked).toEqual([1, 2]);
});

test('what takes many small steps to ask for is on its way before the current item is worked on', async () => {
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

test('an error of the look-ahead surfaces at the next pull', async () => {
  const items = lookAhead(countedSource(2).source);

  expect(await items.next()).toEqual({ done: false, value: 1 });
  await pause();

  await expect(items.next()).rejects.toThrow('no 2');
});

test('an error of the look-ahead that nobody asks for is dropped', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);

  for await (const _ of lookAhead(countedSource(2).source)) break;
  await pause();

  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('whoever stops early does not wait for the look-ahead', async () => {
  async function* source() {
    yield 1;
    await new Promise(() => undefined);
  }

  for await (const _ of lookAhead(source())) break;
});
