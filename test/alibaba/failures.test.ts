import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createCalls } from '../../lib/alibaba/calls.ts';
import { toCloudError } from '../../lib/alibaba/cloud-error.ts';
import type { CloudErrorCode } from '../../lib/errors.ts';
import { answerOf } from '../aws/builders.ts';
import { aCloud, aStore, refusal, serve, slsOf } from './tiny-server.ts';

const store = aStore();
const readOf = async (cloud: ReturnType<typeof aCloud>) => answerOf((await cloud.logStores.read([store]))[0]);

/** Waits between attempts are random up to a limit: this makes them zero. */
function withoutWaiting(): void {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
}

describe('codes of SLS', () => {
  test.each<[number, string, CloudErrorCode]>([
    [401, 'Unauthorized', 'ACCESS_DENIED'],
    [403, 'Forbidden', 'ACCESS_DENIED'],
    [401, 'SignatureNotMatch', 'CREDENTIALS'],
    [400, 'InvalidAccessKeyId', 'CREDENTIALS'],
    [403, 'InvalidAccessKeyId.NotFound', 'CREDENTIALS'],
    [403, 'SecurityToken.Expired', 'CREDENTIALS'],
    [400, 'SecurityTokenExpired', 'CREDENTIALS'],
    [400, 'RequestTimeExpired', 'CREDENTIALS'],
    [400, 'ParameterInvalid', 'INVALID_REQUEST'],
    [400, 'LogStoreInfoInvalid', 'INVALID_REQUEST'],
    [404, 'SomethingElseNotExist', 'INVALID_REQUEST'],
    [503, 'ServerBusy', 'THROTTLED'],
    [403, 'ReadQuotaExceed', 'THROTTLED'],
    [400, 'Throttling.User', 'THROTTLED'],
    [429, 'Odd', 'THROTTLED'],
    [500, 'InternalServerError', 'UNAVAILABLE'],
    [502, 'Odd', 'UNAVAILABLE'],
    [500, 'RequestTimeout', 'UNAVAILABLE'],
  ])('%i %s is %s', async (status, name, code) => {
    const { cloud } = await serve(() => refusal(status, name));
    expect(await readOf(cloud({ maxAttempts: 1 }))).toMatchObject({
      code,
      call: 'log:GetLogStore',
      message: `${name}: the words of the cloud`,
    });
  });

  test('a change that exceeds a quota is INVALID_REQUEST, since it will go on failing', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud } = await serve((request, response) =>
      request.line.startsWith('PUT') ? refusal(403, 'ProjectQuotaExceed') : sls(request, response),
    );
    await expect(cloud().logStores.seal(store, 'key-1', true)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('codes of KMS', () => {
  test.each<[number, string, CloudErrorCode]>([
    [404, 'Forbidden.KeyNotFound', 'NOT_FOUND'],
    [404, 'Forbidden.AliasNotFound', 'NOT_FOUND'],
    [400, 'InvalidParameter', 'NOT_FOUND'],
    [403, 'Forbidden.NoPermission', 'ACCESS_DENIED'],
    [403, 'Forbidden.ResourceNotFound', 'ACCESS_DENIED'],
    [400, 'Rejected.Throttling', 'THROTTLED'],
    [404, 'InvalidAccessKeyId.NotFound', 'CREDENTIALS'],
    [400, 'SignatureDoesNotMatch', 'CREDENTIALS'],
    [503, 'ServiceUnavailableTemporary', 'UNAVAILABLE'],
    [500, 'InternalFailure', 'UNAVAILABLE'],
    [409, 'Rejected.Disabled', 'INVALID_REQUEST'],
  ])('%i %s is %s', async (status, name, code) => {
    const { cloud } = await serve(() => refusal(status, name));
    await expect(cloud({ maxAttempts: 1 }).keys.describe('key-1')).rejects.toMatchObject({
      code,
      call: 'kms:DescribeKey',
      message: expect.stringContaining('the words of the cloud'),
    });
  });
});

describe('a response that is not the service’s', () => {
  test.each<[string, number, string, CloudErrorCode, RegExp]>([
    ['the page of a proxy', 502, '<html>Bad Gateway</html>', 'UNAVAILABLE', /^the response is not JSON: .*<html>/],
    ['an empty body', 500, '', 'UNAVAILABLE', /^the response is not JSON/],
    ['a page with status 200', 200, '<html>Log in</html>', 'UNAVAILABLE', /^the response is not JSON/],
    ['a list', 500, '[]', 'UNAVAILABLE', /not a object/],
    ['an error without a message', 418, '{}', 'INVALID_REQUEST', /^HTTP status 418$/],
    ['a server error without a message', 500, '{}', 'UNAVAILABLE', /^HTTP status 500$/],
    ['a refusal without a message', 403, '{}', 'ACCESS_DENIED', /^HTTP status 403$/],
    ['a wrong type', 200, '{"encrypt_conf":{"enable":"maybe"}}', 'UNAVAILABLE', /mismatch/],
  ])('%s', async (_, status, body, code, message) => {
    const { cloud } = await serve((_request, response) => {
      response.writeHead(status).end(body);
      return undefined;
    });
    expect(await readOf(cloud({ maxAttempts: 1 }))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each(['', '<?xml version="1.0"?>'])('an empty XML document: %j', async (body) => {
    const { cloud } = await serve((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/xml;charset=utf-8' }).end(body);
      return undefined;
    });
    await expect(cloud({ maxAttempts: 1 }).keys.describe('key-1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'the response is an empty XML document',
    });
  });

  test('from KMS', async () => {
    const { cloud } = await serve(({ number }, response) => {
      response.writeHead(number === 1 ? 502 : 200).end(number === 1 ? '<html>' : '{}');
      return undefined;
    });
    const { keys } = cloud({ maxAttempts: 1 });
    await expect(keys.describe('key-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(keys.describe('key-1')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: /no metadata for key-1/,
    });
  });
});

describe('the network', () => {
  test('a port that nothing listens on is NETWORK', async () => {
    const cloud = aCloud('http://127.0.0.1:9', { maxAttempts: 1 });
    const expected = { code: 'NETWORK', message: 'connect ECONNREFUSED 127.0.0.1:9' };
    expect(await readOf(cloud)).toMatchObject(expected);
    await expect(cloud.keys.describe('key-1')).rejects.toMatchObject(expected);
  });

  test('a host that does not resolve is NETWORK', async () => {
    const cloud = aCloud('http://nowhere.invalid', { maxAttempts: 1 });
    expect(await readOf(cloud)).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('nowhere.invalid') });
  });

  test('a broken connection is retried', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud } = await serve((request, response) => {
      if (request.number > 1) return sls(request, response);
      response.destroy();
      return undefined;
    });
    expect(await readOf(cloud())).toEqual({ store, keyArn: null });
  });

  test('a read gives up after 5 s of silence, but a change waits', { timeout: 20_000 }, async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud } = await serve(async (request, response) => {
      await wait(6_000);
      return sls(request, response);
    });
    const slow = serve(async (request, response) => {
      if (request.line.startsWith('PUT')) await wait(6_000);
      return slsOf({ 'a-project': { 'a-store': request.number > 2 ? { enable: true } : null } })(request, response);
    });
    const sealed = slow.then((server) => server.cloud({ maxAttempts: 1 }).logStores.seal(store, 'service-key', true));
    const [read] = await Promise.all([readOf(cloud({ maxAttempts: 1 })), sealed]);
    expect(read).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('Timeout') });
  });

  test('the failures at each address replace the empty message of an AggregateError', () => {
    const error = new AggregateError([new Error('connect ECONNREFUSED ::1:9'), new Error('refused too')], '');
    expect(toCloudError('log:GetLogStore', Object.assign(error, { code: 'ECONNREFUSED' }))).toMatchObject({
      code: 'NETWORK',
      message: 'connect ECONNREFUSED ::1:9; refused too',
    });
  });

  test('an error without a message gets its name as the message', () => {
    expect(toCloudError('log:GetLogStore', new Error())).toMatchObject({ code: 'UNAVAILABLE', message: 'Error' });
    expect(toCloudError('log:GetLogStore', 'odd')).toMatchObject({ message: 'odd' });
  });
});

