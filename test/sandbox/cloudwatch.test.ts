import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clientConfig, refusal } from './support.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 0, 1, 12);
const DAY_MS = 24 * 60 * MINUTE_MS;

function queryOf(group: string, Id: string) {
  const Dimensions = [{ Name: 'LogGroupName', Value: group }];
  const Metric = { Namespace: 'AWS/Logs', MetricName: 'IncomingLogEvents', Dimensions };
  return { Id, MetricStat: { Metric, Period: 60, Stat: 'Sum' } };
}

/** Asks for the last three minutes of three log groups, of which /quiet has no events. */
async function aCloud(world: World = {}) {
  let nowMs = NOW_MS;
  const groups = {
    '/a': { key: null, writer: { perMinute: 60 } },
    '/b': { key: null, writer: { perMinute: 2 } },
    '/quiet': null,
  };
  const { sandbox } = await aSandbox({ world: { groups, ...world }, now: () => new Date(nowMs) });
  const ask = (more: object = {}, account = '111122223333') => {
    const input: GetMetricDataInput = {
      MetricDataQueries: [queryOf('/a', 'a'), queryOf('/quiet', 'quiet'), queryOf('/b', 'b')],
      StartTime: new Date(NOW_MS - 3 * MINUTE_MS),
      EndTime: new Date(NOW_MS),
      ...more,
    };
    return new CloudWatchClient(clientConfig(sandbox, { account })).send(new GetMetricDataCommand(input));
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { sandbox, ask, wait };
}

const minutesBefore = (...minutes: number[]) => minutes.map((minute) => new Date(NOW_MS - minute * MINUTE_MS));

describe('GetMetricData', () => {
  it('answers every query, the newest data points first or the oldest', async () => {
    const { ask } = await aCloud();
    const { MetricDataResults, NextToken } = await ask();
    const common = { Label: 'IncomingLogEvents', StatusCode: 'Complete' };
    expect(MetricDataResults).toEqual([
      { Id: 'a', ...common, Timestamps: minutesBefore(1, 2, 3), Values: [60, 60, 60] },
      { Id: 'quiet', ...common, Timestamps: [], Values: [] },
      { Id: 'b', ...common, Timestamps: minutesBefore(1, 2, 3), Values: [2, 2, 2] },
    ]);
    expect(NextToken).toBeUndefined();
    const ascending = await ask({ ScanBy: 'TimestampAscending' });
    expect(ascending.MetricDataResults?.[0]?.Timestamps).toEqual(minutesBefore(3, 2, 1));
  });

  it('rounds the start down to its minute, ends before the end, and keeps 15 days', async () => {
    const { ask } = await aCloud();
    const timesOf = async (startMs: number, endMs: number) => {
      const times = { StartTime: new Date(startMs), EndTime: new Date(endMs) };
      const { MetricDataResults } = await ask({ MetricDataQueries: [queryOf('/a', 'a')], ...times });
      return MetricDataResults?.[0]?.Timestamps;
    };
    expect(await timesOf(NOW_MS - 2.5 * MINUTE_MS, NOW_MS - MINUTE_MS)).toEqual(minutesBefore(2, 3));
    expect(await timesOf(NOW_MS - 20 * DAY_MS, NOW_MS)).toHaveLength((15 * DAY_MS) / MINUTE_MS);
    expect(await timesOf(NOW_MS, NOW_MS + DAY_MS)).toEqual([]);
  });

  it('comes in pages, whose results are partial until the last data point has come', async () => {
    const { ask, wait } = await aCloud();
    const pages = [];
    let NextToken: string | undefined;
    do {
      const page = await ask({ MaxDatapoints: 2, NextToken });
      pages.push(page.MetricDataResults?.map(({ Id, Values, StatusCode }) => `${Id} ${Values} ${StatusCode}`));
      NextToken = page.NextToken;
      wait(MINUTE_MS);
    } while (NextToken);
    expect(pages).toEqual([
      ['a 60,60 PartialData', 'quiet  Complete', 'b  PartialData'],
      ['a 60 Complete', 'quiet  Complete', 'b 2 PartialData'],
      ['a  Complete', 'quiet  Complete', 'b 2,2 Complete'],
    ]);
  });

  it('continues where the first page stood, although time goes on', async () => {
    const { ask, wait } = await aCloud();
    const query = { EndTime: new Date(NOW_MS + DAY_MS), MetricDataQueries: [queryOf('/a', 'a')], MaxDatapoints: 2 };
    const { NextToken } = await ask(query);
    wait(5 * MINUTE_MS);
    const { MetricDataResults } = await ask({ ...query, NextToken });
    expect(MetricDataResults?.[0]?.Timestamps).toEqual(minutesBefore(3));
  });

  it('refuses a token that is broken or belongs to another request', async () => {
    const { ask } = await aCloud();
    const { NextToken } = await ask({ MaxDatapoints: 2 });
    const invalid = 'InvalidNextToken: The next token specified is invalid.';
    expect(await refusal(ask({ NextToken: 'x' }))).toBe(invalid);
    expect(await refusal(ask({ NextToken, ScanBy: 'TimestampAscending' }))).toBe(invalid);
  });

  it('takes 500 queries', async () => {
    const { ask } = await aCloud();
    const queries = Array.from({ length: 501 }, (_, n) => queryOf('/b', `m${n}`));
    const { MetricDataResults } = await ask({ MetricDataQueries: queries.slice(1) });
    expect(MetricDataResults).toHaveLength(500);
    expect(await refusal(ask({ MetricDataQueries: queries }))).toMatch(/^ValidationException: .*MetricDataQueries: /);
  });

  const [valid] = [queryOf('/a', 'a')];
  it.each<[title: string, input: object, field: string]>([
    ['no query', { MetricDataQueries: [] }, 'MetricDataQueries'],
    ['two queries of the same Id', { MetricDataQueries: [valid, valid] }, 'MetricDataQueries'],
    ['an Id that begins with a capital', { MetricDataQueries: [{ ...valid, Id: 'A' }] }, 'MetricDataQueries.0.Id'],
    [
      'another period',
      { MetricDataQueries: [{ ...valid, MetricStat: { ...valid?.MetricStat, Period: 300 } }] },
      'MetricDataQueries.0.MetricStat.Period',
    ],
    [
      'another statistic',
      { MetricDataQueries: [{ ...valid, MetricStat: { ...valid?.MetricStat, Stat: 'Average' } }] },
      'MetricDataQueries.0.MetricStat.Stat',
    ],
    ['an expression', { MetricDataQueries: [{ Id: 'a', Expression: 'x' }] }, 'MetricDataQueries.0.Expression'],
    ['an end that is not after the start', { EndTime: new Date(NOW_MS - 3 * MINUTE_MS) }, 'request'],
    ['too many data points', { MaxDatapoints: 100_801 }, 'MaxDatapoints'],
  ])('refuses %s', async (_title, input, field) => {
    const { ask } = await aCloud();
    const message = await refusal(ask(input));
    expect(message).toMatch(/^ValidationException: /);
    expect(message).toContain(` ${field}: `);
  });

  it('needs a right, has a quota and can fail, in the words of the query protocol', async () => {
    const Statement = { Effect: 'Allow', Action: 'cloudwatch:GetMetricData', Resource: '*' };
    const roles = { watcher: { policies: [{ Statement }] }, nobody: { policies: [] } };
    const { sandbox, ask } = await aCloud({ roles });
    expect(await refusal(ask({}, 'watcher'))).toBe('no error');
    expect(await refusal(ask({}, 'nobody'))).toBe(
      'AccessDenied: User: arn:aws:sts::111122223333:assumed-role/nobody/sandbox is not authorized to perform: cloudwatch:GetMetricData on resource: * because no identity-based policy allows the cloudwatch:GetMetricData action',
    );
    expect(sandbox.calls()).toEqual({ 'cloudwatch:GetMetricData': 2 });
    sandbox.setFaults([{ call: 'cloudwatch:GetMetricData', kind: 'unavailable' }]);
    expect(await refusal(ask())).toContain('InternalServiceFault: ');
    sandbox.setFaults([]);
    sandbox.setQuotas({ 'cloudwatch:GetMetricData': 1 });
    expect(await refusal(ask())).toBe('no error');
    expect(await refusal(ask())).toBe('Throttling: Rate exceeded');
  });
});
