import type { Context } from 'aws-lambda';
import { describe, expect, test, vi } from 'vitest';
import { handleEach, type Result } from '../../lib/lambda/sqs-batch.ts';
import { aBatch } from '../events/builders.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 900_000 } as Context;
/** Told why each record goes back. */
const told = vi.fn<(error: Error, messageId: string) => void>();
/** Understands numbers alone. */
const read = (event: unknown): number => {
  if (typeof event === 'number') return event;
  throw new Error(`${JSON.stringify(event)} is no number`);
};
const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
/** Everything works, but odd numbers. */
const oddFails = (triggers: readonly number[]) =>
  Promise.resolve(triggers.map((trigger): Result => (trigger % 2 ? new Error(`${trigger} is odd`) : undefined)));

describe('a bare event', () => {
  test('is handled, and answered with nothing', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(2, CONTEXT, read, handle, told)).toBeUndefined();
    expect(handle.mock.calls).toEqual([[[2]]]);
  });

  test('that fails fails the invocation, so that Lambda tries again and gives it up in the end', async () => {
    await expect(handleEach(3, CONTEXT, read, oddFails, told)).rejects.toThrow('3 is odd');
  });

  test('that is not understood fails the invocation, and nothing is handled', async () => {
    const handle = vi.fn(oddFails);

    await expect(handleEach({ Records: 'none' }, CONTEXT, read, handle, told)).rejects.toThrow('is no number');
    expect(handle).not.toHaveBeenCalled();
  });

  test.each([null, undefined, 'text', []])('%j is a bare event', async (event) => {
    const understood = vi.fn(() => 0);

    await handleEach(event, CONTEXT, understood, async () => [], told);

    expect(understood.mock.calls).toEqual([[event]]);
  });
});

describe('a batch', () => {
  test('is handled at once, in its order', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(aBatch(4, 2, 6), CONTEXT, read, handle, told)).toEqual(failures());
    expect(handle.mock.calls).toEqual([[[4, 2, 6]]]);
  });

  test('gives back what failed, and that alone', async () => {
    told.mockClear();
    expect(await handleEach(aBatch(1, 2, 3, 4), CONTEXT, read, oddFails, told)).toEqual(failures('m0', 'm2'));
    expect(told.mock.calls.map(([{ message }, id]) => `${id}: ${message}`)).toEqual(['m0: 1 is odd', 'm2: 3 is odd']);
  });

  test('gives back what is not understood, and handles the rest', async () => {
    const handle = vi.fn(oddFails);
    const batch = aBatch('{ no JSON', 2, { not: 'known' }, '', 3, 'null');

    expect(await handleEach(batch, CONTEXT, read, handle, told)).toEqual(failures('m0', 'm2', 'm3', 'm4', 'm5'));
    expect(handle.mock.calls).toEqual([[[2, 3]]]);
  });

  test('of poison alone is given back whole, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch('poison', 'more'), CONTEXT, read, oddFails, told)).toEqual(failures('m0', 'm1'));
  });

  test('of failures alone is given back whole, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch(1, 3), CONTEXT, read, oddFails, told)).toEqual(failures('m0', 'm1'));
  });

  test('keeps apart messages that say the same', async () => {
    const [first, ...rest]: Result[] = [new Error('only the first'), undefined, undefined];

    const answer = await handleEach(aBatch(2, 2, 2), CONTEXT, read, async () => [first, ...rest], told);

    expect(answer).toEqual(failures('m0'));
  });

  test('that is handled by something that throws fails whole', async () => {
    const handled = handleEach(aBatch(2), CONTEXT, read, () => Promise.reject(new Error('a defect')), told);

    await expect(handled).rejects.toThrow('a defect');
  });

  test('what throws something else than an error is given back all the same', async () => {
    const throwText = (): number => {
      throw 'text';
    };

    expect(await handleEach(aBatch(2), CONTEXT, throwText, oddFails, told)).toEqual(failures('m0'));
  });

  test('without records gives nothing back', async () => {
    expect(await handleEach({ Records: [] }, CONTEXT, read, oddFails, told)).toEqual(failures());
  });
});
