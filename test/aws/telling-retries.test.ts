import { afterEach, expect, it, vi } from 'vitest';
import { TellingRetryStrategy } from '../../lib/aws/telling-retries.ts';
import { LONG_RETRY_MS } from '../../lib/pacing.ts';

afterEach(() => {
  vi.useRealTimers();
});

it.each([
  [LONG_RETRY_MS - 1, []],
  [LONG_RETRY_MS + 1, ['ThrottlingException']],
])(
  'a retry that waits %d ms is told of, while it waits, only if that is more than two seconds',
  async (waitMs, expected) => {
    vi.useFakeTimers();
    const told: string[] = [];
    const strategy = new TellingRetryStrategy(10, (error) => told.push(error), {
      maxAttempts: 10,
      backoff: { computeNextBackoffDelay: () => waitMs, setDelayBase() {} },
      rateLimiter: { getSendToken: async () => {}, updateClientSendingRate() {} },
    });
    const error = Object.assign(new Error('slow down'), { name: 'ThrottlingException' }) as never;

    const first = await strategy.acquireInitialRetryToken('scope');
    const next = strategy.refreshRetryTokenForRetry(first as never, { errorType: 'THROTTLING', error });
    await vi.advanceTimersByTimeAsync(10 * LONG_RETRY_MS);
    await next;

    expect(told).toEqual(expected);
  },
);
