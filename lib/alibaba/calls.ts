import { setTimeout } from 'node:timers/promises';
import type { OnLongRetry, Wait } from '../app/ports.ts';
import { type CloudError, isDefect } from '../errors.ts';
import { ALIBABA_FIRST_WAIT_MS, ALIBABA_LONGEST_WAIT_MS, LONG_RETRY_MS } from '../pacing.ts';
import { toCloudError } from './cloud-error.ts';

/** Makes, counts and retries the calls to one Region, and turns every failure into a `CloudError`. */
export interface Calls {
  /**
   * Retries here, and only here: the SLS SDK chooses what to retry by error code and never by HTTP status, and the SDK for
   * KMS and RAM retries nothing. Every call that logseal makes can safely be repeated.
   * @param name as RAM names the call, for instance `log:GetLogStore`
   * @param send sends one request
   * @param maxAttempts the number of requests, including the first
   * @throws CloudError; a bug in this program (`isDefect`) is thrown as it is, without a retry
   */
  make<T>(name: string, send: () => Promise<T>, maxAttempts?: number): Promise<T>;
  /** Calls so far by name; a call counts once, however often it was retried. */
  counts(): Record<string, number>;
}

/**
 * Has counted nothing yet.
 * @param wait waits between two attempts
 * @param onLongRetry is told of those that take long
 */
export function createCalls(attemptsOfAll: number, wait: Wait = setTimeout, onLongRetry?: OnLongRetry): Calls {
  const counts = new Map<string, number>();
  return {
    async make(name, send, maxAttempts = attemptsOfAll) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      for (let attempt = 1; ; attempt++) {
        let error: CloudError;
        try {
          return await send();
        } catch (thrown) {
          if (isDefect(thrown)) throw thrown;
          error = toCloudError(name, thrown);
          if (attempt >= maxAttempts || !error.isTransient) throw error;
        }
        const waitMs = Math.min(ALIBABA_FIRST_WAIT_MS * 2 ** (attempt - 1), ALIBABA_LONGEST_WAIT_MS) * Math.random();
        if (waitMs > LONG_RETRY_MS) onLongRetry?.(error.code);
        await wait(waitMs);
      }
    },
    counts: () => Object.fromEntries(counts),
  };
}
