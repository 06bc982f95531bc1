import { setTimeout as wait } from 'node:timers/promises';
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CloudError } from '../errors.ts';
import { QUERY_FIRST_WAIT_MS, QUERY_GIVE_UP_AFTER_MS, QUERY_LONGEST_WAIT_MS } from '../pacing.ts';
import type { Calls } from './calls.ts';

const START = 'logs:StartQuery';
const RESULTS = 'logs:GetQueryResults';

/** Log groups to run a query over. */
export interface QueryableGroups {
  /** One that was seen before; it may be gone since. */
  known(): string | undefined;
  /** Looks for one. @throws CloudError */
  find(): Promise<string | undefined>;
}

/**
 * Reads which key query results are encrypted with. No call tells it but GetQueryResults, of a query that ran: one is
 * run over a second of one log group, in the language that is the default, Logs Insights QL.
 * @returns a read: the key's ARN, null when none is attached, or why it could not be read
 */
export function createQueryResultsKey(
  client: CloudWatchLogsClient,
  calls: Calls,
  groups: QueryableGroups,
  giveUpAfterMs = QUERY_GIVE_UP_AFTER_MS,
): () => Promise<string | null | CloudError> {
  const startOn = async (logGroupName: string | undefined): Promise<string> => {
    if (!logGroupName)
      throw new CloudError('INVALID_REQUEST', START, 'there is no log group of a class that queries run over');
    const endTime = Math.floor(Date.now() / 1000);
    const range = { startTime: endTime - 1, endTime };
    const command = new StartQueryCommand({
      logGroupName,
      ...range,
      queryString: 'fields @timestamp | limit 1',
      limit: 1,
    });
    const { queryId } = await calls.make(START, () => client.send(command));
    if (queryId) return queryId;
    throw new CloudError('UNAVAILABLE', START, 'CloudWatch Logs answered no id of the query');
  };

  /** A log group that is gone since it was seen costs one more try. */
  const start = async (): Promise<string> => {
    const known = groups.known();
    if (!known) return startOn(await groups.find());
    try {
      return await startOn(known);
    } catch (error) {
      if (error instanceof CloudError && error.code === 'NOT_FOUND') return startOn(await groups.find());
      throw error;
    }
  };

  const finish = async (queryId: string): Promise<GetQueryResultsCommandOutput> => {
    const deadline = Date.now() + giveUpAfterMs;
    for (let waitMs = QUERY_FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, QUERY_LONGEST_WAIT_MS)) {
      const answer = await calls.make(RESULTS, () => client.send(new GetQueryResultsCommand({ queryId })));
      const status = answer.status ?? 'Unknown';
      if (status === 'Complete') return answer;
      if (status !== 'Scheduled' && status !== 'Running') {
        throw new CloudError('UNAVAILABLE', RESULTS, `the query ended as ${status}`);
      }
      if (Date.now() + waitMs > deadline) {
        throw new CloudError(
          'UNAVAILABLE',
          RESULTS,
          `the query is ${status} after ${giveUpAfterMs / 1000} s: given up`,
        );
      }
      await wait(waitMs);
    }
  };

  return async () => {
    try {
      const { encryptionKey } = await finish(await start());
      return encryptionKey || null;
    } catch (error) {
      if (error instanceof CloudError) return error;
      throw error;
    }
  };
}
