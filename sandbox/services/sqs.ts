import type { Message, Queue } from '../queue.ts';
import { ServiceError } from '../service-error.ts';
import { json } from '../wire.ts';
import type { Call, Service } from './service.ts';

const MOST_ENTRIES = 10;

/** Every field that the sandbox reads. */
interface Input {
  readonly QueueName?: string;
  readonly QueueUrl?: string;
  readonly ReceiptHandle?: string;
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly Entries?: readonly {
    readonly Id: string;
    readonly ReceiptHandle?: string;
    readonly VisibilityTimeout?: number;
    readonly MessageBody?: string;
    readonly MessageGroupId?: string;
    readonly DelaySeconds?: number;
  }[];
  readonly AttributeNames?: readonly string[];
  readonly Attributes?: Readonly<Record<string, string>>;
}

/** Finds a queue by its name, the last part of its URL. */
function queueOf({ state }: Call, { QueueUrl, QueueName }: Input): Queue {
  const queue = state.queues.get(nameIn(QueueUrl ?? QueueName));
  if (queue) return queue;
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}

function nameIn(url = ''): string {
  return url.split('/').at(-1) ?? '';
}

function describe({ messageId, receiptHandle, body, md5OfBody, attributes, messageAttributes }: Message) {
  const identity = { MessageId: messageId, ReceiptHandle: receiptHandle, MD5OfBody: md5OfBody, Body: body };
  return { ...identity, Attributes: attributes, MessageAttributes: messageAttributes };
}

function attributesOf({ arn, visibilityTimeoutS, redrive, visible, messages }: Queue): [name: string, value: string][] {
  const policy = redrive && { deadLetterTargetArn: redrive.to.arn, maxReceiveCount: redrive.maxReceiveCount };
  return [
    ['QueueArn', arn],
    ['VisibilityTimeout', String(visibilityTimeoutS)],
    ['ApproximateNumberOfMessages', String(visible)],
    ['ApproximateNumberOfMessagesNotVisible', String(messages.length - visible)],
    ...(policy ? [['RedrivePolicy', JSON.stringify(policy)] as [string, string]] : []),
  ];
}

function invalid(parameter: string): ServiceError {
  return new ServiceError('InvalidParameterValue', `Value for parameter ${parameter} is invalid.`);
}

function tooManyEntries(): ServiceError {
  return new ServiceError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
}

/** Amazon Simple Queue Service, for the queues of the stack. */
export const sqs: Service = {
  name: 'sqs',
  endpoint: 'AmazonSQS',
  wire: { ...json, contentType: 'application/x-amz-json-1.0' },
  operations: {
    GetQueueUrl: (call, input: Input) => ({ QueueUrl: queueOf(call, input).url }),
    SendMessage(call, input: Input) {
      if (!input.MessageBody) throw new ServiceError('MissingParameter', 'The request must contain MessageBody.');
      const { messageId, md5OfBody } = queueOf(call, input).send(input.MessageBody, {}, input.DelaySeconds);
      return { MessageId: messageId, MD5OfMessageBody: md5OfBody };
    },
    SendMessageBatch(call, { Entries = [], ...input }: Input) {
      const queue = queueOf(call, input);
      if (Entries.length > MOST_ENTRIES) throw tooManyEntries();
      return {
        Successful: Entries.map(({ Id, MessageBody = '', DelaySeconds, MessageGroupId }) => {
          const { messageId, md5OfBody } = queue.send(MessageBody, {}, DelaySeconds, MessageGroupId);
          return { Id, MessageId: messageId, MD5OfMessageBody: md5OfBody };
        }),
        Failed: [],
      };
    },
    /** Never waits: `WaitTimeSeconds` is ignored. */
    ReceiveMessage(call, input: Input) {
      const { MaxNumberOfMessages: max = 1, VisibilityTimeout } = input;
      if (max < 1 || max > 10) throw invalid('MaxNumberOfMessages');
      const messages = queueOf(call, input).receive(max, VisibilityTimeout);
      return messages.length ? { Messages: messages.map(describe) } : {};
    },
    DeleteMessage: (call, input: Input) => queueOf(call, input).delete(input.ReceiptHandle ?? ''),
    ChangeMessageVisibility(call, input: Input) {
      if (queueOf(call, input).hide(input.ReceiptHandle ?? '', input.VisibilityTimeout ?? 0)) return;
      throw new ServiceError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    },
    ChangeMessageVisibilityBatch(call, { Entries = [], ...input }: Input) {
      const queue = queueOf(call, input);
      if (Entries.length > MOST_ENTRIES) throw tooManyEntries();
      const isHidden = Entries.map((entry) => queue.hide(entry.ReceiptHandle ?? '', entry.VisibilityTimeout ?? 0));
      return {
        Successful: Entries.filter((_, index) => isHidden[index]).map(({ Id }) => ({ Id })),
        Failed: Entries.filter((_, index) => !isHidden[index]).map(({ Id }) => ({
          ...{ Id, Code: 'ReceiptHandleIsInvalid', Message: 'The input receipt handle is invalid.', SenderFault: true },
        })),
      };
    },
    GetQueueAttributes(call, input: Input) {
      const { AttributeNames: names = [] } = input;
      const attributes = attributesOf(queueOf(call, input));
      return {
        Attributes: Object.fromEntries(attributes.filter(([name]) => names.includes('All') || names.includes(name))),
      };
    },
    /** The visibility timeout is the only attribute that can be set. */
    SetQueueAttributes(call, input: Input) {
      const { VisibilityTimeout = '', ...others } = input.Attributes ?? {};
      const [unknown] = Object.keys(others);
      if (unknown) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      if (!/^\d{1,5}$/.test(VisibilityTimeout)) throw invalid('VisibilityTimeout');
      queueOf(call, input).visibilityTimeoutS = Number(VisibilityTimeout);
    },
  },
  actions: { ChangeMessageVisibilityBatch: 'ChangeMessageVisibility', SendMessageBatch: 'SendMessage' },
  unavailable: 'ServiceUnavailable',
  resourceArns: ({ partition, region, account }, { QueueUrl, QueueName }) => [
    `arn:${partition}:sqs:${region}:${account}:${nameIn(String(QueueUrl ?? QueueName))}`,
  ],
};
