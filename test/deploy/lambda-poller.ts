import { setTimeout as wait } from 'node:timers/promises';
import type { Deployment } from './deployment.ts';
import type { Message } from './queue.ts';

export interface PollerSettings {
  readonly batchSize: number;
  readonly windowMs: number;
  readonly concurrency: number;
}

/**
 * Polls the remediate queue as Lambda does: a batch collects messages until it is full or its window is over. This replaces
 * the emulator's own polling, which takes at most 10 messages and never waits for more.
 * @returns a function that stops it
 */
export async function pollAsLambdaDoes(stack: Deployment, settings: PollerSettings): Promise<() => Promise<void>> {
  const queue = stack.queue('RemediateQueue');
  await stack.setTriggerEnabled('RemediateFunctionQueue', false);
  let isStopped = false;
  const pollers = Array.from({ length: settings.concurrency }, async () => {
    while (!isStopped) {
      const batch = await fill();
      if (batch.length === 0) continue;
      const Records = batch.map(({ MessageId, Body }) => ({
        messageId: MessageId,
        body: Body,
        eventSource: 'aws:sqs',
      }));
      const answer = (await stack.invoke('RemediateFunction', { Records })) as {
        batchItemFailures: { itemIdentifier: string }[];
      };
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { MessageId, ReceiptHandle } of batch) if (!failed.has(MessageId)) await queue.delete(ReceiptHandle);
    }
  });

  async function fill(): Promise<Message[]> {
    const batch: Message[] = [];
    let firstAtMs = Number.POSITIVE_INFINITY;
    while (!isStopped && batch.length < settings.batchSize && performance.now() - firstAtMs < settings.windowMs) {
      const messages = await queue.receive(Math.min(10, settings.batchSize - batch.length));
      if (messages.length > 0) firstAtMs = Math.min(firstAtMs, performance.now());
      else await wait(50);
      batch.push(...messages);
    }
    return batch;
  }

  return async () => {
    isStopped = true;
    await Promise.all(pollers);
    await stack.setTriggerEnabled('RemediateFunctionQueue', true);
  };
}
