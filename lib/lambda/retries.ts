import type { MessageQueue } from '../app/ports.ts';
import { asError } from '../errors.ts';
import { RETRY_FIRST_S, RETRY_LONGEST_S } from '../pacing.ts';
import { isUnknownEvent } from './known-events.ts';
import type { FailedRecord } from './sqs-batch.ts';

export interface RetryWork {
  /** The queue that the records came from. Loads its SDK client only when called. */
  readonly queue: () => Promise<Pick<MessageQueue, 'retry'>>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onFailed: (record: FailedRecord) => void;
  readonly onNotDelayed: (error: Error) => void;
}

/**
 * Has failed records delivered again after seconds, later after each attempt. If SQS does not take that, they come back after the
 * queue's visibility timeout.
 */
export async function retrySoon(records: readonly FailedRecord[], work: RetryWork): Promise<void> {
  records.forEach(work.onFailed);
  try {
    const queue = await work.queue();
    await queue.retry(
      records.map((record) => ({ receiptHandle: record.receiptHandle, delayS: delayS(record, work.random()) })),
    );
  } catch (error) {
    work.onNotDelayed(asError(error));
  }
}

/** Doubles from attempt to attempt. Up to a quarter is left out, so that what failed together does not come back together. */
function delayS({ attempt, error }: FailedRecord, random: number): number {
  // No attempt makes an unknown event known, so it may reach the dead-letter queue at once.
  if (isUnknownEvent(error)) return 0;
  const longest = Math.min(RETRY_FIRST_S * 2 ** (attempt - 1), RETRY_LONGEST_S);
  return Math.ceil(longest * (1 - random / 4));
}
