import { describe, expect, test, vi } from 'vitest';
import {
  aCloudIn,
  aDescription,
  aLogGroup,
  all,
  collect,
  foundIn,
  KEY_ARN,
  QUERY_RESULTS,
  TARGET,
} from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

describe('pages', () => {
  test('requests 50 log groups at a time, without any filter', async () => {
    const { requests } = await serve(({ number }) => ({
      logGroups: [aDescription(`/${number}`)],
      ...(number < 3 && { nextToken: `t${number}` }),
    }));
    const cloud = aCloudIn();

    const found = await all(cloud.logStores.pages(null));

    expect(found.map(({ store }) => store.name)).toEqual(['/1', '/2', '/3']);
    expect(requests.map(({ input }) => input)).toEqual([
      { limit: 50 },
      { limit: 50, nextToken: 't1' },
      { limit: 50, nextToken: 't2' },
    ]);
    expect(cloud.apiCalls()).toEqual({ 'logs:DescribeLogGroups': 3 });
  });

  test('each page has the token of the next one', async () => {
    await serve(({ number }) => ({
      logGroups: [aDescription(`/${number}`)],
      ...(number < 3 && { nextToken: `t${number}` }),
    }));

    const pages = await collect(aCloudIn().logStores.pages(null));

    expect(pages.map(({ nextToken }) => nextToken)).toEqual(['t1', 't2', null]);
  });

  test('a listing continues where an earlier one stopped', async () => {
    const { requests } = await serve(({ input }) => ({
      logGroups: [aDescription(`/after-${input.nextToken}`)],
      ...(input.nextToken === 't5' && { nextToken: 't6' }),
    }));

    const found = await all(aCloudIn().logStores.pages('t5'));

    expect(found.map(({ store }) => store.name)).toEqual(['/after-t5', '/after-t6']);
    expect(requests.map(({ input }) => input)).toEqual([
      { limit: 50, nextToken: 't5' },
      { limit: 50, nextToken: 't6' },
    ]);
  });

  test.each([
    ['logGroupArn', aDescription('/a#1'), 'aws'],
    ['arn, without :*', { logGroupName: '/a#1', arn: `${aLogGroup('/a#1').arn}:*` }, 'aws'],
    ['built from its parts', { logGroupName: '/a#1' }, 'aws'],
  ])('the ARN is taken from %s', async (_, description, partition) => {
    await serve(() => ({ logGroups: [description] }));

    expect(await all(aCloudIn(partition).logStores.pages(null))).toEqual([{ store: aLogGroup('/a#1'), keyArn: null }]);
  });

  test('the partition is used if AWS returns no ARN', async () => {
    await serve(() => ({ logGroups: [{ logGroupName: '/a', kmsKeyId: KEY_ARN }] }));

    const [found] = await all(aCloudIn('aws-cn').logStores.pages(null));

    expect(found).toMatchObject({
      store: { arn: 'arn:aws-cn:logs:eu-west-1:111122223333:log-group:/a' },
      keyArn: KEY_ARN,
    });
  });

  test('the next page is requested before it is needed', async () => {
    const { requests } = await serve(({ number }) => ({
      logGroups: [aDescription(`/${number}`)],
      nextToken: `t${number}`,
    }));

    for await (const _ of aCloudIn().logStores.pages(null)) {
      await vi.waitFor(() => expect(requests).toHaveLength(2));
      break;
    }
  });

  test('a repeated token ends the listing with an error', async () => {
    const { requests } = await serve(() => ({ logGroups: [aDescription('/a')], nextToken: 'again' }));

    await expect(all(aCloudIn().logStores.pages(null))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('never ends'),
    });

    expect(requests).toHaveLength(2);
  });

  test('a log group without a name is an error instead of being left out', async () => {
    await serve(() => ({ logGroups: [{ kmsKeyId: KEY_ARN }] }));

    await expect(all(aCloudIn().logStores.pages(null))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  test.each([
    {},
    { logGroups: null },
    { __type: 'InternalFailure', message: 'oops' },
    [],
    { logGroups: { a: 1 } },
    { logGroups: [null] },
    { logGroups: [{ logGroupName: 5 }] },
    { logGroups: [{ logGroupName: '/a', kmsKeyId: 7 }] },
    { logGroups: [{ logGroupName: '/a', arn: 7 }] },
    { logGroups: [{ logGroupName: '/a', logGroupArn: { x: 1 } }] },
    { logGroups: [{ logGroupName: '/a' }], nextToken: { a: 1 } },
    { nextToken: ['x'] },
  ])('the response %j is an error instead of the end of the list', async (answer) => {
    await serve(() => answer);

    await expect(all(aCloudIn().logStores.pages(null))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('CloudWatch Logs cannot be listed: it returned '),
    });
  });

  test('an empty page with a token may lack the list', async () => {
    await serve(({ number }) => (number === 1 ? { nextToken: 't' } : { logGroups: [aDescription('/a')] }));

    const found = await all(aCloudIn().logStores.pages(null));

    expect(found).toMatchObject([{ store: { name: '/a' } }]);
  });

  test('a failed page fails the listing', async () => {
    await serve(({ number }) =>
      number === 1 ? { logGroups: [aDescription('/a')], nextToken: 't' } : refusal('AccessDeniedException', 'no'),
    );
    const names: string[] = [];

    const listing = (async () => {
      for await (const page of aCloudIn().logStores.pages(null))
        names.push(...foundIn(page.readings).map(({ store }) => store.name));
    })();

    await expect(listing).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: 'no' });
    expect(names).toEqual(['/a']);
  });
});

