import { type CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Metrics } from '../app/ports.ts';
import type { Calls } from './calls.ts';

/**
 * When CloudWatch Logs ingested the newest event of the log stream that has the latest event: by its own clock. The time of an
 * event is its writer's, which orders the streams and tells nothing else here. AWS updates both later: "typically … in less than an
 * hour" (CloudWatch Logs API, `LogStream`).
 */
export function createNewestEvent(client: CloudWatchLogsClient, calls: Calls): Metrics['newestEvent'] {
  return async ({ name }) => {
    const input = { logGroupName: name, orderBy: 'LastEventTime', descending: true, limit: 1 } as const;
    const { logStreams } = await calls.make('logs:DescribeLogStreams', () =>
      client.send(new DescribeLogStreamsCommand(input)),
    );
    const ms = logStreams?.[0]?.lastIngestionTime;
    return ms === undefined ? null : new Date(ms);
  };
}
