import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCalls } from '../../lib/aws/calls.ts';
import { createQueryResultsKey } from '../../lib/aws/query-results-key.ts';
import { aCloudIn, aDescription, aLogGroup, all, answerOf, KEY_ARN, QUERY_RESULTS } from './builders.ts';
import { aCloud, refusal, serve, type TinyRequest } from './tiny-server.ts';

const aGroupOf = (logGroupClass: string, name: string) => ({ ...aDescription(name), logGroupClass });
const operations = (requests: readonly TinyRequest[]) => requests.map(({ operation }) => operation);

/** Serves the two calls of a query; `answers` replaces the response to an operation. */
async function serveQueries(answers: Record<string, (request: TinyRequest) => object> = {}) {
  return serve((request) => {
    const answer = answers[request.operation];
    if (answer) return answer(request);
    switch (request.operation) {
      case 'StartQuery':
        return { queryId: 'q-1' };
      case 'GetQueryResults':
        return { status: 'Complete', results: [], encryptionKey: KEY_ARN };
      default:
        return { logGroups: [aDescription('/a')] };
    }
  });
}

const readResults = async (cloud = aCloud()) => answerOf((await cloud.logStores.read([QUERY_RESULTS]))[0]);

describe('the query', () => {
  beforeEach(() => {
    vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_999);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('runs over one second of an existing log group, and shows the key', async () => {
    const { requests } = await serveQueries();
    const cloud = aCloud();

    expect(await readResults(cloud)).toEqual({ store: QUERY_RESULTS, keyArn: KEY_ARN });

    expect(requests.map(({ operation, input }) => [operation, input])).toEqual([
      ['DescribeLogGroups', { limit: 50 }],
      [
        'StartQuery',
        {
          logGroupName: '/a',
          startTime: 1_699_999_999,
          endTime: 1_700_000_000,
          queryString: 'fields @timestamp | limit 1',
          limit: 1,
        },
      ],
      ['GetQueryResults', { queryId: 'q-1' }],
    ]);
    expect(cloud.apiCalls()).toEqual({ 'logs:DescribeLogGroups': 1, 'logs:StartQuery': 1, 'logs:GetQueryResults': 1 });
  });
});

test('null if no key is attached', async () => {
  await serveQueries({ GetQueryResults: () => ({ status: 'Complete' }) });

  expect(await readResults()).toEqual({ store: QUERY_RESULTS, keyArn: null });
});

test('one query is enough for all query results', async () => {
  const { requests } = await serveQueries();
  const other = { ...QUERY_RESULTS, arn: 'arn:aws:logs:eu-west-1:999988887777:query-result:*' };

  const found = await aCloud().logStores.read([QUERY_RESULTS, aLogGroup('/a'), other]);

  expect(operations(requests)).toEqual(['DescribeLogGroups', 'StartQuery', 'GetQueryResults']);
  expect(found.map(answerOf)).toEqual([
    { store: QUERY_RESULTS, keyArn: KEY_ARN },
    { store: aLogGroup('/a'), keyArn: null },
    { store: other, keyArn: KEY_ARN },
  ]);
});

describe('the log group', () => {
  test('is the first of class STANDARD in any response', async () => {
    const { requests } = await serveQueries({
      DescribeLogGroups: () => ({
        logGroups: [aGroupOf('INFREQUENT_ACCESS', '/ia'), aGroupOf('STANDARD', '/a'), aGroupOf('STANDARD', '/b')],
      }),
    });
    const cloud = aCloudIn();
    await all(cloud.logStores.pages(null));

    await readResults(cloud);

    expect(operations(requests)).toEqual(['DescribeLogGroups', 'StartQuery', 'GetQueryResults']);
    expect(requests[1]?.input).toMatchObject({ logGroupName: '/a' });
  });

  test('is looked for on the next page if a page has only other classes', async () => {
    const { requests } = await serveQueries({
      DescribeLogGroups: ({ input }) =>
        input.nextToken
          ? { logGroups: [aDescription('/a')], nextToken: 'more' }
          : { logGroups: [aGroupOf('DELIVERY', '/d')], nextToken: 't' },
    });

    await readResults();

    expect(operations(requests)).toEqual(['DescribeLogGroups', 'DescribeLogGroups', 'StartQuery', 'GetQueryResults']);
  });

  test('is looked for again, once, if it was deleted', async () => {
    const { requests } = await serveQueries({
      DescribeLogGroups: ({ number }) => ({ logGroups: [aDescription(number === 1 ? '/gone' : '/a')] }),
      StartQuery: ({ input }) =>
        input.logGroupName === '/gone' ? refusal('ResourceNotFoundException') : { queryId: 'q-1' },
    });
    const cloud = aCloudIn();
    await all(cloud.logStores.pages(null));

    expect(await readResults(cloud)).toMatchObject({ keyArn: KEY_ARN });

    expect(requests.slice(1).map(({ input }) => input.logGroupName)).toEqual(['/gone', undefined, '/a', undefined]);
  });

  test('is missing: that is why the key cannot be read', async () => {
    await serveQueries({ DescribeLogGroups: () => ({ logGroups: [] }) });

    expect(await readResults()).toMatchObject({
      code: 'INVALID_REQUEST',
      call: 'logs:StartQuery',
      message: 'there is no log group of a class that can be queried',
    });
  });
});

describe('a failure leaves only query results unread', () => {
  test.each([
    ['StartQuery', 'a missing right', refusal('AccessDeniedException', 'no'), 'ACCESS_DENIED', 'no'],
    ['StartQuery', 'a deleted log group', refusal('ResourceNotFoundException', 'gone'), 'NOT_FOUND', 'gone'],
    ['StartQuery', 'too many queries', refusal('LimitExceededException', 'too many'), 'THROTTLED', 'too many'],
    ['StartQuery', 'no id', {}, 'UNAVAILABLE', 'no query id'],
    ['GetQueryResults', 'a missing right', refusal('AccessDeniedException', 'no'), 'ACCESS_DENIED', 'no'],
    ['GetQueryResults', 'a failed query', { status: 'Failed' }, 'UNAVAILABLE', 'Failed'],
    ['GetQueryResults', 'a cancelled query', { status: 'Cancelled' }, 'UNAVAILABLE', 'Cancelled'],
    ['GetQueryResults', 'a query that timed out', { status: 'Timeout' }, 'UNAVAILABLE', 'Timeout'],
    ['GetQueryResults', 'an unknown status', { status: 'Unknown' }, 'UNAVAILABLE', 'Unknown'],
    ['GetQueryResults', 'no status', {}, 'UNAVAILABLE', 'Unknown'],
  ])('%s: %s', async (operation, _, answer, code, words) => {
    await serveQueries({ [operation]: () => answer });

    const failure = { code, call: `logs:${operation}`, message: expect.stringContaining(words) };

    expect(await aCloud().logStores.read([QUERY_RESULTS, aLogGroup('/a')])).toMatchObject([
      { status: 'UNREADABLE', store: QUERY_RESULTS, failure },
      { status: 'FOUND', found: { store: aLogGroup('/a'), keyArn: null } },
    ]);
  });

  test('of the search for a log group', async () => {
    await serveQueries({ DescribeLogGroups: () => refusal('AccessDeniedException', 'no') });

    expect(await readResults()).toMatchObject({ code: 'ACCESS_DENIED', call: 'logs:DescribeLogGroups' });
  });
});

describe('a slow query', () => {
  test('is polled until it is complete', async () => {
    const { requests } = await serveQueries({
      GetQueryResults: ({ number }) =>
        ({ 3: { status: 'Scheduled' }, 4: { status: 'Running' } })[number] ?? {
          status: 'Complete',
          encryptionKey: KEY_ARN,
        },
    });

    expect(await readResults()).toMatchObject({ keyArn: KEY_ARN });
    expect(requests).toHaveLength(5);
  });

  test('is given up after a while', async () => {
    const { requests } = await serveQueries({ GetQueryResults: () => ({ status: 'Running' }) });
    const client = new CloudWatchLogsClient({ region: 'eu-west-1' });
    const groups = { known: () => '/a', find: async () => undefined };

    expect(await createQueryResultsKey(client, createCalls(), groups, { giveUpAfterMs: 350 })()).toMatchObject({
      code: 'UNAVAILABLE',
      call: 'logs:GetQueryResults',
      message: 'the query is still Running after 0.35 s',
    });

    expect(operations(requests)).toEqual(['StartQuery', 'GetQueryResults', 'GetQueryResults', 'GetQueryResults']);
  });
});