describe('read', () => {
  const stores = Array.from({ length: 120 }, (_, index) => aLogGroup(`/${index}`));
  const describeNamed = (names: string[]) => ({
    logGroups: names.map((name) => ({ ...aDescription(name), kmsKeyId: KEY_ARN })),
  });

  test('requests 50 names per call, and each name once', async () => {
    const { requests } = await serve(({ input }) => describeNamed(input.logGroupIdentifiers));

    const found = await aCloud().logStores.read([...stores, ...stores]);

    expect(
      requests.map(({ input }) => Object.entries(input).map(([field, names]) => [field, (names as string[]).length])),
    ).toEqual([50, 50, 20].map((length) => [['logGroupIdentifiers', length]]));
    const each = stores.map((store) => ({ status: 'FOUND', found: { store, keyArn: KEY_ARN } }));
    expect(found).toEqual([...each, ...each]);
  });

  test('makes no call if there is nothing to read', async () => {
    const { requests } = await serve(() => ({}));

    expect(await aCloud().logStores.read([])).toEqual([]);
    expect(requests).toHaveLength(0);
  });

  test('a kind of log store that AWS does not have is refused, so that it never seems to be gone', async () => {
    await serve(({ input }) => describeNamed(input.logGroupIdentifiers));
    const logstore = { ...aLogGroup('app-logs/web'), type: 'logstore' } as const;

    await expect(aCloud().logStores.read([aLogGroup('/7'), logstore])).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'app-logs/web is not a log store in AWS',
    });
  });

  test('a deleted log group is gone', async () => {
    await serve(({ input }) => describeNamed(input.logGroupIdentifiers.filter((name: string) => name !== '/7')));

    const found = await aCloud().logStores.read(stores);

    expect(foundIn(found)).toHaveLength(119);
    expect(found.filter(({ status }) => status !== 'FOUND')).toEqual([{ status: 'GONE', store: aLogGroup('/7') }]);
  });

  test('a name whose batch is refused as not found is gone, and the others are read', async () => {
    await serve(({ input }) =>
      input.logGroupIdentifiers.includes('/7')
        ? refusal('ResourceNotFoundException', 'The specified log group does not exist.')
        : describeNamed(input.logGroupIdentifiers),
    );

    const found = await aCloud().logStores.read(stores);

    expect(foundIn(found)).toHaveLength(119);
    expect(found.filter(({ status }) => status !== 'FOUND')).toEqual([{ status: 'GONE', store: aLogGroup('/7') }]);
  });

  test('a batch refused for its size is halved until it is accepted', async () => {
    const { requests } = await serve(({ input }) =>
      input.logGroupIdentifiers.length > 13
        ? refusal('InvalidParameterException')
        : describeNamed(input.logGroupIdentifiers),
    );

    expect(foundIn(await aCloud().logStores.read(stores.slice(0, 50)))).toHaveLength(50);
    expect(requests).toHaveLength(1 + 2 + 4);
  });

  test('a name that is refused in every way is returned with its error', async () => {
    await serve(() => refusal('InvalidParameterException', 'malformed'));

    const found = await aCloud().logStores.read([aLogGroup('/a b')]);

    expect(found).toMatchObject([{ status: 'UNREADABLE', failure: { code: 'INVALID_REQUEST', message: 'malformed' } }]);
  });

  test.each(['InvalidParameterException', 'AccessDeniedException'])(
    'one name among fifty that causes %s does not affect the others',
    async (name) => {
      await serve(({ input }) => {
        const names = (input.logGroupIdentifiers ?? [input.logGroupNamePrefix]) as string[];
        return names.includes('/7') ? refusal(name) : { logGroups: names.map(aDescription) };
      });

      const found = await aCloud().logStores.read(stores.slice(0, 50));

      expect(foundIn(found)).toHaveLength(49);
      expect(found.filter(({ status }) => status !== 'FOUND')).toMatchObject([
        { status: 'UNREADABLE', store: aLogGroup('/7') },
      ]);
    },
  );

  test('a server that cannot read by name is asked by prefix, and only the exact name counts', async () => {
    await serve(({ input }) =>
      input.logGroupIdentifiers
        ? refusal('ValidationException')
        : { logGroups: [`${input.logGroupNamePrefix}/more`, `${input.logGroupNamePrefix}`].map(aDescription) },
    );

    const found = await aCloud().logStores.read([aLogGroup('/a'), aLogGroup('/b')]);

    expect(foundIn(found).map(({ store }) => store)).toEqual([aLogGroup('/a'), aLogGroup('/b')]);
  });

  test('a server that cannot read by name is recognized after a few calls', async () => {
    const { requests } = await serve(({ input }) =>
      input.logGroupIdentifiers
        ? refusal('ValidationException')
        : { logGroups: [aDescription(String(input.logGroupNamePrefix))] },
    );

    const found = await aCloud().logStores.read(stores.slice(0, 50));

    expect(foundIn(found)).toHaveLength(50);
    expect(requests.filter(({ input }) => input.logGroupIdentifiers).length).toBeLessThan(15);
  });

  test('an error that has nothing to do with the names is not retried with half a batch', async () => {
    const { requests } = await serve(() => refusal('ExpiredTokenException'));

    await expect(aCloud().logStores.read(stores)).rejects.toMatchObject({ code: 'CREDENTIALS' });

    expect(requests).toHaveLength(1);
  });

  test('a server that ignores the names is paged until all were found, and only exact names count', async () => {
    const names = ['/a', '/a/b', '/b', '/b#1', '/c', '/d'];
    const { requests } = await serve(({ input }) => {
      const start = Number(input.nextToken ?? 0);
      return {
        logGroups: names.slice(start, start + 2).map(aDescription),
        ...(start + 2 < names.length && { nextToken: String(start + 2) }),
      };
    });

    const found = await aCloud().logStores.read([aLogGroup('/b#1'), aLogGroup('/a')]);

    expect(foundIn(found).map(({ store }) => store)).toEqual([aLogGroup('/b#1'), aLogGroup('/a')]);
    expect(requests).toHaveLength(2);
  });

  test('a server that ignores the names is paged to the end for a deleted log group', async () => {
    const { requests } = await serve(({ number }) => ({
      logGroups: [aDescription(`/app${number}`)],
      ...(number < 4 && { nextToken: `t${number}` }),
    }));

    expect(await aCloud().logStores.read([aLogGroup('/app')])).toEqual([{ status: 'GONE', store: aLogGroup('/app') }]);
    expect(requests).toHaveLength(4);
  });
});

