import type { GetMetricDataOutput, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { readPageToken, writePageToken } from '../page-token.ts';
import { strict } from '../parse.ts';
import { ServiceError } from '../service-error.ts';
import { queryCompatible } from '../wire.ts';
import { eventsBetween, knownUntilMs } from '../writers.ts';
import { readInput } from './read-input.ts';
import type { Call, Service } from './service.ts';

const MINUTE_MS = 60_000;
/** "Data points with a period of 60 seconds (1-minute) are available for 15 days." */
const KEPT_MS = 15 * 24 * 60 * MINUTE_MS;
const MAX_POINTS = 100_800;
/** What each metric counts for an event. Assumption: the bytes of an event. */
const PER_EVENT: Readonly<Record<string, number>> = { IncomingLogEvents: 1, IncomingBytes: 100 };

const metricStat = strict({
  Metric: strict({
    Namespace: v.string(),
    MetricName: v.string(),
    Dimensions: v.optional(v.array(strict({ Name: v.string(), Value: v.string() })), []),
  }),
  Period: v.literal(60, 'expected 60, the only period that the sandbox knows'),
  Stat: v.literal('Sum', 'expected Sum, the only statistic that the sandbox knows'),
});
const querySchema = strict({
  Id: v.pipe(v.string(), v.regex(/^[a-z]\w*$/, 'expected a lowercase letter, then letters, numbers or underscores')),
  MetricStat: metricStat,
  Label: v.optional(v.string()),
});
const queries = v.pipe(
  v.array(querySchema),
  v.minLength(1),
  v.maxLength(500),
  v.check((all) => new Set(all.map(({ Id }) => Id)).size === all.length, 'expected a different Id for each query'),
);
const requestSchema = v.pipe(
  strict({
    MetricDataQueries: queries,
    StartTime: v.number(), // in seconds
    EndTime: v.number(),
    ScanBy: v.optional(v.picklist(['TimestampAscending', 'TimestampDescending']), 'TimestampDescending'),
    MaxDatapoints: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_POINTS)), MAX_POINTS),
    NextToken: v.optional(v.string()),
  }),
  v.check(({ StartTime, EndTime }) => StartTime < EndTime, 'expected a StartTime before the EndTime'),
);
type Request = v.InferOutput<typeof requestSchema>;

/**
 * Assumptions: the texts of errors; the pages come query by query, and each page has a result for every query, which is
 * PartialData until its last data point has come; the label is the name of the metric.
 */
function getMetricData(call: Call, input: unknown): GetMetricDataOutput {
  const request = readInput(requestSchema, input, 'ValidationException');
  const { MetricDataQueries, StartTime, EndTime, ScanBy, MaxDatapoints, NextToken } = request;
  const scope = [call.account, call.region, StartTime, EndTime, ScanBy, MetricDataQueries.map(({ Id }) => Id).join()];
  const now = call.cloud.now();
  const next = NextToken === undefined ? `0 ${knownUntilMs(call.cloud)}` : readPageToken(scope, NextToken, now);
  if (next === undefined) throw new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
  const [skipped = 0, untilMs = 0] = next.split(' ').map(Number);
  let [skip, left, isWhole] = [skipped, MaxDatapoints, true];
  const MetricDataResults = MetricDataQueries.map(({ Id, Label, MetricStat: { Metric } }): MetricDataResult => {
    const points = dataPoints(call, Metric, request, untilMs);
    const page = points.slice(skip, skip + left);
    const isComplete = points.length <= skip + left;
    skip = Math.max(0, skip - points.length);
    left -= page.length;
    isWhole &&= isComplete;
    const [Timestamps, Values] = [page.map(({ at }) => at), page.map(({ value }) => value)];
    const StatusCode = isComplete ? 'Complete' : 'PartialData';
    return { Id, Label: Label ?? Metric.MetricName, Timestamps, Values, StatusCode };
  });
  if (isWhole) return { MetricDataResults, Messages: [] };
  const position = `${skipped + MaxDatapoints - left} ${untilMs}`;
  return { MetricDataResults, Messages: [], NextToken: writePageToken(scope, position, now) };
}

/** In the order that the request asks for. A minute without events has none. */
function dataPoints(
  { state, cloud }: Call,
  { Namespace, MetricName, Dimensions }: v.InferOutput<typeof metricStat>['Metric'],
  { StartTime, EndTime, ScanBy }: Request,
  untilMs: number,
): { at: Date; value: number }[] {
  const [dimension, ...others] = Dimensions;
  const isOfGroup = Namespace === 'AWS/Logs' && dimension?.Name === 'LogGroupName' && others.length === 0;
  const group = isOfGroup && state.logGroups.get(dimension.Value);
  const writer = group && state.writers.get(group);
  const perEvent = PER_EVENT[MetricName];
  if (!writer || perEvent === undefined) return [];
  const startMs = Math.max(StartTime * 1000, cloud.now().getTime() - KEPT_MS);
  const points = [];
  for (let ms = startMs - (startMs % MINUTE_MS); ms < EndTime * 1000; ms += MINUTE_MS) {
    const events = eventsBetween(cloud, writer, ms, Math.min(ms + MINUTE_MS, untilMs));
    if (events > 0) points.push({ at: new Date(ms), value: events * perEvent });
  }
  return ScanBy === 'TimestampAscending' ? points : points.reverse();
}

/** Amazon CloudWatch: the metrics of log groups. */
export const cloudwatch: Service = {
  name: 'cloudwatch',
  endpoint: 'GraniteServiceVersion20100801',
  wire: queryCompatible,
  operations: { GetMetricData: getMetricData },
  unavailable: 'InternalServiceFault',
  resourceArns: () => ['*'],
};
