import type { EventBus } from '../app/ports.ts';
import { OutOfTimeError } from '../errors.ts';
import { TIME_TO_RETURN_MS } from '../pacing.ts';

/**
 * A bus that takes nothing any more once the invocation has given its messages back. Lambda may go on with work that was abandoned
 * when it uses the instance again, and what that work knows may be old by then.
 */
export function openBus(bus: EventBus, remainingMs: () => number): EventBus {
  return {
    async send(events) {
      if (remainingMs() < TIME_TO_RETURN_MS) throw new OutOfTimeError('the invocation is over');
      await bus.send(events);
    },
  };
}
