import { DescribeLogStreamsCommand, type DescribeLogStreamsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { aSandbox, refusal } from './support.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12);

async function aCloud() {
  const groups = { '/a': { key: null, writer: { perMinute: 60 } }, '/b': null };
  const { logs } = await aSandbox({ world: { groups }, now: () => new Date(NOW_MS) });
  const ask = (more: DescribeLogStreamsCommandInput) =>
    logs.send(new DescribeLogStreamsCommand({ orderBy: 'LastEventTime', descending: true, limit: 1, ...more }));
  return { ask };
}

describe('DescribeLogStreams', () => {
  it('lists one stream for a writer, and none without', async () => {
    const { ask } = await aCloud();
    expect((await ask({ logGroupName: '/a' })).logStreams).toEqual([
      {
        logStreamName: 'sandbox',
        arn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/a:log-stream:sandbox',
        creationTime: NOW_MS,
        lastEventTimestamp: NOW_MS - 1000,
        lastIngestionTime: NOW_MS - 1000,
        storedBytes: 0,
      },
    ]);
    expect((await ask({ logGroupName: '/b' })).logStreams).toEqual([]);
  });

  it.each<[input: DescribeLogStreamsCommandInput, expected: string]>([
    [{ logGroupName: '/none' }, 'ResourceNotFoundException: The specified log group does not exist.'],
    [{ logGroupName: '/a', limit: 51 }, 'InvalidParameterException: The request is not valid. limit: '],
    [
      { logGroupName: '/a', logStreamNamePrefix: 's' },
      'InvalidParameterException: The request is not valid. logStreamNamePrefix: unknown field',
    ],
  ])('refuses %j', async (input, expected) => {
    const { ask } = await aCloud();
    expect(await refusal(ask(input))).toContain(expected);
  });
});
