import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** The least that listing can cost: the SDK fetches page after page, keeps nothing and evaluates nothing. */
const client = new CloudWatchLogsClient({ retryMode: 'adaptive', maxAttempts: 10 });
let nextToken: string | undefined;
let groups = 0;
do {
  const page = await client.send(new DescribeLogGroupsCommand({ limit: 50, ...(nextToken && { nextToken }) }));
  groups += page.logGroups?.length ?? 0;
  nextToken = page.nextToken;
} while (nextToken);
process.stdout.write(`${groups}\n`);
