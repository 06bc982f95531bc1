import type { Message, Queue } from '../queue.ts';
import { ServiceError } from '../service-error.ts';
import { json } from '../wire.ts';
import type { Call, Service } from './service.ts';

// The SDK's client for SQS is no dependency, so the requests are written out as far as they are read.
interface OfQueue {
  readonly QueueUrl?: string;
}
interface OfMessage extends OfQueue {
  readonly ReceiptHandle?: string;
}

function sendMessage(call: Call, input: OfQueue & { MessageBody?: string; DelaySeconds?: number }) {
  if (!input.MessageBody) throw new ServiceError('MissingParameter', 'The request must contain MessageBody.');
  const { messageId, md5OfBody } = queueOf(call, input).send(input.MessageBody, {}, input.DelaySeconds);
  return { MessageId: messageId, MD5OfMessageBody: md5OfBody };
}

/** Never waits: `WaitTimeSeconds` is read as 0. */
function receiveMessage(call: Call, input: OfQueue & { MaxNumberOfMessages?: number; VisibilityTimeout?: number }) {
  const { MaxNumberOfMessages: max = 1, VisibilityTimeout } = input;
  if (max < 1 || max > 10) throw invalid(`Value ${max} for parameter MaxNumberOfMessages is invalid.`);
  const messages = queueOf(call, input).receive(max, VisibilityTimeout);
  return messages.length ? { Messages: messages.map(described) } : {};
}

function described({ messageId, receiptHandle, body, md5OfBody, attributes, messageAttributes }: Message) {
  const identity = { MessageId: messageId, ReceiptHandle: receiptHandle, MD5OfBody: md5OfBody, Body: body };
  return { ...identity, Attributes: attributes, MessageAttributes: messageAttributes };
}

/** "If the message is already deleted or the handle is old, the request succeeds." */
function deleteMessage(call: Call, input: OfMessage): void {
  queueOf(call, input).delete(input.ReceiptHandle ?? '');
}

function changeMessageVisibility(call: Call, input: OfMessage & { VisibilityTimeout?: number }): void {
  if (queueOf(call, input).hide(input.ReceiptHandle ?? '', input.VisibilityTimeout ?? 0)) return;
  throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
}

function getQueueAttributes(call: Call, input: OfQueue & { AttributeNames?: string[] }) {
  const { arn, visibilityTimeoutS, redrive, visible, messages } = queueOf(call, input);
  const attributes: Record<string, string> = {
    QueueArn: arn,
    VisibilityTimeout: String(visibilityTimeoutS),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(messages.length - visible),
  };
  if (redrive) {
    const policy = { deadLetterTargetArn: redrive.to.arn, maxReceiveCount: redrive.maxReceiveCount };
    attributes['RedrivePolicy'] = JSON.stringify(policy);
  }
  const { AttributeNames = [] } = input;
  const wanted = Object.entries(attributes).filter(
    ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
  );
  return { Attributes: Object.fromEntries(wanted) };
}

function setQueueAttributes(call: Call, input: OfQueue & { Attributes?: Record<string, string> }): void {
  const { VisibilityTimeout, ...others } = input.Attributes ?? {};
  const [stranger] = Object.keys(others);
  if (stranger) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${stranger}.`);
  if (!/^\d{1,5}$/.test(VisibilityTimeout ?? '')) throw invalid('Value for parameter VisibilityTimeout is invalid.');
  queueOf(call, input).visibilityTimeoutS = Number(VisibilityTimeout);
}

function getQueueUrl(call: Call, { QueueName }: { QueueName?: string }) {
  return { QueueUrl: queueOf(call, { QueueUrl: QueueName ?? '' }).url };
}

/** By its name, the last part of its URL. */
function queueOf({ state }: Call, { QueueUrl = '' }: OfQueue): Queue {
  const queue = state.queues.get(nameIn(QueueUrl));
  if (queue) return queue;
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}

function nameIn(url: string): string {
  return url.split('/').at(-1) ?? '';
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

/** Amazon Simple Queue Service, for the queues of the stack. */
export const sqs: Service = {
  name: 'sqs',
  endpoint: 'AmazonSQS',
  wire: { ...json, contentType: 'application/x-amz-json-1.0' },
  operations: {
    SendMessage: sendMessage,
    ReceiveMessage: receiveMessage,
    DeleteMessage: deleteMessage,
    ChangeMessageVisibility: changeMessageVisibility,
    GetQueueAttributes: getQueueAttributes,
    SetQueueAttributes: setQueueAttributes,
    GetQueueUrl: getQueueUrl,
  },
  unavailable: 'ServiceUnavailable',
  resourceArns: ({ partition, region, account }, { QueueUrl, QueueName }) => [
    `arn:${partition}:sqs:${region}:${account}:${nameIn(String(QueueUrl ?? QueueName))}`,
  ],
};