describe('seal', () => {
  test('passes a log group by its name, which may contain a #', async () => {
    const { requests } = await serve(() => ({}));

    await aCloud().logStores.seal(aLogGroup('/a#1'), KEY_ARN);

    expect(requests).toMatchObject([
      { operation: 'AssociateKmsKey', input: { logGroupName: '/a#1', kmsKeyId: KEY_ARN } },
    ]);
    expect(requests[0]?.input).not.toHaveProperty('resourceIdentifier');
  });

  test('passes query results by their ARN', async () => {
    const { requests } = await serve(() => ({}));

    await aCloud().logStores.seal(QUERY_RESULTS, KEY_ARN);

    expect(requests.map(({ input }) => input)).toEqual([{ resourceIdentifier: QUERY_RESULTS.arn, kmsKeyId: KEY_ARN }]);
  });

  test('a Logstore is refused without a call', async () => {
    const { requests } = await serve(() => ({}));

    await expect(
      aCloud().logStores.seal({ ...TARGET, type: 'logstore', name: 'p/l', arn: '' }, KEY_ARN),
    ).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(requests).toHaveLength(0);
  });
});

describe('unseal', () => {
  test.each([
    ['passes a log group by its name', aLogGroup('/a#1'), { logGroupName: '/a#1' }],
    ['passes query results by their ARN', QUERY_RESULTS, { resourceIdentifier: QUERY_RESULTS.arn }],
  ])('%s', async (_, store, input) => {
    const { requests } = await serve(() => ({}));
    const cloud = aCloud();

    await cloud.logStores.unseal(store);

    expect(requests).toMatchObject([{ operation: 'DisassociateKmsKey' }]);
    expect(requests[0]?.input).toEqual(input);
    expect(cloud.apiCalls()).toEqual({ 'logs:DisassociateKmsKey': 1 });
  });

  test('a change aborted by a concurrent one is retried', async () => {
    const { requests } = await serve(({ number }) => (number === 1 ? refusal('OperationAbortedException') : {}));

    await aCloud().logStores.unseal(aLogGroup('/a'));

    expect(requests).toHaveLength(2);
  });

  test('a Logstore is refused without a call', async () => {
    await serve(() => ({}));

    await expect(
      aCloud().logStores.unseal({ ...TARGET, type: 'logstore', name: 'p/l', arn: '' }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', call: 'logs:DisassociateKmsKey' });
  });
});
