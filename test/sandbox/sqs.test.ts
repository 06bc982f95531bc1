import { describe, expect, it } from 'vitest';
import { aSandbox, FIXTURE } from './support.ts';

const authorization = 'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/sqs/aws4_request, Signature=x';

/** Requests are made by hand, since the SDK's client for SQS is not a dependency. */
async function theQueues(timeScale = 0.01) {
  const { sandbox } = await aSandbox({ stack: { template: FIXTURE, run: false, timeScale } });
  async function call(operation: string, input: object) {
    const headers = { authorization, 'x-amz-target': `AmazonSQS.${operation}` };
    const response = await fetch(sandbox.url, { method: 'POST', headers, body: JSON.stringify(input) });
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    const text = await response.text();
    return text ? JSON.parse(text) : {};
  }
  const { QueueUrl } = await call('GetQueueUrl', { QueueName: 'logseal-WorkQueue' });
  return {
    sandbox,
    call: (operation: string, input: object = {}) => call(operation, { QueueUrl, ...input }),
    QueueUrl,
  };
}

describe('a queue', () => {
  it('hides received messages and removes deleted ones', async () => {
    const { call, QueueUrl, sandbox } = await theQueues();
    expect(QueueUrl).toBe(`${sandbox.url}/111122223333/logseal-WorkQueue`);
    const sent = await call('SendMessage', { MessageBody: 'hello' });
    const { Messages } = await call('ReceiveMessage', { WaitTimeSeconds: 20 });
    expect(Messages).toMatchObject([
      {
        MessageId: sent.MessageId,
        MD5OfBody: sent.MD5OfMessageBody,
        Body: 'hello',
        Attributes: { ApproximateReceiveCount: '1' },
      },
    ]);
    expect(await call('ReceiveMessage')).toEqual({});
    expect((await call('GetQueueAttributes', { AttributeNames: ['All'] })).Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
      VisibilityTimeout: '60',
    });
    await call('DeleteMessage', { ReceiptHandle: Messages[0].ReceiptHandle });
    const counts = await call('GetQueueAttributes', { AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] });
    expect(counts).toEqual({ Attributes: { ApproximateNumberOfMessagesNotVisible: '0' } });
  });

  it('returns a message again after its visibility timeout, then moves it to the dead-letter queue', async () => {
    const { call, sandbox } = await theQueues();
    await call('SetQueueAttributes', { Attributes: { VisibilityTimeout: '0' } });
    await call('SendMessage', { MessageBody: 'poison' });
    const counts = [];
    for (let n = 0; n < 4; n++) {
      const { Messages: [message] = [] } = await call('ReceiveMessage');
      counts.push(message?.Attributes.ApproximateReceiveCount);
    }
    expect(counts).toEqual(['1', '2', '3', undefined]);
    expect(sandbox.stack?.deadLetters('WorkDeadLetters')).toEqual(['poison']);
  });

  it('changes the visibility timeout of a message, and delays one', async () => {
    const { call } = await theQueues();
    await call('SendMessage', { MessageBody: 'a' });
    await call('SendMessage', { MessageBody: 'later', DelaySeconds: 900 });
    const { Messages } = await call('ReceiveMessage', { MaxNumberOfMessages: 10 });
    expect(Messages).toHaveLength(1);
    await call('ChangeMessageVisibility', { ReceiptHandle: Messages[0].ReceiptHandle, VisibilityTimeout: 0 });
    expect((await call('ReceiveMessage')).Messages).toHaveLength(1);
    expect(await call('ChangeMessageVisibility', { ReceiptHandle: Messages[0].ReceiptHandle })).toMatchObject({
      __type: 'ReceiptHandleIsInvalid',
    });
  });

  it('refuses what SQS refuses', async () => {
    const { call } = await theQueues();
    const refused = async (operation: string, input: object) => (await call(operation, input)).__type;
    expect(await refused('SendMessage', {})).toBe('MissingParameter');
    expect(await refused('ReceiveMessage', { MaxNumberOfMessages: 11 })).toBe('InvalidParameterValue');
    expect(await refused('ReceiveMessage', { QueueUrl: 'http://x/1/none' })).toBe('QueueDoesNotExist');
    expect(await refused('SetQueueAttributes', { Attributes: { Colour: 'red' } })).toBe('InvalidAttributeName');
    expect(await refused('SetQueueAttributes', { Attributes: {} })).toBe('InvalidParameterValue');
  });
});
