import type { EventBus } from '../app/ports.ts';
import { OutOfTimeError } from '../errors.ts';
import { TIME_TO_RETURN_MS } from '../pacing.ts';

/**
 * A bus to which no request is sent any more once the invocation has given its messages back. Lambda may go on with work that was
 * abandoned when it uses the instance again, repeated requests included, and what that work knows may be old by then.
 */
export function openBus(bus: EventBus, remainingMs: () => number): EventBus {
  return {
    send: (events) =>
      bus.send(events, async () => {
        if (remainingMs() < TIME_TO_RETURN_MS) throw new OutOfTimeError('the invocation is over');
      }),
  };
}
