import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asError } from '../errors.ts';

/** The triggers that could not be handled this time, each with its error. All others are done. */
export type Failed<Trigger> = ReadonlyMap<Trigger, Error>;

/**
 * Handles one EventBridge event, or all events of an SQS batch together. A failed event is delivered again: a record of a
 * batch because its message id is in the answer, a bare event because the invocation fails.
 * @param read turns an event into a new object; throws for an event that it does not know
 * @param handle handles all triggers of a batch at once; it rejects only when none of them was handled
 * @param onFailed is called for each record that is delivered again, because Lambda does not log the reason
 * @returns which records failed; undefined for a bare event
 * @throws the error of a bare event
 */
export async function handleEach<Trigger extends object>(
  event: unknown,
  read: (event: unknown) => Trigger,
  handle: (triggers: readonly Trigger[]) => Promise<Failed<Trigger>>,
  onFailed: (error: Error, messageId: string) => void,
): Promise<SQSBatchResponse | undefined> {
  if (!isBatch(event)) {
    const trigger = read(event);
    const error = (await handle([trigger])).get(trigger);
    if (error) throw error;
    return undefined;
  }
  const triggers = new Map<string, Trigger>();
  const unreadable = new Map<string, Error>();
  for (const { messageId, body } of event.Records) {
    try {
      triggers.set(messageId, read(JSON.parse(body)));
    } catch (error) {
      unreadable.set(messageId, asError(error));
    }
  }
  const failed = await handle([...triggers.values()]);
  const batchItemFailures: SQSBatchItemFailure[] = [];
  for (const { messageId } of event.Records) {
    const trigger = triggers.get(messageId);
    const error = trigger ? failed.get(trigger) : unreadable.get(messageId);
    if (!error) continue;
    onFailed(error, messageId);
    batchItemFailures.push({ itemIdentifier: messageId });
  }
  // An invocation whose records all failed still succeeds: bad messages must not raise the alarm on function errors, because
  // the alarm on the dead-letter queue reports them.
  return { batchItemFailures };
}

function isBatch(event: unknown): event is SQSEvent {
  return typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
}
