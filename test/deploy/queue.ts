import { type Endpoint, signedCall } from './signed-call.ts';

export interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
}

/** An SQS queue, by its URL. */
export function queueAt(endpoint: Endpoint, QueueUrl: string) {
  const call = (operation: string, input: object) => callSqs(endpoint, operation, { QueueUrl, ...input });
  return {
    url: QueueUrl,
    /** @param body sent as JSON unless it is a string */
    send: (body: unknown) =>
      call('SendMessage', { MessageBody: typeof body === 'string' ? body : JSON.stringify(body) }),
    async receive(MaxNumberOfMessages = 10): Promise<readonly Message[]> {
      const { Messages = [] } = await call('ReceiveMessage', { MaxNumberOfMessages });
      return Messages as readonly Message[];
    },
    delete: (ReceiptHandle: string) => call('DeleteMessage', { ReceiptHandle }),
    setAttributes: (Attributes: Readonly<Record<string, string>>) => call('SetQueueAttributes', { Attributes }),
    async attributes(): Promise<Readonly<Record<string, string>>> {
      const { Attributes = {} } = await call('GetQueueAttributes', { AttributeNames: ['All'] });
      return Attributes as Readonly<Record<string, string>>;
    },
  };
}

export type Queue = ReturnType<typeof queueAt>;

/** Creates a queue. */
export async function createQueue(endpoint: Endpoint, QueueName: string): Promise<Queue> {
  const { QueueUrl } = await callSqs(endpoint, 'CreateQueue', { QueueName });
  return queueAt(endpoint, String(QueueUrl));
}

async function callSqs(endpoint: Endpoint, operation: string, input: object): Promise<Record<string, unknown>> {
  const body = JSON.stringify(input);
  const text = await (await signedCall(endpoint, { service: 'sqs', target: `AmazonSQS.${operation}`, body })).text();
  return text ? JSON.parse(text) : {};
}
