import { setTimeout } from 'node:timers/promises';
import type { Wait } from '../app/ports.ts';
import { mayPass } from '../errors.ts';
import { toCloudError } from './cloud-error.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Makes the calls of one Region: counts them, tries them again, and has every failure end as a `CloudError`. */
export interface Calls {
  /**
   * The only retries that there are: the SDK of SLS would go by codes alone, never by the HTTP status, and that of KMS and
   * RAM has none. Every call of logseal may be repeated.
   * @param name as RAM names the call, for instance `log:GetLogStore`
   * @param send sends one request
   * @param maxAttempts requests at most, the first included
   * @throws CloudError
   */
  make<T>(name: string, send: () => Promise<T>, maxAttempts?: number): Promise<T>;
  /** Retries not counted. */
  counts(): Record<string, number>;
}

/** Has counted nothing yet. @param wait waits between two attempts */
export function createCalls(attemptsOfAll: number, wait: Wait = setTimeout): Calls {
  const counts = new Map<string, number>();
  return {
    async make(name, send, maxAttempts = attemptsOfAll) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      for (let attempt = 1; ; attempt++) {
        try {
          return await send();
        } catch (thrown) {
          const error = toCloudError(name, thrown);
          if (attempt >= maxAttempts || !mayPass(error.code)) throw error;
        }
        await wait(Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS) * Math.random());
      }
    },
    counts: () => Object.fromEntries(counts),
  };
}
