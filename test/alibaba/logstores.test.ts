import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { executeStep } from '../../lib/app/change/execute-steps.ts';
import type { Cloud } from '../../lib/app/ports.ts';
import type { FoundLogStore } from '../../lib/domain/log-store.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import { CloudError } from '../../lib/errors.ts';
import { answerOf, collect, foundIn } from '../aws/builders.ts';
import { fakeJournal } from '../support/fake-cloud.ts';
import { aStore, byok, type Configured, REGION, refusal, serve, slsOf } from './tiny-server.ts';

async function list(cloud: Cloud): Promise<FoundLogStore[][]> {
  const pages: FoundLogStore[][] = [];
  for await (const { readings, nextToken } of cloud.logStores.pages(null)) {
    expect(nextToken).toBeNull();
    pages.push(foundIn(readings));
  }
  return pages;
}
const namesOf = (pages: FoundLogStore[][]) => pages.flat().map(({ store }) => store.name);
const lines = (requests: readonly { line: string }[]) => requests.map(({ line }) => line);
const pad = (number: number) => String(number).padStart(3, '0');
const range = (count: number) => Array.from({ length: count }, (_, index) => pad(index));

describe('a Logstore is found with', () => {
  test.each<[string, Configured, Partial<FoundLogStore>]>([
    ['no configuration', null, { keyArn: null }],
    ['a key', byok('key-1'), { keyArn: 'key-1', fixed: { keyArn: 'key-1', region: REGION } }],
    ['a key, switched off', byok('key-1', false), { keyArn: null, fixed: { keyArn: 'key-1', region: REGION } }],
    [
      'a key of another Region',
      byok('key-1', true, 'cn-beijing'),
      { keyArn: 'key-1', fixed: { keyArn: 'key-1', region: 'cn-beijing' } },
    ],
    [
      'the service key',
      { enable: true, encrypt_type: 'default' },
      { keyArn: SERVICE_KEY, fixed: { keyArn: SERVICE_KEY, region: null } },
    ],
    [
      'an empty key',
      { enable: true, encrypt_type: 'default', user_cmk_info: { cmk_key_id: '', arn: '', region_id: '' } },
      { keyArn: SERVICE_KEY, fixed: { keyArn: SERVICE_KEY, region: null } },
    ],
    [
      'no `enable`, as the documentation shows it',
      { encrypt_type: 'default', user_cmk_info: {} },
      { keyArn: null, fixed: { keyArn: SERVICE_KEY, region: null } },
    ],
  ])('%s', async (_, configured, found) => {
    const { cloud } = await serve(slsOf({ 'a-project': { 'a-store': configured } }));
    expect(await list(cloud())).toEqual([[{ store: aStore(), ...found }]]);
    expect(await cloud().logStores.read([aStore()])).toEqual([
      { status: 'FOUND', found: { store: aStore(), ...found } },
    ]);
  });
});

