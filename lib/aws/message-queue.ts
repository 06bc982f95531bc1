import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { MessageQueue, Retry } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { MESSAGES_PER_CALL, QUEUE_ATTEMPTS, QUEUE_REQUEST_TIMEOUT_MS } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const CALL = 'sqs:ChangeMessageVisibility';

/**
 * A queue of Amazon SQS. A message whose visibility cannot be changed comes back after the queue's own timeout. Gives up soon, since
 * a function asks for it when its time is nearly up.
 */
export function createAwsMessageQueue(region: string, QueueUrl: string, options: AwsOptions = {}): MessageQueue {
  const settings = clientSettings(region, { maxAttempts: QUEUE_ATTEMPTS, ...options });
  const requestHandler = { ...settings.requestHandler, requestTimeout: QUEUE_REQUEST_TIMEOUT_MS };
  const client = new SQSClient({ ...settings, requestHandler });
  const calls = createCalls();
  /** @returns what was refused, in the words of SQS */
  const change = async (retries: readonly Retry[]): Promise<string[]> => {
    const Entries = retries.map(({ receiptHandle, delayS }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: delayS,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
    const { Failed = [] } = await calls.make(CALL, () => client.send(command));
    return Failed.map(({ Code, Message }) => `${Code}: ${Message}`);
  };
  return {
    async retry(retries) {
      const chunks = Array.from({ length: Math.ceil(retries.length / MESSAGES_PER_CALL) }, (_, index) =>
        retries.slice(index * MESSAGES_PER_CALL, (index + 1) * MESSAGES_PER_CALL),
      );
      const refused = (await Promise.all(chunks.map(change))).flat();
      const [first] = refused;
      if (first !== undefined) throw new CloudError('INVALID_REQUEST', CALL, `${refused.length} refused: ${first}`);
    },
  };
}
