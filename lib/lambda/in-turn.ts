import type { MessageQueue, RemediationTurns } from '../app/ports.ts';
import type { Target } from '../domain/target.ts';
import { asError } from '../errors.ts';
import { PUT_BACK_FOR_S } from '../pacing.ts';
import type { Delivery } from './sqs-batch.ts';

export interface TurnWork {
  readonly turns: RemediationTurns;
  /** The queue that the deliveries came from. Loads its SDK client only when called. */
  readonly queue: () => Promise<MessageQueue>;
  /** Names the invocation. */
  readonly invocation: string;
  /** How long it holds a target if it dies, in milliseconds since 1970. */
  readonly heldUntil: number;
  readonly clock: () => Date;
  /** Called with a target that others hold, and how many of its events were put back. */
  readonly onPutBack: (target: Target, events: number) => void;
  /** Called with a failure after which the work goes on. */
  readonly onError: (error: Error, meaning: string) => void;
}

/**
 * Works on a target unless two other invocations do. Then its events are sent to the queue once more, to come in a minute, and are
 * done: however many there are, they use up none of their deliveries, and those of other targets need not wait for them.
 * @throws what `work` throws; CloudError when the queue does not take them
 */
export async function inTurn(
  target: Target,
  deliveries: readonly Delivery<unknown>[],
  { turns, queue, invocation, heldUntil, clock, onPutBack, onError }: TurnWork,
  work: () => Promise<void>,
): Promise<void> {
  const giveBack = await turns.take({ target, invocation, heldUntil }, clock().getTime()).catch((error: unknown) => {
    // Without turns AWS throttles more calls, and no more than that.
    onError(asError(error), 'no turn could be taken, and the work goes on without');
    return async () => {};
  });
  if (giveBack) {
    const end = () =>
      giveBack().catch((error: unknown) => {
        onError(
          asError(error),
          'a target could not be given back, and is free when the invocation would have been over',
        );
      });
    return work().finally(end);
  }
  await (await queue()).send(deliveries.map((delivery) => messageOf(delivery, target)));
  onPutBack(target, deliveries.length);
}

/** The event of a delivery as a new message, which says whether an earlier attempt was made at it. */
function messageOf({ event, attempt, sentAtMs = 0 }: Delivery<unknown>, { account }: Target) {
  const body = JSON.stringify({ ...(event as object), ...(attempt > 1 && { triedSinceMs: sentAtMs }) });
  // Not all at the same time, so that a batch is there whenever a turn ends.
  const delayS = Math.round(PUT_BACK_FOR_S * (0.5 + Math.random()));
  return { body, group: account, delayS };
}