describe('pages', () => {
  test('20 projects of 20 Logstores take one call per Logstore, one per project and one more, at most 8 at once', async () => {
    const projects = Object.fromEntries(
      range(20).map((project) => [
        `project-${project}`,
        Object.fromEntries(range(20).map((store) => [`store-${store}`, null])),
      ]),
    );
    const sls = slsOf(projects);
    let reads = 0;
    const { cloud, most } = await serve(async (request, response) => {
      // The first reads take long enough for all of them to be under way at once, however busy the machine is.
      if (/^GET \/logstores\/\w/.test(request.line)) await wait(reads++ < 8 ? 200 : Math.random() * 2);
      return sls(request, response);
    });
    const aliCloud = cloud();

    const pages = await list(aliCloud);

    expect(pages.map((page) => page.length)).toEqual(Array(8).fill(50));
    expect(namesOf(pages)).toEqual(
      range(20).flatMap((project) => range(20).map((store) => `project-${project}/store-${store}`)),
    );
    expect(aliCloud.apiCalls()).toEqual({ 'log:ListProject': 1, 'log:ListLogStores': 20, 'log:GetLogStore': 400 });
    expect(most()).toBeLessThanOrEqual(8);
    expect(most()).toBeGreaterThanOrEqual(7);
  });

  test('lists of more than 500 names are read by offset', async () => {
    const stores = Object.fromEntries(range(501).map((store) => [`store-${store}`, null]));
    const { cloud, requests } = await serve(slsOf({ 'a-project': stores }));

    expect(namesOf(await list(cloud()))).toHaveLength(501);
    expect(lines(requests).filter((line) => line.includes('?'))).toEqual([
      'GET /?offset=0&size=500',
      'GET /logstores?offset=0&size=500',
      'GET /logstores?offset=500&size=500',
    ]);
  });

  test('little is read ahead of the consumer', async () => {
    const projects = Object.fromEntries(
      range(40).map((project) => [`p-${project}`, Object.fromEntries(range(20).map((store) => [`s-${store}`, null]))]),
    );
    const { cloud, requests } = await serve(slsOf(projects));
    const { logStores } = cloud();

    for await (const { readings } of logStores.pages(null)) {
      expect(foundIn(readings)).toHaveLength(50);
      await wait(200);
      break;
    }
    const { length } = requests;
    expect(length).toBeLessThan(150);
    await wait(50);
    expect(requests.length).toBeLessThanOrEqual(length + 8);
  });

  test('an account without projects or Logstores has no pages', async () => {
    expect(await list((await serve(slsOf({}))).cloud())).toEqual([]);
    expect(await list((await serve(slsOf({ 'a-project': {} }))).cloud())).toEqual([]);
  });

  test('projects of other Regions are left out', async () => {
    const sls = slsOf({ here: { s01: null }, there: { s01: null }, unsaid: { s01: null } });
    const { cloud } = await serve((request, response) => {
      if (!request.line.startsWith('GET /?')) return sls(request, response);
      return {
        total: 3,
        projects: [
          { projectName: 'there', region: 'cn-beijing' },
          { projectName: 'here', region: REGION },
          { projectName: 'unsaid' },
        ],
      };
    });
    expect(namesOf(await list(cloud()))).toEqual(['here/s01', 'unsaid/s01']);
  });

  test('what is deleted meanwhile is left out', async () => {
    const sls = slsOf({ p01: { s01: null, s02: null }, p02: { s01: null }, p03: { s01: null }, p04: { s01: null } });
    const { cloud } = await serve((request, response) => {
      const { project, line } = request;
      if (project === 'p01' && line.endsWith('/s01')) return refusal(404, 'LogStoreNotExist');
      if (project === 'p02') return refusal(404, 'ProjectNotExist');
      if (project === 'p03' && line.endsWith('/s01')) return refusal(404, 'ProjectNotExist');
      return sls(request, response);
    });
    expect(namesOf(await list(cloud()))).toEqual(['p01/s02', 'p04/s01']);
  });

  test('a name that an insertion shifts to the next page is found once', async () => {
    const names = range(500).map((store) => `store-${store}`);
    const { cloud } = await serve(({ line, url }) => {
      if (line.startsWith('GET /?')) return { total: 1, projects: [{ projectName: 'a-project' }] };
      if (line === 'GET /logstores?offset=0&size=500') return { total: 501, logstores: names };
      if (line.startsWith('GET /logstores?')) return { total: 502, logstores: ['store-499', 'store-new'] };
      return { logstoreName: url.pathname.split('/')[2] };
    });
    expect(namesOf(await list(cloud()))).toEqual([...names, 'store-new'].map((name) => `a-project/${name}`));
  });

  test.each([
    [
      'a project',
      { total: 1, projects: [{ projectName: 'evil.example.com/' }] },
      'log:ListProject',
      'evil.example.com/',
    ],
    ['a project without a name', { total: 1, projects: [{ region: REGION }] }, 'log:ListProject', '""'],
    ['a Logstore', { total: 1, logstores: ['../x'], projects: [{ projectName: 'p01' }] }, 'log:ListLogStores', '../x'],
  ])('an invalid name is never sent: %s', async (_, answer, call, name) => {
    const { cloud, requests } = await serve(() => answer);
    await expect(list(cloud())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      call,
      message: expect.stringContaining(name),
    });
    expect(requests.every(({ line }) => line.includes('?'))).toBe(true);
  });

  test.each([
    ['that ends before its total', () => ({ total: 3, projects: [] })],
    ['that never ends', () => ({ total: 9, projects: [{ projectName: 'other', region: 'cn-beijing' }] })],
    ['that never ends and has no total', () => ({ projects: [{ projectName: 'other', region: 'cn-beijing' }] })],
  ])('a list %s is an error', async (_, answer) => {
    const { cloud } = await serve(answer);
    await expect(list(cloud())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('cannot be listed'),
    });
  });

  test('a list without a total ends with an empty page', async () => {
    const { cloud } = await serve(({ url }) =>
      url.searchParams.get('offset') === '0' ? { projects: [{ projectName: 'other', region: 'cn-beijing' }] } : {},
    );
    await expect(list(cloud())).rejects.toMatchObject({ message: expect.stringContaining('none of them in') });
  });

  test.each([
    ['projects', {}],
    ['Logstores', { projects: [{ projectName: 'p01' }], total: 1 }],
  ])('a response without a list of %s is an error', async (_, projects) => {
    const { cloud } = await serve(({ url }) => (url.pathname === '/' ? projects : {}));

    await expect(list(cloud())).rejects.toMatchObject({ message: expect.stringContaining('no list') });
  });

  test('a Logstore that may not be read does not affect the others', async () => {
    const sls = slsOf({ p01: { s01: null, s02: null, s03: null } });
    const { cloud } = await serve((request, response) =>
      request.line.endsWith('/s02') ? refusal(401, 'Unauthorized') : sls(request, response),
    );
    const [page] = await collect(cloud().logStores.pages(null));
    expect(page?.readings).toMatchObject([
      { status: 'FOUND', found: { store: { name: 'p01/s01' } } },
      { status: 'UNREADABLE', store: { name: 'p01/s02' }, failure: { code: 'ACCESS_DENIED' } },
      { status: 'FOUND', found: { store: { name: 'p01/s03' } } },
    ]);
  });

  test('a response about another Logstore is an error', async () => {
    const { cloud } = await serve(() => ({ logstoreName: 'other' }));
    expect(await cloud().logStores.read([aStore()])).toMatchObject([
      { status: 'UNREADABLE', store: aStore(), failure: { code: 'UNAVAILABLE' } },
    ]);
  });
});

