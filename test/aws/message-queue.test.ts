import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import { CloudError } from '../../lib/errors.ts';
import { TIME_TO_RETURN_MS } from '../../lib/pacing.ts';
import { awsMessageQueue } from '../../lib/runtime.ts';
import { aSandbox, clientConfig, FIXTURE, REGION } from '../sandbox/support.ts';

/** A queue from which every message was received, so that all of them are hidden for an hour of AWS. */
async function anEmptiedQueue(count: number) {
  const { sandbox } = await aSandbox({ stack: { template: FIXTURE, run: false, timeScale: 0.001 } });
  const { endpoint, credentials } = clientConfig(sandbox);
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  const sqs = new SQSClient(clientConfig(sandbox));
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'logseal-WorkQueue' }));
  const receive = async () => {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 3_600 });
    const { Messages = [] } = await sqs.send(command);
    return Messages.map(({ ReceiptHandle = '' }) => ReceiptHandle);
  };
  for (let n = 0; n < count; n++) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `message ${n}` }));
  }
  const handles = [...(await receive()), ...(await receive())];
  expect(handles).toHaveLength(count);
  return { handles, receive, sandbox, queue: await awsMessageQueue({ homeRegion: REGION, queueUrl: QueueUrl }) };
}

test('messages come back when they are asked for, ten a call', async () => {
  const { handles, receive, sandbox, queue } = await anEmptiedQueue(12);

  await queue.retry(handles.map((receiptHandle) => ({ receiptHandle, delayS: 0 })));

  expect([...(await receive()), ...(await receive())]).toHaveLength(12);
  expect(sandbox.calls()['sqs:ChangeMessageVisibility']).toBe(2);
});

test('messages are sent to it ten a call, and come when they are due', async () => {
  const { receive, sandbox, queue } = await anEmptiedQueue(0);
  const message = (delayS: number) => ({ body: 'again', group: '111122223333', delayS });

  await queue.send([...Array.from({ length: 12 }, () => message(0)), message(900)]);

  expect([...(await receive()), ...(await receive())]).toHaveLength(12);
  expect(sandbox.calls()['sqs:SendMessage']).toBe(2);
});

test('a message that was received again keeps its time, which is said, and the others come back', async () => {
  const { handles, receive, queue } = await anEmptiedQueue(2);
  const [first = ''] = handles;

  const retried = queue.retry([
    { receiptHandle: `${first}-old`, delayS: 0 },
    { receiptHandle: first, delayS: 0 },
  ]);

  await expect(retried).rejects.toThrow(CloudError);
  await expect(retried).rejects.toThrow('1 refused: ReceiptHandleIsInvalid');
  expect(await receive()).toHaveLength(1);
});

test('a queue that does not answer is given up before the function is over', async () => {
  const { handles, sandbox, queue } = await anEmptiedQueue(12);
  const slow = { call: 'sqs:ChangeMessageVisibility', kind: 'latency', latencyMs: 60_000 } as const;
  sandbox.setFaults([{ ...slow, times: 12 }]);
  const beganMs = performance.now();

  await expect(queue.retry(handles.map((receiptHandle) => ({ receiptHandle, delayS: 0 })))).rejects.toThrow(CloudError);

  expect(performance.now() - beganMs).toBeLessThan(TIME_TO_RETURN_MS);
}, 20_000);
