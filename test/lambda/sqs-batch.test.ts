import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Failed, handleEach } from '../../lib/lambda/sqs-batch.ts';
import { aBatch } from '../events/builders.ts';

interface Numbered {
  readonly number: number;
}

const onFailed = vi.fn<(error: Error, messageId: string) => void>();
beforeEach(() => void onFailed.mockReset());

/** Knows only events that are numbers. */
const read = (event: unknown): Numbered => {
  if (typeof event === 'number') return { number: event };
  throw new Error(`${JSON.stringify(event)} is no number`);
};
/** Fails for odd numbers. */
const oddFails = async (triggers: readonly Numbered[]): Promise<Failed<Numbered>> =>
  new Map(
    triggers
      .filter(({ number }) => number % 2 === 1)
      .map((trigger) => [trigger, new Error(`${trigger.number} is odd`)]),
  );
const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const numbers = (...all: number[]) => [[all.map((number) => ({ number }))]];

describe('a bare event', () => {
  test('is handled, and the answer is empty', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(2, read, handle, onFailed)).toBeUndefined();
    expect(handle.mock.calls).toEqual(numbers(2));
  });

  test('fails the invocation when it fails, so that Lambda retries it and gives up in the end', async () => {
    await expect(handleEach(3, read, oddFails, onFailed)).rejects.toThrow('3 is odd');
  });

  test('fails the invocation when it is unknown, and nothing is handled', async () => {
    const handle = vi.fn(oddFails);

    await expect(handleEach({ Records: 'none' }, read, handle, onFailed)).rejects.toThrow('is no number');
    expect(handle).not.toHaveBeenCalled();
  });

  test.each([null, undefined, 'text', []])('%j is a bare event', async (event) => {
    const readAnything = vi.fn(() => ({}));

    await handleEach(event, readAnything, async () => new Map(), onFailed);

    expect(readAnything.mock.calls).toEqual([[event]]);
  });
});

describe('a batch', () => {
  test('is handled at once, in its order', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(aBatch(4, 2, 6), read, handle, onFailed)).toEqual(failures());
    expect(handle.mock.calls).toEqual(numbers(4, 2, 6));
  });

  test('returns the records that failed to the queue, and no others', async () => {
    expect(await handleEach(aBatch(1, 2, 3, 4), read, oddFails, onFailed)).toEqual(failures('m0', 'm2'));
    expect(onFailed.mock.calls.map(([{ message }, id]) => `${id}: ${message}`)).toEqual([
      'm0: 1 is odd',
      'm2: 3 is odd',
    ]);
  });

  test('returns unknown events to the queue, and handles the rest', async () => {
    const handle = vi.fn(oddFails);
    const batch = aBatch('{ no JSON', 2, { not: 'known' }, '', 3, 'null');

    expect(await handleEach(batch, read, handle, onFailed)).toEqual(failures('m0', 'm2', 'm3', 'm4', 'm5'));
    expect(handle.mock.calls).toEqual(numbers(2, 3));
    expect(onFailed.mock.calls.map(([, id]) => id)).toEqual(['m0', 'm2', 'm3', 'm4', 'm5']);
  });

  test('of unknown events only returns to the queue, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch('poison', 'more'), read, oddFails, onFailed)).toEqual(failures('m0', 'm1'));
  });

  test('in which every event fails returns to the queue, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch(1, 3), read, oddFails, onFailed)).toEqual(failures('m0', 'm1'));
  });

  test('may hold equal events, of which only one fails', async () => {
    const secondFails = async ([, second]: readonly Numbered[]): Promise<Failed<Numbered>> =>
      new Map(second ? [[second, new Error('only the second')]] : []);

    expect(await handleEach(aBatch(2, 2, 2), read, secondFails, onFailed)).toEqual(failures('m1'));
  });

  test('fails as a whole when the code that handles it throws', async () => {
    const handled = handleEach(aBatch(2), read, () => Promise.reject(new Error('a defect')), onFailed);

    await expect(handled).rejects.toThrow('a defect');
  });

  test('returns an event to the queue even if what was thrown is no Error', async () => {
    const throwText = (): Numbered => {
      throw 'text';
    };

    expect(await handleEach(aBatch(2), throwText, oddFails, onFailed)).toEqual(failures('m0'));
  });

  test('without records has no failures', async () => {
    expect(await handleEach({ Records: [] }, read, oddFails, onFailed)).toEqual(failures());
  });
});
