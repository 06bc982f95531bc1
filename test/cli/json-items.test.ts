import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonItems } from '../../cli/json-items.ts';

async function read(chunks: readonly Uint8Array[]) {
  const generator = jsonItems(
    (async function* () {
      yield* chunks;
    })(),
    'items',
  );
  const items: unknown[] = [];
  for (;;) {
    const { value, done } = await generator.next();
    if (done) return { items, rest: value };
    items.push(JSON.parse(value));
  }
}

function chunked(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

it('the items of the list come one by one, and the rest of the document at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(0, 1, '\t'),
      fc.integer({ min: 1, max: 20 }),
      async (items, before, after, space, size) => {
        const { items: _, ...first } = before;
        const { items: __, ...last } = after;
        const document = { nested: { items: [1] }, text: 'items', ...first, items, ...last };

        const found = await read(chunked(JSON.stringify(document, null, space), size));

        expect(found.items).toEqual(JSON.parse(JSON.stringify(items)));
        expect(JSON.parse(found.rest)).toEqual(JSON.parse(JSON.stringify({ ...document, items: items.map(() => 0) })));
      },
    ),
  );
});

it.each([
  '',
  '{',
  '{"items":[1,2',
  '{"items":[1,]}',
  '{"items":[,1]}',
  '{"items":[1,,2]}',
  '{"items":[1}',
  '{"items":[1]]}',
  'x',
])('%s is no JSON, which its items or its rest show', async (text) => {
  await expect(read([Buffer.from(text)]).then(({ rest }) => JSON.parse(rest))).rejects.toThrow(SyntaxError);
});

it('no text makes it wait or fail in another way', async () => {
  const sign = fc.constantFrom(...'{}[],:"\\ \n1', '"items"', '{"items":[');
  await fc.assert(
    fc.asyncProperty(fc.array(sign), async (signs) => {
      const text = signs.join('');
      const isJson = (() => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      })();
      const result = await read([Buffer.from(text)])
        .then(({ rest }) => JSON.parse(rest))
        .then(
          () => true,
          (error: unknown) => error instanceof SyntaxError && false,
        );
      expect(result).toBe(isJson);
    }),
  );
});

it('an item that is too large to be kept is refused before the end', async () => {
  let given = 0;
  const endless = (async function* () {
    yield Buffer.from('{"items":["');
    for (; ; given++) yield Buffer.alloc(100_000, 'a');
  })();
  const generator = jsonItems(endless, 'items');

  await expect(generator.next()).rejects.toThrow('it has more than a list of items');
  expect(given).toBeLessThan(20);
});

it('bytes that are no UTF-8 are refused', async () => {
  await expect(read([Buffer.from([0x7b, 0xff])])).rejects.toThrow(TypeError);
});
