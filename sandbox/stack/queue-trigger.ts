import type { Message, Queue } from '../queue.ts';

/** A queue that invokes a function, with the settings of Lambda's event source mapping. */
export interface QueueTrigger {
  readonly queue: Queue;
  readonly region: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly maxConcurrency: number;
  /** Whether the function reports which messages of a batch failed (ReportBatchItemFailures). */
  readonly reportsFailures: boolean;
  /** Whether a message that was just received stays visible, and so comes twice. */
  isDuplicated(message: Message): boolean;
  invoke(event: unknown): Promise<unknown>;
}

/** Takes batches from the queue until it is stopped. @returns a function that stops it */
export function startTrigger(trigger: QueueTrigger): () => void {
  const { queue, batchSize, windowMs, maxConcurrency } = trigger;
  const { clock } = queue;
  let isStopped = false;
  let running = 0;
  let waitingSinceMs: number | undefined;

  function pump(): void {
    // What was waited for may be gone, since a message that came twice was deleted.
    if (queue.visible === 0) waitingSinceMs = undefined;
    for (let visible = queue.visible; visible > 0 && running < maxConcurrency && !isStopped; visible = queue.visible) {
      waitingSinceMs ??= clock.nowMs();
      if (visible < batchSize && clock.nowMs() < waitingSinceMs + windowMs) return;
      waitingSinceMs = undefined;
      // Functions run in real time and not in scaled time, so a batch stays hidden until its invocation ends.
      const messages = queue.receive(batchSize, Number.POSITIVE_INFINITY);
      for (const message of messages) if (trigger.isDuplicated(message)) queue.show(message.receiptHandle);
      if (messages.length) void handle(messages);
    }
  }

  async function handle(messages: Message[]): Promise<void> {
    running++;
    // Each time that a message is received, it gets another handle.
    const received = messages.map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle }));
    const failed = await failedOf(trigger, messages);
    for (const { messageId, receiptHandle } of received) {
      if (failed.has(messageId)) queue.giveBack(receiptHandle);
      else queue.delete(receiptHandle);
    }
    running--;
    pump();
  }

  const unwatch = clock.watch({
    wake: pump,
    dueMs() {
      if (running >= maxConcurrency || isStopped) return undefined;
      return waitingSinceMs === undefined ? queue.nextMs : waitingSinceMs + windowMs;
    },
  });
  return () => {
    isStopped = true;
    unwatch();
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
