import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { MessageQueue } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { MESSAGES_PER_CALL } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const CALL = 'sqs:ChangeMessageVisibility';

/** A queue of Amazon SQS. A message whose visibility cannot be changed comes back after the queue's own timeout. */
export function createAwsMessageQueue(region: string, QueueUrl: string, options: AwsOptions = {}): MessageQueue {
  const client = new SQSClient(clientSettings(region, options));
  const calls = createCalls();
  return {
    async retry(retries) {
      const refused: string[] = [];
      for (let start = 0; start < retries.length; start += MESSAGES_PER_CALL) {
        const Entries = retries.slice(start, start + MESSAGES_PER_CALL).map(({ receiptHandle, delayS }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: delayS,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
        const { Failed = [] } = await calls.make(CALL, () => client.send(command));
        refused.push(...Failed.map(({ Code, Message }) => `${Code}: ${Message}`));
      }
      const [first] = refused;
      if (first !== undefined) throw new CloudError('INVALID_REQUEST', CALL, `${refused.length} refused: ${first}`);
    },
  };
}
