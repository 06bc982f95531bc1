import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asError } from '../errors.ts';

/** What became of one event: nothing to say, or the error that sends it back to where it came from. */
export type Result = Error | undefined;

/**
 * Handles an event as it is, or each event in a batch of SQS records, all at once. An event that ends in an error goes back:
 * alone among the records of its batch, or by failing the invocation.
 * @param read understands one event; it throws for what it does not know
 * @param handle takes what was understood and answers for each in turn
 * @param onFailed is told of each record that goes back, since Lambda does not say why
 */
export async function handleEach<Trigger>(
  event: unknown,
  context: Context,
  read: (event: unknown) => Trigger,
  handle: (triggers: readonly Trigger[]) => Promise<readonly Result[]>,
  onFailed: (error: Error, messageId: string) => void,
): Promise<SQSBatchResponse | undefined> {
  if (!isBatch(event)) {
    const [error] = await handle([read(event)]);
    if (error) throw error;
    return undefined;
  }
  const results = new Map<string, Result>();
  const understood: { id: string; trigger: Trigger }[] = [];
  for (const { messageId, body } of event.Records) {
    try {
      understood.push({ id: messageId, trigger: read(JSON.parse(body)) });
    } catch (error) {
      results.set(messageId, asError(error));
    }
  }
  const handled = await handle(understood.map(({ trigger }) => trigger));
  for (const [index, { id }] of understood.entries()) results.set(id, handled[index]);
  return processPartialResponse(
    event,
    (record: SQSEvent['Records'][number]) => {
      const error = results.get(record.messageId);
      if (!error) return;
      onFailed(error, record.messageId);
      throw error;
    },
    new BatchProcessor(EventType.SQS),
    // Poison alone must not ring the alarm on errors: the dead-letter queue has one of its own.
    { context, throwOnFullBatchFailure: false },
  );
}

function isBatch(event: unknown): event is SQSEvent {
  return typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
}
