import { expect, test } from 'vitest';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { CloudError } from '../../lib/errors.ts';
import { TARGET } from '../support/builders.ts';
import { aLogGroup } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

const aMapping = (name: string, tags: Readonly<Record<string, string>>) => ({
  ResourceARN: aLogGroup(name).arn,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});
const arnOf = (name: string) => aLogGroup(name).arn;

test('one tag is read in bulk, in pages of 100, without the other tags', async () => {
  const { requests } = await serve(({ number }) =>
    number === 1
      ? { ResourceTagMappingList: [aMapping('/a', { team: 'red', stage: 'test' })], PaginationToken: 'more' }
      : { ResourceTagMappingList: [aMapping('/b', { team: 'blue' })], PaginationToken: '' },
  );
  const cloud = aCloud();

  expect(await cloud.tags?.all(['team'])).toEqual(
    new Map([
      [arnOf('/a'), new Map([['team', 'red']])],
      [arnOf('/b'), new Map([['team', 'blue']])],
    ]),
  );
  const input = { ResourceTypeFilters: ['logs:log-group'], TagFilters: [{ Key: 'team' }], ResourcesPerPage: 100 };
  expect(requests.map((request) => request.input)).toEqual([input, { ...input, PaginationToken: 'more' }]);
  expect(cloud.apiCalls()).toEqual({ 'tag:GetResources': 2 });
});

test('several tags are read without a filter, since filters narrow each other down', async () => {
  const mappings = [aMapping('/a', { team: 'red' }), aMapping('/b', { stage: 'x' }), aMapping('/c', { other: 'y' })];
  const { requests } = await serve(() => ({ ResourceTagMappingList: mappings }));

  const byArn = await aCloud().tags?.all(['team', 'stage']);

  expect([...(byArn?.keys() ?? [])]).toEqual([arnOf('/a'), arnOf('/b')]);
  expect(requests[0]?.input).not.toHaveProperty('TagFilters');
});

test('those of some log groups are read by their ARNs, 100 in a call, and query results have none', async () => {
  const { requests } = await serve(() => ({ ResourceTagMappingList: [aMapping('/many/1', { team: 'red' })] }));
  const stores = Array.from({ length: 101 }, (_, index) => aLogGroup(`/many/${index}`));
  const results = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);

  const byArn = await aCloud().tags?.of([results, ...stores], ['team']);

  expect(byArn).toEqual(new Map([[arnOf('/many/1'), new Map([['team', 'red']])]]));
  expect(requests.map(({ input }) => input.ResourceARNList.length)).toEqual([100, 1]);
  expect(Object.keys(requests[0]?.input ?? {})).toEqual(['ResourceARNList']);
});

test('query results alone take no call', async () => {
  const { requests } = await serve(() => ({}));

  const byArn = await aCloud().tags?.of([logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME)], ['team']);

  expect([byArn?.size, requests.length]).toEqual([0, 0]);
});

test('a right that is missing is an error', async () => {
  await serve(() => refusal('AccessDeniedException', 'not you'));

  await expect(aCloud().tags?.all(['team'])).rejects.toThrow(CloudError);
});

test('a list that never ends is an error', async () => {
  await serve(() => ({ ResourceTagMappingList: [], PaginationToken: 'same' }));

  await expect(aCloud().tags?.all(['team'])).rejects.toThrow('PaginationToken was returned twice');
});
