import { expect, test } from 'vitest';
import type { Retry } from '../../lib/app/ports.ts';
import { parseScanEvent } from '../../lib/lambda/known-events.ts';
import { type RetryWork, retrySoon } from '../../lib/lambda/retries.ts';
import { retriesOf } from '../../lib/lambda/retries-of.ts';
import type { FailedRecord } from '../../lib/lambda/sqs-batch.ts';
import { MAX_RECEIVES } from '../../lib/pacing.ts';

function aFailure(attempt: number, error: Error = new Error('DynamoDB does not answer')): FailedRecord {
  return { messageId: `m${attempt}`, receiptHandle: `handle-${attempt}`, attempt, error };
}

function aQueue({ fails, random = 0 }: { fails?: Error; random?: number } = {}) {
  const retries: Retry[] = [];
  const logged: string[] = [];
  const work: RetryWork = {
    queue: async () => ({
      async retry(some) {
        if (fails) throw fails;
        retries.push(...some);
      },
    }),
    random: () => random,
    onFailed: ({ messageId }) => void logged.push(messageId),
    onNotDelayed: ({ message }) => void logged.push(message),
  };
  return { retries, logged, work };
}

const attempts = Array.from({ length: MAX_RECEIVES }, (_, index) => aFailure(index + 1));

test('a failed event comes back after ten seconds, then after twice as long, up to ten minutes', async () => {
  const { work, retries, logged } = aQueue();

  await retrySoon(attempts, work);

  expect(retries.map(({ delayS }) => delayS)).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
  expect(retries[2]).toEqual({ receiptHandle: 'handle-3', delayS: 40 });
  expect(logged).toEqual(attempts.map(({ messageId }) => messageId));
});

test('events that fail together do not come back together', async () => {
  const { work, retries } = aQueue({ random: 1 });

  await retrySoon(attempts, work);

  expect(retries.map(({ delayS }) => delayS)).toEqual([8, 15, 30, 60, 120, 240, 450, 450, 450, 450]);
});

test('an outage of half an hour is survived, whatever the jitter', async () => {
  const { work, retries } = aQueue({ random: 1 });

  await retrySoon(attempts.slice(0, -1), work);

  expect(retries.reduce((sum, { delayS }) => sum + delayS, 0)).toBeGreaterThan(30 * 60);
});

test('an unknown event reaches the dead-letter queue without waits', async () => {
  const { work, retries } = aQueue();
  const unknown = thrownBy(() => parseScanEvent({ source: 'nobody' }));
  const noJson = thrownBy(() => JSON.parse('{'));

  await retrySoon([aFailure(1, unknown), aFailure(4, noJson)], work);

  expect(retries.map(({ delayS }) => delayS)).toEqual([0, 0]);
});

test('a queue that refuses is logged, and the events return by its own timeout', async () => {
  const { work, logged } = aQueue({ fails: new Error('sqs:ChangeMessageVisibility is denied') });

  await retrySoon([aFailure(1)], work);

  expect(logged).toEqual(['m1', 'sqs:ChangeMessageVisibility is denied']);
});

test('the queue of a function is opened when something failed, and once', async () => {
  let opened = 0;
  const retries: Retry[] = [];
  const work = retriesOf(async () => {
    opened++;
    return { retry: async (some) => void retries.push(...some) };
  });
  expect(opened).toBe(0);

  for (const attempt of [1, 2]) await retrySoon([aFailure(attempt)], { ...work, onFailed: () => {} });

  expect(opened).toBe(1);
  expect(retries.map(({ receiptHandle }) => receiptHandle)).toEqual(['handle-1', 'handle-2']);
});

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
