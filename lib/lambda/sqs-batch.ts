import { setTimeout } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asError, OutOfTimeError } from '../errors.ts';
import { TIME_TO_RETURN_MS } from '../pacing.ts';

/** An event that was delivered, as what it asks for. */
export interface Delivery<Trigger> {
  readonly trigger: Trigger;
  /**
   * How often its queue has delivered it, this time included; 1 for an event that came without a queue. At least 2 where a
   * function that had tried it sent it to the queue again.
   */
  readonly attempt: number;
  /** When it was sent to its queue, in milliseconds since 1970. Absent: it came without a queue. */
  readonly sentAtMs?: number;
  /** The event as it came. */
  readonly event?: unknown;
}

/** The deliveries that could not be handled this time, each with its error. All others are done. */
export type Failed<Trigger> = ReadonlyMap<Delivery<Trigger>, Error>;

export interface Handled<Trigger> {
  readonly failed: Failed<Trigger>;
  /** What a caller that invoked the function with an event of its own is told. */
  readonly result: object;
}

/** A record that returns to its queue. */
export interface FailedRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly attempt: number;
  readonly error: Error;
}

/**
 * Handles one EventBridge event, or all events of an SQS batch together. A failed event is delivered again: a record of a
 * batch because its message id is in the answer, a bare event because the invocation fails.
 * @param read turns an event into what it asks for; throws for an event that it does not know
 * @param handle handles all deliveries of a batch at once; it rejects only when none of them was handled
 * @param onFailed is called with the records that are delivered again, because Lambda does not log the reason
 * @param remainingMs how long the invocation may still take. What is not handled shortly before fails as a whole: a function that
 * Lambda stops cannot say when its messages are to come back
 * @returns which records failed; the result for a bare event
 * @throws the error of a bare event
 */
export async function handleEach<Trigger>(
  event: unknown,
  read: (event: unknown) => Trigger,
  handle: (deliveries: readonly Delivery<Trigger>[]) => Promise<Handled<Trigger>>,
  onFailed: (records: readonly FailedRecord[]) => Promise<void>,
  remainingMs: number,
): Promise<SQSBatchResponse | object> {
  const timeMs = remainingMs - TIME_TO_RETURN_MS;
  if (!isBatch(event)) {
    const delivery = { trigger: read(event), attempt: 1, event };
    const { failed, result } = await inTime(handle([delivery]), timeMs);
    const error = failed.get(delivery);
    if (error) throw error;
    return result;
  }
  const deliveries = new Map<string, Delivery<Trigger>>();
  const unreadable = new Map<string, Error>();
  for (const { messageId, body, attributes } of event.Records) {
    try {
      const sent = JSON.parse(body);
      const attempt = attemptIn(attributes);
      const triedSinceMs = triedSinceIn(sent);
      const tried =
        triedSinceMs === null
          ? { attempt, sentAtMs: Number(attributes?.SentTimestamp) || 0 }
          : { attempt: Math.max(attempt, 2), sentAtMs: triedSinceMs };
      deliveries.set(messageId, { trigger: read(sent), ...tried, event: sent });
    } catch (error) {
      unreadable.set(messageId, asError(error));
    }
  }
  const all = [...deliveries.values()];
  const { failed } = await inTime(handle(all), timeMs).catch((error: unknown) => {
    if (!(error instanceof OutOfTimeError)) throw error;
    return { failed: new Map(all.map((delivery) => [delivery, error])) };
  });
  const records = event.Records.flatMap(({ messageId, receiptHandle, attributes }): FailedRecord[] => {
    const delivery = deliveries.get(messageId);
    const error = delivery ? failed.get(delivery) : unreadable.get(messageId);
    return error ? [{ messageId, receiptHandle, attempt: attemptIn(attributes), error }] : [];
  });
  if (records.length > 0) await onFailed(records);
  // An invocation whose records all failed still succeeds: bad messages must not raise the alarm on function errors, because
  // the alarm on the dead-letter queue reports them.
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** @throws OutOfTimeError when the work is not done in time */
async function inTime<T>(work: Promise<T>, timeMs: number): Promise<T> {
  const done = new AbortController();
  const over = setTimeout(timeMs, undefined, { signal: done.signal }).then(() => {
    throw new OutOfTimeError('the function ran out of time');
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    done.abort();
    over.catch(() => {});
  }
}

function attemptIn(attributes: { readonly ApproximateReceiveCount?: string } | undefined): number {
  return Number(attributes?.ApproximateReceiveCount) || 1;
}

/** When an event was first sent that a function had tried before it sent it again, as `inTurn` says it; null: none had. */
function triedSinceIn(event: unknown): number | null {
  const { triedSinceMs } = Object(event) as { readonly triedSinceMs?: unknown };
  return typeof triedSinceMs === 'number' ? triedSinceMs : null;
}

function isBatch(event: unknown): event is SQSEvent {
  return typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
}
