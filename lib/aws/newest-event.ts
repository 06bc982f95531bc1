import { type CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Metrics } from '../app/ports.ts';
import type { Calls } from './calls.ts';

/**
 * When the newest event of a log group was ingested, by the log stream that was written to last. The time of the event itself is
 * its writer's. AWS updates both later: "typically … in less than an hour" (CloudWatch Logs API, `LogStream`).
 */
export function createNewestEvent(client: CloudWatchLogsClient, calls: Calls): Metrics['newestEvent'] {
  return async ({ name }) => {
    const input = { logGroupName: name, orderBy: 'LastEventTime', descending: true, limit: 1 } as const;
    const { logStreams } = await calls.make('logs:DescribeLogStreams', () =>
      client.send(new DescribeLogStreamsCommand(input)),
    );
    const [newest] = logStreams ?? [];
    const ms = newest?.lastIngestionTime ?? newest?.lastEventTimestamp;
    return ms === undefined ? null : new Date(ms);
  };
}