describe('retries', () => {
  test.each([
    ['a busy server', () => refusal(503, 'ServerBusy')],
    ['a failing server', () => refusal(500, 'InternalServerError')],
    ['an unknown code of a server', () => refusal(504, 'Odd')],
    [
      'the page of a proxy',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(502).end('<html>');
        return undefined;
      },
    ],
  ])('%s is asked three times in all, which counts as one call', async (_, fail) => {
    withoutWaiting();
    const { cloud, requests } = await serve((_request, response) => fail(response));
    const aliCloud = cloud({ maxAttempts: 3 });
    expect(await readOf(aliCloud)).toHaveProperty('code');
    await expect(aliCloud.keys.describe('key-1')).rejects.toHaveProperty('code');
    expect(requests).toHaveLength(6);
    expect(aliCloud.apiCalls()).toEqual({ 'log:GetLogStore': 1, 'kms:DescribeKey': 1 });
  });

  test('ten requests are the default', async () => {
    withoutWaiting();
    const { cloud, requests } = await serve(() => refusal(503, 'ServerBusy'));
    await readOf(cloud({ maxAttempts: undefined }));
    expect(requests).toHaveLength(10);
  });

  test('waits double from 100 ms to 5 s', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const waits: number[] = [];
    const calls = createCalls(8, async (ms) => void waits.push(ms));
    const busy = () => Promise.reject(Object.assign(new Error('busy'), { statusCode: 503 }));

    await expect(calls.make('log:GetLogStore', busy)).rejects.toHaveProperty('code', 'UNAVAILABLE');

    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000]);
  });

  test('a transient error is retried', async () => {
    const sls = slsOf({ 'a-project': { 'a-store': null } });
    const { cloud } = await serve((request, response) =>
      request.number === 1 ? refusal(503, 'ServerBusy') : sls(request, response),
    );
    expect(await readOf(cloud())).toEqual({ store, keyArn: null });
  });

  test.each([TypeError, RangeError, ReferenceError])('a bug in this program surfaces at once: %o', async (Defect) => {
    const defect = new Defect('a bug');
    let attempts = 0;
    const calls = createCalls(10);
    const made = calls.make('log:GetLogStore', async () => {
      attempts++;
      throw defect;
    });
    await expect(made).rejects.toBe(defect);
    expect(attempts).toBe(1);
  });

  test('a TypeError of Node about the request is not such a bug', async () => {
    const cloud = aCloud('http://127.0.0.1:9', { credentials: { accessKeyId: 'a\nb', accessKeySecret: 'c' } });
    expect(await readOf(cloud)).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('Invalid character in header'),
    });
  });

  test('a permanent error is not retried', async () => {
    const { cloud, requests } = await serve(() => refusal(401, 'Unauthorized'));
    await readOf(cloud({ maxAttempts: 10 }));
    expect(requests).toHaveLength(1);
  });
});
