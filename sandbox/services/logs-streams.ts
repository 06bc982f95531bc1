import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as v from 'valibot';
import { strict } from '../parse.ts';
import { knownUntilMs, lastEventMs } from '../writers.ts';
import { existing } from './logs-lookup.ts';
import { readInput } from './read-input.ts';
import type { Call } from './service.ts';

const requestSchema = strict({
  logGroupName: v.string(),
  // With one stream there is nothing to order.
  orderBy: v.optional(v.picklist(['LogStreamName', 'LastEventTime'])),
  descending: v.optional(v.boolean()),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50))),
});

/**
 * A log group has one stream if it has a writer. Assumptions: the texts of errors; the times of a stream come as late as
 * metrics do, where AWS says "typically … in less than an hour"; an event is ingested at once.
 */
export function describeLogStreams(call: Call, input: unknown): Logs.DescribeLogStreamsResponse {
  const { logGroupName } = readInput(requestSchema, input, 'InvalidParameterException');
  const group = existing(call, logGroupName);
  const writer = call.state.writers.get(group);
  if (!writer) return { logStreams: [] };
  const last = lastEventMs(call.cloud, writer, knownUntilMs(call.cloud));
  const logStreamName = 'sandbox';
  const arn = `${group.logGroupArn}:log-stream:${logStreamName}`;
  const times = { creationTime: group.creationTime, lastEventTimestamp: last, lastIngestionTime: last };
  return { logStreams: [{ logStreamName, ...times, arn, storedBytes: 0 }] };
}
