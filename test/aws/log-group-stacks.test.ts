import { expect, test } from 'vitest';
import { aLogGroup } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

const STACK = 'aws:cloudformation:stack-name';
const aMapping = (name: string, stack: string) => ({
  ResourceARN: aLogGroup(name).arn,
  Tags: [
    { Key: 'team', Value: 'red' },
    { Key: STACK, Value: stack },
  ],
});

test('one tag is read in bulk, in pages of 100', async () => {
  const { requests } = await serve(({ number }) =>
    number === 1
      ? { ResourceTagMappingList: [aMapping('/a', 'shop')], PaginationToken: 'more' }
      : { ResourceTagMappingList: [aMapping('/b', 'bank')], PaginationToken: '' },
  );
  const cloud = aCloud();

  const stacks = await cloud.stacks?.();

  expect(stacks?.stackOf).toEqual(
    new Map([
      [aLogGroup('/a').arn, 'shop'],
      [aLogGroup('/b').arn, 'bank'],
    ]),
  );
  expect(stacks?.isComplete).toBe(true);
  const input = {
    ResourceTypeFilters: ['logs:log-group'],
    TagFilters: [{ Key: STACK }],
    ResourcesPerPage: 100,
  };
  expect(requests.map((request) => request.input)).toEqual([input, { ...input, PaginationToken: 'more' }]);
  expect(requests.map(({ operation }) => operation)).toEqual(['GetResources', 'GetResources']);
  expect(cloud.apiCalls()).toEqual({ 'tag:GetResources': 2 });
});

test('an ARN with :* is that of the log group, and what has no such tag is left out', async () => {
  const { arn } = aLogGroup('/a');
  await serve(() => ({
    ResourceTagMappingList: [{ ...aMapping('/a', 'shop'), ResourceARN: `${arn}:*` }, { ResourceARN: 'other' }],
  }));

  expect(await aCloud().stacks?.()).toEqual({ stackOf: new Map([[arn, 'shop']]), isComplete: true });
});

const aFullPage = (number: number) => ({
  ResourceTagMappingList: Array.from({ length: 100 }, (_, index) => aMapping(`/${number}/${index}`, 'shop')),
  PaginationToken: `after-${number}`,
});

test('of very many log groups of stacks the first 5,000 are read', async () => {
  const { requests } = await serve(({ number }) => aFullPage(number));

  const stacks = await aCloud().stacks?.();

  expect([stacks?.stackOf.size, stacks?.isComplete]).toEqual([5_000, false]);
  expect(requests).toHaveLength(50);
});

test('no further page is read once the plan is interrupted', async () => {
  const { requests } = await serve(({ number }) => aFullPage(number));

  expect(await aCloud().stacks?.(AbortSignal.abort())).toMatchObject({ isComplete: false });
  expect(requests).toHaveLength(1);
});

test.each([
  ['AccessDeniedException', 'ACCESS_DENIED', 1],
  ['ThrottledException', 'THROTTLED', 3],
])('%s is a CloudError, after no more than three attempts', async (name, code, attempts) => {
  const { requests } = await serve(() => refusal(name, 'words of AWS'));

  await expect(aCloud(10).stacks?.()).rejects.toMatchObject({ code, call: 'tag:GetResources' });
  expect(requests).toHaveLength(attempts);
});

test('a list that never ends is an error', async () => {
  await serve(() => ({ ResourceTagMappingList: [], PaginationToken: 'again' }));

  await expect(aCloud().stacks?.()).rejects.toMatchObject({ message: expect.stringContaining('never ends') });
});
