import type { MessageQueue } from '../app/ports.ts';
import type { RetryWork } from './retries.ts';
import { logFailure, logNotDelayed } from './telemetry.ts';

/** How a deployed function has its failed records delivered again. @param openQueue opens its queue; called when it is first needed */
export function retriesOf(openQueue: () => Promise<Pick<MessageQueue, 'retry'>>): RetryWork {
  let queue: ReturnType<typeof openQueue> | undefined;
  return {
    queue() {
      queue ??= openQueue();
      return queue;
    },
    random: Math.random,
    onFailed: logFailure,
    onNotDelayed: logNotDelayed,
  };
}
