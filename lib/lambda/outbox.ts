import type { EventBus, OutgoingEvent } from '../app/ports.ts';
import { asError, NotAcceptedError } from '../errors.ts';
import { EVENTS_PER_CALL } from '../pacing.ts';

/** Events on their way to the bus. */
export interface Outbox {
  /** @param onRefused is called where the bus does not accept this event, after retries */
  put(event: OutgoingEvent, onRefused: (error: Error) => void): void;
  /** Resolves once the bus has answered to everything that was put in. Never rejects. */
  sent(): Promise<void>;
}

/** Sends each event as soon as those before it are sent, together with what came meanwhile. */
export function createOutbox(bus: EventBus): Outbox {
  const waiting: { readonly event: OutgoingEvent; readonly onRefused: (error: Error) => void }[] = [];
  let sending = Promise.resolve();
  const sendSome = async (): Promise<void> => {
    const some = waiting.splice(0, EVENTS_PER_CALL);
    if (some.length === 0) return;
    try {
      await bus.send(some.map(({ event }) => event));
    } catch (error) {
      for (const { event, onRefused } of some) {
        const own = error instanceof NotAcceptedError ? error.errors.get(event) : asError(error);
        if (own) onRefused(own);
      }
    }
  };
  return {
    put(event, onRefused) {
      waiting.push({ event, onRefused });
      sending = sending.then(sendSome);
    },
    sent: () => sending,
  };
}
