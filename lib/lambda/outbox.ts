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

/**
 * Sends each event as soon as those before it are sent, together with what came meanwhile.
 * @param isTimeUp asked while the bus accepts nothing: whether to give up what is left
 */
export function createOutbox(bus: EventBus, isTimeUp: () => boolean): Outbox {
  const waiting: { readonly event: OutgoingEvent; readonly onRefused: (error: Error) => void }[] = [];
  let sending = Promise.resolve();
  /** Why the bus accepted nothing the last time. */
  let broken: Error | null = null;
  const errorsOf = async (events: readonly OutgoingEvent[]): Promise<(Error | null)[]> => {
    try {
      await bus.send(events);
      return [];
    } catch (error) {
      return events.map((event) =>
        error instanceof NotAcceptedError ? (error.errors.get(event) ?? null) : asError(error),
      );
    }
  };
  const sendSome = async (): Promise<void> => {
    const some = waiting.splice(0, EVENTS_PER_CALL);
    if (some.length === 0) return;
    const refused = broken && isTimeUp() ? some.map(() => broken) : await errorsOf(some.map(({ event }) => event));
    for (const [index, { onRefused }] of some.entries()) {
      const error = refused[index];
      if (error) onRefused(error);
    }
    broken = refused.every(Boolean) ? (refused[0] ?? null) : null;
  };
  return {
    put(event, onRefused) {
      waiting.push({ event, onRefused });
      sending = sending.then(sendSome);
    },
    sent: () => sending,
  };
}