describe('read', () => {
  test('finds missing Logstores gone, and returns the error of each that could not be read', async () => {
    const sls = slsOf({ p01: { s01: byok('key-1'), s02: null } });
    const { cloud } = await serve((request, response) =>
      request.line.endsWith('/s02') ? refusal(401, 'Unauthorized', 'no right') : sls(request, response),
    );
    const stores = ['p01/s01', 'p01/s02', 'p01/s03', 'p02/s01'].map(aStore);
    const [found, denied, gone, goneToo] = stores;
    const unnamed = { ...aStore(), name: '../x', arn: 'unnamed' };

    const readings = await cloud().logStores.read([...stores, unnamed]);

    expect(readings).toMatchObject([
      { status: 'FOUND', found: { store: found, keyArn: 'key-1' } },
      { status: 'UNREADABLE', store: denied, failure: { code: 'ACCESS_DENIED', message: 'Unauthorized: no right' } },
      { status: 'GONE', store: gone },
      { status: 'GONE', store: goneToo },
      { status: 'UNREADABLE', store: unnamed, failure: { code: 'INVALID_REQUEST' } },
    ]);
    expect(answerOf(readings[1])).toBeInstanceOf(CloudError);
  });

  test('makes at most 8 calls at once', async () => {
    const stores = Object.fromEntries(range(40).map((store) => [`s-${store}`, null]));
    const sls = slsOf({ p01: stores });
    const { cloud, most } = await serve(async (request, response) => {
      await wait(5);
      return sls(request, response);
    });
    await cloud().logStores.read(Object.keys(stores).map((name) => aStore(`p01/${name}`)));
    expect(most()).toBe(8);
  });
});

