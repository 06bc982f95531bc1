import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OutOfTimeError } from '../../lib/errors.ts';
import { type Delivery, type FailedRecord, type Handled, handleEach } from '../../lib/lambda/sqs-batch.ts';
import { TIME_TO_RETURN_MS } from '../../lib/pacing.ts';
import { aBatch, aRecord } from '../events/builders.ts';

interface Numbered {
  readonly number: number;
}

const onFailed = vi.fn<(records: readonly FailedRecord[]) => Promise<void>>();
beforeEach(() => void onFailed.mockReset());

/** Knows only events that are numbers. */
const read = (event: unknown): Numbered => {
  if (typeof event === 'number') return { number: event };
  throw new Error(`${JSON.stringify(event)} is no number`);
};
/** Fails for odd numbers. */
const oddFails = async (deliveries: readonly Delivery<Numbered>[]): Promise<Handled<Numbered>> => ({
  failed: new Map(
    deliveries
      .filter(({ trigger }) => trigger.number % 2 === 1)
      .map((delivery) => [delivery, new Error(`${delivery.trigger.number} is odd`)]),
  ),
  result: { sum: deliveries.reduce((sum, { trigger }) => sum + trigger.number, 0) },
});
const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
/** When the builder's records were sent. */
const sentAtMs = 1_795_226_400_000;
const numbers = (...all: number[]) => [
  [all.map((number) => ({ trigger: { number }, attempt: 1, sentAtMs, event: number }))],
];
const failedRecords = () => onFailed.mock.calls.flatMap(([records]) => records);

describe('a bare event', () => {
  test('is handled, and answered with its result', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(2, read, handle, onFailed, 300_000)).toEqual({ sum: 2 });
    expect(handle.mock.calls).toEqual([[[{ trigger: { number: 2 }, attempt: 1, event: 2 }]]]);
  });

  test('fails the invocation when it fails, so that Lambda retries it and gives up in the end', async () => {
    await expect(handleEach(3, read, oddFails, onFailed, 300_000)).rejects.toThrow('3 is odd');
  });

  test('fails the invocation when it takes too long', async () => {
    const handled = handleEach(2, read, () => new Promise(() => {}), onFailed, TIME_TO_RETURN_MS + 5);

    await expect(handled).rejects.toThrow(OutOfTimeError);
  });

  test('fails the invocation when it is unknown, and nothing is handled', async () => {
    const handle = vi.fn(oddFails);

    await expect(handleEach({ Records: 'none' }, read, handle, onFailed, 300_000)).rejects.toThrow('is no number');
    expect(handle).not.toHaveBeenCalled();
  });

  test.each([null, undefined, 'text', []])('%j is a bare event', async (event) => {
    const readAnything = vi.fn(() => ({}));

    await handleEach(event, readAnything, async () => ({ failed: new Map(), result: {} }), onFailed, 300_000);

    expect(readAnything.mock.calls).toEqual([[event]]);
  });
});

describe('a batch', () => {
  test('is handled at once, in its order', async () => {
    const handle = vi.fn(oddFails);

    expect(await handleEach(aBatch(4, 2, 6), read, handle, onFailed, 300_000)).toEqual(failures());
    expect(handle.mock.calls).toEqual(numbers(4, 2, 6));
  });

  test('returns the records that failed to the queue, and no others', async () => {
    expect(await handleEach(aBatch(1, 2, 3, 4), read, oddFails, onFailed, 300_000)).toEqual(failures('m0', 'm2'));
    expect(failedRecords().map(({ error, messageId }) => `${messageId}: ${error.message}`)).toEqual([
      'm0: 1 is odd',
      'm2: 3 is odd',
    ]);
  });

  test('returns unknown events to the queue, and handles the rest', async () => {
    const handle = vi.fn(oddFails);
    const batch = aBatch('{ no JSON', 2, { not: 'known' }, '', 3, 'null');

    expect(await handleEach(batch, read, handle, onFailed, 300_000)).toEqual(failures('m0', 'm2', 'm3', 'm4', 'm5'));
    expect(handle.mock.calls).toEqual(numbers(2, 3));
    expect(failedRecords().map(({ messageId }) => messageId)).toEqual(['m0', 'm2', 'm3', 'm4', 'm5']);
  });

  test('of unknown events only returns to the queue, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch('poison', 'more'), read, oddFails, onFailed, 300_000)).toEqual(failures('m0', 'm1'));
  });

  test('in which every event fails returns to the queue, and does not fail the invocation', async () => {
    expect(await handleEach(aBatch(1, 3), read, oddFails, onFailed, 300_000)).toEqual(failures('m0', 'm1'));
  });

  test('may hold equal events, of which only one fails', async () => {
    const secondFails = async ([, second]: readonly Delivery<Numbered>[]): Promise<Handled<Numbered>> => ({
      failed: new Map(second ? [[second, new Error('only the second')]] : []),
      result: {},
    });

    expect(await handleEach(aBatch(2, 2, 2), read, secondFails, onFailed, 300_000)).toEqual(failures('m1'));
  });

  test('fails as a whole when the code that handles it throws', async () => {
    const handled = handleEach(aBatch(2), read, () => Promise.reject(new Error('a defect')), onFailed, 300_000);

    await expect(handled).rejects.toThrow('a defect');
  });

  test('returns an event to the queue even if what was thrown is no Error', async () => {
    const throwText = (): Numbered => {
      throw 'text';
    };

    expect(await handleEach(aBatch(2), throwText, oddFails, onFailed, 300_000)).toEqual(failures('m0'));
  });

  test('says how often each event was delivered, and when it was sent first', async () => {
    const handle = vi.fn(oddFails);
    const records = [aRecord(2, 'm0', 1), aRecord(3, 'm1', 7)];

    await handleEach({ Records: records }, read, handle, onFailed, 300_000);

    expect(handle.mock.calls).toEqual([
      [
        [
          { trigger: { number: 2 }, attempt: 1, sentAtMs, event: 2 },
          { trigger: { number: 3 }, attempt: 7, sentAtMs, event: 3 },
        ],
      ],
    ]);
    expect(failedRecords()).toMatchObject([{ messageId: 'm1', receiptHandle: 'handle-m1', attempt: 7 }]);
  });

  test('knows what was tried before a function sent it again, and since when', async () => {
    const handle = vi.fn(async () => ({ failed: new Map(), result: {} }));
    const events = [{ triedSinceMs: 5 }, { triedSinceMs: 'yesterday' }];

    await handleEach(aBatch(...events), () => 'any', handle, onFailed, 300_000);

    expect(handle.mock.calls).toMatchObject([
      [
        [
          { attempt: 2, sentAtMs: 5, event: events[0] },
          { attempt: 1, sentAtMs },
        ],
      ],
    ]);
  });

  test('that takes too long returns to the queue as a whole before Lambda stops the function', async () => {
    const handled = handleEach(aBatch(2, 4), read, () => new Promise(() => {}), onFailed, TIME_TO_RETURN_MS + 5);

    expect(await handled).toEqual(failures('m0', 'm1'));
    expect(failedRecords().map(({ error }) => error)).toEqual([expect.any(OutOfTimeError), expect.any(OutOfTimeError)]);
  });

  test('calls nobody when nothing failed', async () => {
    await handleEach(aBatch(2), read, oddFails, onFailed, 300_000);

    expect(onFailed).not.toHaveBeenCalled();
  });

  test('without records has no failures', async () => {
    expect(await handleEach({ Records: [] }, read, oddFails, onFailed, 300_000)).toEqual(failures());
  });
});
