import { setTimeout } from 'node:timers/promises';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Wait } from '../app/ports.ts';
import { LOGS_REQUESTS_PER_SECOND, MADE_UP_FOR_MS } from '../pacing.ts';
import { toCloudError } from './cloud-error.ts';

/**
 * Once AWS has throttled a call, its requests keep to the quota in `pacing.ts`. The SDK's adaptive retries alone go on trying to be
 * faster, so that every tenth request is throttled. Until then requests are not held back, since AWS may have raised the quota;
 * from then on they are for as long as the client lives.
 * @returns the same client
 */
export function paced(client: CloudWatchLogsClient, wait: Wait = setTimeout): CloudWatchLogsClient {
  /** When the next request of a call is due, for those that were throttled. */
  const dueMs = new Map<string, number>();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const call = commandName.replace(/Command$/, '');
        const perSecond = LOGS_REQUESTS_PER_SECOND[call];
        if (perSecond === undefined) return next(args);
        const due = dueMs.get(call);
        if (due !== undefined) {
          const nowMs = Date.now();
          const atMs = Math.max(due, nowMs - MADE_UP_FOR_MS);
          dueMs.set(call, atMs + 1000 / perSecond);
          if (atMs > nowMs) await wait(atMs - nowMs);
        }
        try {
          return await next(args);
        } catch (error) {
          const isThrottled = toCloudError(call, error).code === 'THROTTLED';
          if (isThrottled && !dueMs.has(call)) dueMs.set(call, Date.now());
          throw error;
        }
      },
    // Within the retry middleware, as `retryAborted` is.
    { name: 'paced', step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}
