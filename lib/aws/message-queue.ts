import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { MessageQueue, QueueMessage, Retry } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { MESSAGES_PER_CALL, QUEUE_ATTEMPTS, QUEUE_REQUEST_TIMEOUT_MS } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const CHANGE = 'sqs:ChangeMessageVisibility';
const SEND = 'sqs:SendMessage';

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
    const { Failed = [] } = await calls.make(CHANGE, () => client.send(command));
    return Failed.map(({ Code, Message }) => `${Code}: ${Message}`);
  };
  /** @returns what was refused */
  const send = async (messages: readonly QueueMessage[]): Promise<string[]> => {
    const Entries = messages.map(({ body, group, delayS }, index) => ({
      Id: String(index),
      MessageBody: body,
      MessageGroupId: group,
      DelaySeconds: delayS,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl, Entries });
    const { Failed = [] } = await calls.make(SEND, () => client.send(command));
    return Failed.map(({ Code, Message }) => `${Code}: ${Message}`);
  };
  return {
    retry: (retries) => inChunks(retries, CHANGE, change),
    send: (messages) => inChunks(messages, SEND, send),
  };
}

async function inChunks<T>(
  items: readonly T[],
  call: string,
  make: (some: readonly T[]) => Promise<string[]>,
): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(items.length / MESSAGES_PER_CALL) }, (_, index) =>
    items.slice(index * MESSAGES_PER_CALL, (index + 1) * MESSAGES_PER_CALL),
  );
  const refused = (await Promise.all(chunks.map(make))).flat();
  const [first] = refused;
  if (first !== undefined) throw new CloudError('INVALID_REQUEST', call, `${refused.length} refused: ${first}`);
}
