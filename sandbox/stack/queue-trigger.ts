import type { Message, Queue } from '../queue.ts';

const POLL_MS = 5;

/** A queue that invokes a function, with the settings of Lambda's event source mapping. */
export interface QueueTrigger {
  readonly queue: Queue;
  readonly region: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly maxConcurrency: number;
  /** Whether the function reports which messages of a batch failed (ReportBatchItemFailures). */
  readonly reportsFailures: boolean;
  invoke(event: unknown): Promise<unknown>;
}

/** Takes batches from the queue until it is stopped. @returns a function that stops it */
export function startTrigger(trigger: QueueTrigger): () => void {
  const { queue, batchSize, windowMs, maxConcurrency } = trigger;
  let isStopped = false;
  let running = 0;
  let waitingSinceMs: number | undefined;

  function pump(): void {
    for (let visible = queue.visible; visible > 0 && running < maxConcurrency && !isStopped; visible = queue.visible) {
      waitingSinceMs ??= performance.now();
      if (visible < batchSize && performance.now() - waitingSinceMs < windowMs) return;
      waitingSinceMs = undefined;
      // Functions run in real time and not in scaled time, so a batch stays hidden until its invocation ends.
      const messages = queue.receive(batchSize, Number.POSITIVE_INFINITY);
      if (messages.length) void handle(messages);
    }
  }

  async function handle(messages: Message[]): Promise<void> {
    running++;
    const failed = await failedOf(trigger, messages);
    for (const { messageId, receiptHandle } of messages) {
      if (failed.has(messageId)) queue.giveBack(receiptHandle);
      else queue.delete(receiptHandle);
    }
    running--;
    pump();
  }

  const timer = setInterval(pump, POLL_MS);
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

/**
 * The ids of the messages that return to the queue. "Lambda treats a batch as a complete failure" if it cannot read the
 * function's report, and as a complete success if the report is empty.
 */
async function failedOf({ queue, region, reportsFailures, invoke }: QueueTrigger, messages: Message[]) {
  const all = new Set<unknown>(messages.map(({ messageId }) => messageId));
  const origin = { eventSource: 'aws:sqs', eventSourceARN: queue.arn, awsRegion: region };
  try {
    const result = await invoke({ Records: messages.map((message) => ({ ...structuredClone(message), ...origin })) });
    const report = (reportsFailures && (result as { batchItemFailures?: unknown } | null)?.batchItemFailures) || [];
    const failed = (report as { itemIdentifier?: unknown }[]).map(({ itemIdentifier }) => itemIdentifier);
    return failed.every((id) => all.has(id)) ? new Set(failed) : all;
  } catch {
    return all;
  }
}
