import type { CloudWatchClient, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Metrics } from '../app/ports.ts';
import type { LogStore } from '../domain/log-store.ts';
import { CloudError } from '../errors.ts';
import { METRICS_PER_CALL } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

const CALL = 'cloudwatch:GetMetricData';

/** The metric `IncomingLogEvents` of the log groups of one Region. Loads its SDK client only when called. */
export function createIncomingEvents(region: string, options: AwsOptions, calls: Calls): Metrics['incomingEvents'] {
  let loaded: Promise<{ client: CloudWatchClient; GetMetricDataCommand: CloudWatch['GetMetricDataCommand'] }>;
  const load = async () => {
    const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
    return { client: new CloudWatchClient(clientSettings(region, options)), GetMetricDataCommand };
  };
  return async function* (stores, { fromMs, toMs }) {
    loaded ??= load();
    const { client, GetMetricDataCommand } = await loaded;
    // Query results have no metric.
    const groups = stores.filter(({ type }) => type === 'log-group');
    for (let start = 0; start < groups.length; start += METRICS_PER_CALL) {
      const some = groups.slice(start, start + METRICS_PER_CALL);
      const times = { StartTime: new Date(fromMs), EndTime: new Date(toMs) };
      const input = { MetricDataQueries: some.map(queryOf), ...times };
      const pages = pagesOf(
        undefined,
        async (NextToken) => {
          const command = new GetMetricDataCommand(NextToken ? { ...input, NextToken } : input);
          const answer = await calls.make(CALL, () => client.send(command));
          if (!Array.isArray(answer.MetricDataResults)) throw noData('it returned no results');
          return { items: answer.MetricDataResults, nextToken: answer.NextToken };
        },
        () => noData('it returned a token for the second time, so the result never ends'),
      );
      const found = some.map((store) => ({ store, events: new Map<number, number>() }));
      for await (const { items } of pages) {
        for (const result of items) addTo(found[Number(result.Id?.slice(1))]?.events, result);
      }
      yield* found;
    }
  };
}

type CloudWatch = typeof import('@aws-sdk/client-cloudwatch');

function queryOf({ name }: LogStore, index: number): MetricDataQuery {
  const Dimensions = [{ Name: 'LogGroupName', Value: name }];
  const Metric = { Namespace: 'AWS/Logs', MetricName: 'IncomingLogEvents', Dimensions };
  return { Id: `m${index}`, MetricStat: { Metric, Period: 60, Stat: 'Sum' } };
}

/** @throws CloudError where CloudWatch says that a result is not the metric's */
function addTo(
  events: Map<number, number> | undefined,
  { Id, Timestamps = [], Values = [], StatusCode, Messages = [] }: MetricDataResult,
): void {
  if (!events || Timestamps.length !== Values.length) throw noData(`its result ${Id} does not fit the request`);
  if (StatusCode === 'InternalError' || StatusCode === 'Forbidden') {
    const words = Messages.map(({ Value }) => Value).filter(Boolean);
    const why = [StatusCode, ...words].join(': ');
    if (StatusCode === 'Forbidden') throw new CloudError('ACCESS_DENIED', CALL, why);
    throw noData(why);
  }
  for (const [index, at] of Timestamps.entries()) events.set(at.getTime(), Values[index] ?? 0);
}

function noData(problem: string): CloudError {
  return new CloudError('UNAVAILABLE', CALL, `CloudWatch has no data: ${problem}`);
}
