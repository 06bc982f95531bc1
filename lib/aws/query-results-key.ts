import { setTimeout } from 'node:timers/promises';
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Wait } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { QUERY_FIRST_WAIT_MS, QUERY_GIVE_UP_AFTER_MS, QUERY_LONGEST_WAIT_MS } from '../pacing.ts';
import type { Calls } from './calls.ts';

const START = 'logs:StartQuery';
const RESULTS = 'logs:GetQueryResults';

/** Log groups to run a query over. */
export interface QueryableGroups {
  /** One from an earlier response; it may have been deleted since. */
  known(): string | undefined;
  /** Lists log groups until one is suitable. @throws CloudError */
  find(): Promise<string | undefined>;
}

/** Queries run on this log group alone, since the caller has no right to query another. */
export function onlyGroup(name: string, region: string): QueryableGroups {
  return {
    known: () => name,
    find: async () => {
      throw new CloudError('NOT_FOUND', START, `${name} does not exist in ${region}`, {
        fix: `create it there: aws logs create-log-group --log-group-name ${name} --region ${region}`,
      });
    },
  };
}

/**
 * Reads which key the query results are encrypted with. The only call that returns it is GetQueryResults, after a query:
 * this one runs over one second of one log group, in the default language, Logs Insights QL.
 * @param giveUpAfterMs how long the query may take
 * @returns a function that resolves to the key's ARN, null if no key is attached, or the reason why it could not be read
 */
export function createQueryResultsKey(
  client: CloudWatchLogsClient,
  calls: Calls,
  groups: QueryableGroups,
  {
    giveUpAfterMs = QUERY_GIVE_UP_AFTER_MS,
    wait = setTimeout,
  }: { giveUpAfterMs?: number; wait?: Wait | undefined } = {},
): () => Promise<string | null | CloudError> {
  const startOn = async (logGroupName: string | undefined): Promise<string> => {
    if (!logGroupName)
      throw new CloudError('INVALID_REQUEST', START, 'there is no log group of a class that can be queried');
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
    throw new CloudError('UNAVAILABLE', START, 'CloudWatch Logs returned no query id');
  };

  /** If the known log group does not exist, looks for another one, once. */
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
        throw new CloudError('UNAVAILABLE', RESULTS, `the query is still ${status} after ${giveUpAfterMs / 1000} s`);
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