describe('seal and unseal', () => {
  test.each<[string, Configured, string | null, number]>([
    ['configured with this key and on', byok('key-1'), 'key-1', 0],
    ['on under the service key', { enable: true, encrypt_type: 'default' }, SERVICE_KEY, 0],
    ['off under the service key', { enable: false, encrypt_type: 'default' }, SERVICE_KEY, 1],
    ['never configured, unsealed', null, null, 0],
    ['off, unsealed', byok('key-1', false), null, 0],
    ['on, unsealed', byok('key-1'), null, 1],
  ])('%s', async (_, configured, keyArn, changes) => {
    const { cloud, requests } = await serve(slsOf({ 'a-project': { 'a-store': configured } }));
    const { logStores } = cloud();

    await (keyArn === null ? logStores.unseal(aStore()) : logStores.seal(aStore(), keyArn, true));

    const puts = requests.filter(({ line }) => line.startsWith('PUT'));
    expect(puts.map(({ body }) => body)).toEqual(Array(changes).fill({ enable: keyArn !== null }));
    expect(answerOf((await logStores.read([aStore()]))[0])).toMatchObject({ keyArn });
  });

  test.each<[string, Configured, string]>([
    ['another key', byok('key-1'), 'key-2'],
    ['another key, off', byok('key-1', false), 'key-2'],
    ['the service key', { enable: true, encrypt_type: 'default' }, 'key-1'],
    ['a key, where the service key is wanted', byok('key-1'), SERVICE_KEY],
  ])('type and key cannot be changed: %s', async (_, configured, keyArn) => {
    const { cloud, requests } = await serve(slsOf({ 'a-project': { 'a-store': configured } }));
    await expect(cloud().logStores.seal(aStore(), keyArn, true)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      call: 'log:UpdateLogStoreEncryption',
      message: expect.stringContaining('can never be changed'),
    });
    expect(lines(requests)).toEqual(['GET /logstores/a-store']);
  });

  test('configuring a key of the owner needs a role, switching it on again does not', async () => {
    const { cloud, requests } = await serve(slsOf({ p01: { s01: null, s02: byok('key-1', false) } }));
    const { logStores } = cloud({ roleArn: null });
    await expect(logStores.seal(aStore('p01/s01'), 'key-1', true)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(requests.filter(({ line }) => line.startsWith('PUT'))).toEqual([]);
    await logStores.seal(aStore('p01/s02'), 'key-1', true);
  });

  test.each([
    ['seal', null, 'off'],
    ['seal', byok('key-2'), 'on with key-2'],
    ['unseal', byok('key-1'), 'on with key-1'],
  ] as const)('%s fails if SLS accepts the change without making it', async (how, after, words) => {
    let configured: Configured = how === 'seal' ? null : byok('key-1');
    const { cloud } = await serve(({ line }) => {
      if (line.startsWith('PUT')) {
        configured = after;
        return {};
      }
      return { logstoreName: 'a-store', ...(configured && { encrypt_conf: configured }) };
    });
    const { logStores } = cloud();
    const done = how === 'seal' ? logStores.seal(aStore(), 'key-1', true) : logStores.unseal(aStore());
    await expect(done).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `SLS accepted the change of a-project/a-store, but its encryption is ${words}`,
    });
  });

  test('a change whose response was lost succeeds although its repetition is refused', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud, requests } = await serve(async (request, response) => {
      const answer = await sls(request, response);
      if (request.number !== 2) return answer;
      response.destroy();
      return undefined;
    });
    await cloud().logStores.seal(aStore(), 'key-1', true);
    expect(requests.filter(({ line }) => line.startsWith('PUT'))).toHaveLength(2);
  });

  test('a change whose response was lost is SEALED although its repetition is throttled', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': byok('key-1', false) } });
    const { cloud, requests } = await serve(async (request, response) => {
      if (!request.line.startsWith('PUT')) return sls(request, response);
      if (request.number > 2) return refusal(503, 'ServerBusy');
      await sls(request, response);
      response.destroy();
      return undefined;
    });
    const step = { store: aStore(), action: 'SEAL', fromKeyArn: null, toKeyArn: 'key-1' } as const;
    const { journal, phases } = fakeJournal();
    const run = { runId: 'run-1', actor: 'me', journal, clock: () => new Date() };

    const change = { ...step, refusal: null, warnings: [] };
    const notAsked = () => Promise.reject(new Error('not asked'));
    const { outcome } = await executeStep(change, cloud().logStores, run, notAsked, notAsked);

    expect(outcome).toBe('SEALED');
    expect(phases()).toEqual(['a-project/a-store INTENT', 'a-project/a-store DONE']);
    expect(lines(requests).map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT', 'PUT', 'GET']);
  });

  test('a refused change keeps the message of the cloud', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud } = await serve((request, response) =>
      request.line.startsWith('PUT') ? refusal(400, 'ParameterInvalid', 'bad role') : sls(request, response),
    );
    await expect(cloud().logStores.seal(aStore(), 'key-1', true)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'ParameterInvalid: bad role',
    });
  });

  test.each([
    ['accepts the change', {}, /^SLS accepted the change of .*, but reports a key in cn-beijing$/],
    ['refuses the change', refusal(400, 'ParameterInvalid', 'bad role'), /^ParameterInvalid: bad role$/],
  ])('fails where SLS %s and reports a key of another Region', async (_, answer, message) => {
    let isChanged = false;
    const { cloud } = await serve(({ line }) => {
      if (!line.startsWith('PUT'))
        return { logstoreName: 'a-store', ...(isChanged && { encrypt_conf: byok('key-1', true, 'cn-beijing') }) };
      isChanged = true;
      return answer;
    });
    const sealed = cloud().logStores.seal(aStore(), 'key-1', true);
    await expect(sealed).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(message) });
  });

  test('a change without the right is not followed by a read', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud, requests } = await serve((request, response) =>
      request.line.startsWith('PUT') ? refusal(401, 'Unauthorized') : sls(request, response),
    );
    await expect(cloud().logStores.seal(aStore(), 'key-1', true)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(requests).toHaveLength(2);
  });

  test('a missing Logstore is NOT_FOUND, and a log group is refused', async () => {
    const { cloud } = await serve(slsOf({}));
    const { logStores } = cloud();
    await expect(logStores.seal(aStore(), 'key-1', true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const logGroup = { ...aStore(), type: 'log-group' as const };
    await expect(logStores.unseal(logGroup)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
