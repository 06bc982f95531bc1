import { describe, expect, it } from 'vitest';
import type { StoreEvents } from '../../lib/app/ports.ts';
import type { LogStore } from '../../lib/domain/log-store.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { aLogGroup, TARGET } from '../support/builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

const FROM_MS = Date.UTC(2026, 0, 1, 11);
const PERIOD = { fromMs: FROM_MS, toMs: FROM_MS + 3_600_000 };
const seconds = (minute: number) => FROM_MS / 1000 + minute * 60;
const results = (...MetricDataResults: object[]) => ({ MetricDataResults });

async function eventsOf(stores: readonly LogStore[]): Promise<StoreEvents[]> {
  const found: StoreEvents[] = [];
  for await (const each of aCloud().metrics?.incomingEvents(stores, PERIOD) ?? []) found.push(each);
  return found;
}

describe('the events that came to log groups', () => {
  it('are the sums of IncomingLogEvents by the minute', async () => {
    const { requests } = await serve(() =>
      results(
        { Id: 'm1', Timestamps: [seconds(2), seconds(0)], Values: [7, 60], StatusCode: 'Complete' },
        { Id: 'm0', Timestamps: [], Values: [], StatusCode: 'Complete' },
      ),
    );

    const found = await eventsOf([aLogGroup('/a'), aLogGroup('/b')]);

    expect(found).toEqual([
      { store: aLogGroup('/a'), events: new Map() },
      {
        store: aLogGroup('/b'),
        events: new Map([
          [FROM_MS + 120_000, 7],
          [FROM_MS, 60],
        ]),
      },
    ]);
    const [request, ...others] = requests;
    expect(others).toEqual([]);
    expect(request?.operation).toBe('GetMetricData');
    expect(request?.input).toMatchObject({ StartTime: seconds(0), EndTime: seconds(60) });
    expect(request?.input.MetricDataQueries[1]).toEqual({
      Id: 'm1',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Logs',
          MetricName: 'IncomingLogEvents',
          Dimensions: [{ Name: 'LogGroupName', Value: '/b' }],
        },
        Period: 60,
        Stat: 'Sum',
      },
    });
  });

  it('are read 500 log groups a call', async () => {
    const { requests } = await serve(() => results());
    const groups = Array.from({ length: 1001 }, (_, index) => aLogGroup(`/many/${index}`));

    expect((await eventsOf(groups)).map(({ store }) => store)).toEqual(groups);
    expect(requests.map(({ input }) => input.MetricDataQueries.length)).toEqual([500, 500, 1]);
  });

  it('come in pages', async () => {
    const { requests } = await serve(({ input }) => {
      const isFirst = input.NextToken === undefined;
      const part = { Id: 'm0', Timestamps: [seconds(isFirst ? 0 : 1)], Values: [5], StatusCode: 'PartialData' };
      return { ...results(part), ...(isFirst && { NextToken: 'next' }) };
    });

    const [found] = await eventsOf([aLogGroup('/a')]);

    expect([...(found?.events.keys() ?? [])]).toEqual([FROM_MS, FROM_MS + 60_000]);
    expect(requests).toHaveLength(2);
  });

  it('are unknown of query results, which have no metric', async () => {
    const { requests } = await serve(() => results());

    expect(await eventsOf([logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME)])).toEqual([]);
    expect(requests).toEqual([]);
  });

  it.each([
    [
      'CloudWatch forbids one',
      results({ Id: 'm0', StatusCode: 'Forbidden', Messages: [{ Code: 'Forbidden', Value: 'not yours' }] }),
      { code: 'ACCESS_DENIED', message: 'Forbidden: not yours' },
    ],
    [
      'CloudWatch fails at one',
      results({ Id: 'm0', StatusCode: 'InternalError' }),
      { code: 'UNAVAILABLE', message: 'CloudWatch has no data: InternalError' },
    ],
    ['there are no results', {}, { code: 'UNAVAILABLE' }],
    ['there is a result that nobody asked for', results({ Id: 'm7' }), { code: 'UNAVAILABLE' }],
    ['values are missing', results({ Id: 'm0', Timestamps: [seconds(0)], Values: [] }), { code: 'UNAVAILABLE' }],
    ['the result never ends', { ...results(), NextToken: 'again' }, { code: 'UNAVAILABLE' }],
    ['the caller lacks the right', refusal('AccessDenied', 'no'), { code: 'ACCESS_DENIED', message: 'no' }],
  ])('are an error where %s', async (_, answer, expected) => {
    await serve(() => answer);

    await expect(eventsOf([aLogGroup('/a')])).rejects.toMatchObject({ call: 'cloudwatch:GetMetricData', ...expected });
  });
});

describe('the newest event of a log group', () => {
  const newest = () => aCloud().metrics?.newestEvent(aLogGroup('/a'));

  it('is when it was ingested, of the log stream with the latest event', async () => {
    const { requests } = await serve(() => ({
      logStreams: [{ logStreamName: 's', lastEventTimestamp: 7, lastIngestionTime: 1_767_225_600_000 }],
    }));

    expect(await newest()).toEqual(new Date(1_767_225_600_000));
    expect(requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
      {
        operation: 'DescribeLogStreams',
        input: { logGroupName: '/a', orderBy: 'LastEventTime', descending: true, limit: 1 },
      },
    ]);
  });

  it.each([
    ['the time of its writer', [{ lastEventTimestamp: 1_767_225_600_000 }]],
    ['no log stream', []],
  ])('is not known by %s', async (_, logStreams) => {
    await serve(() => ({ logStreams }));

    expect(await newest()).toBeNull();
  });
});
