import { expect, test } from 'vitest';
import { createSls } from '../../lib/alibaba/clients.ts';
import { createAlibabaCloud } from '../../lib/alibaba/cloud.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import { aStore, byok, REGION, ROLE_ARN, refusal, serve, slsOf } from './tiny-server.ts';

const credentials = { accessKeyId: 'testAk', accessKeySecret: 'testSecret' };

test('the requests of a scan', async () => {
  const { cloud, requests, url } = await serve(slsOf({ 'test-project': { 'a-store': null, 'b-store': null } }));
  const host = new URL(url).host;

  for await (const _ of cloud({ credentials: { ...credentials, securityToken: 'stsTok' } }).logStores.pages(null));

  expect(requests.map(({ line, headers }) => [line, headers.host])).toEqual([
    ['GET /?offset=0&size=500', `sls@${host}`],
    ['GET /logstores?offset=0&size=500', `test-project.sls@${host}`],
    ['GET /logstores/a-store', `test-project.sls@${host}`],
    ['GET /logstores/b-store', `test-project.sls@${host}`],
  ]);
  for (const { headers } of requests) {
    expect(headers).toMatchObject({
      'x-log-apiversion': '0.6.0',
      'x-log-bodyrawsize': '0',
      'x-acs-security-token': 'stsTok',
      authorization: expect.stringMatching(
        /^SLS4-HMAC-SHA256 Credential=testAk\/\d{8}\/cn-hangzhou\/sls\/aliyun_v4_request,Signature=[0-9a-f]{64}$/,
      ),
    });
  }
});

test('without a security token, its header is not sent', async () => {
  const { cloud, requests } = await serve(slsOf({ p01: { s01: null } }));
  await cloud().logStores.read([aStore('p01/s01')]);
  expect(requests[0]?.headers).not.toHaveProperty('x-acs-security-token');
});

test.each([
  ['service key', null, SERVICE_KEY, { enable: true, encryptType: 'default' }],
  [
    'BYOK',
    null,
    'key-hzz1',
    { enable: true, encryptType: 'default', userCmkInfo: { keyId: 'key-hzz1', regionId: REGION, roleArn: ROLE_ARN } },
  ],
  ['toggle only', byok('key-hzz1', false), 'key-hzz1', { enable: true }],
])('the requests that attach a key: %s', async (_, configured, keyArn, body) => {
  const { cloud, requests } = await serve(slsOf({ 'test-project': { 'a-store': configured } }));

  await cloud().logStores.seal(aStore('test-project/a-store'), keyArn, true);

  expect(requests.map(({ line }) => line)).toEqual([
    'GET /logstores/a-store',
    'PUT /logstores/a-store/encryption',
    'GET /logstores/a-store',
  ]);
  expect(requests[1]?.body).toEqual(body);
  expect(requests[1]?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-log-bodyrawsize': String(JSON.stringify(body).length),
  });
});

test('the requests to KMS and RAM', async () => {
  const { cloud, requests, url } = await serve(({ action }) => {
    if (action === 'DescribeKey') return { KeyMetadata: { KeyId: 'key-hzz1' } };
    return refusal(403, 'NoPermission');
  });

  const { keys } = cloud();
  await keys.describe('key-hzz1');
  await keys.roleProblem?.();

  const { host } = new URL(url);
  expect(requests.map(({ line, headers }) => [line, headers.host, headers['x-acs-action']])).toEqual([
    ['POST /?KeyId=key-hzz1', host, 'DescribeKey'],
    ['POST /?RoleName=sls-kms', host, 'GetRole'],
  ]);
  expect(requests.map(({ headers }) => headers['x-acs-version'])).toEqual(['2016-01-20', '2015-05-01']);
  expect(requests[0]?.headers['authorization']).toMatch(/^ACS3-HMAC-SHA256 Credential=testAk,/);
});

test('the default endpoints are those of the Region, with HTTPS', () => {
  const client = createSls('cn-shanghai', { credentials });
  expect(client).toMatchObject({
    _endpoint: 'cn-shanghai.log.aliyuncs.com',
    _protocol: 'https',
    _regionId: 'cn-shanghai',
    _signatureVersion: 'v4',
    _connectTimeout: 5_000,
    _readTimeout: 30_000,
  });
  expect(client._retryOptions).toBeUndefined();
  expect(createSls('cn-shanghai', { credentials }, true)._connectTimeout).toBe(30_000);
});

test('another endpoint of the cloud is used unchanged', () => {
  const slsEndpoint = 'https://cn-hangzhou-intranet.log.aliyuncs.com';
  expect(createSls(REGION, { credentials, slsEndpoint })._endpoint).toBe('cn-hangzhou-intranet.log.aliyuncs.com');
});

test('the caller is known without a call', async () => {
  const options = { credentials, account: '', roleArn: null, mayCallRam: false };
  const cloud = createAlibabaCloud(REGION, options);
  expect(cloud.provider).toBe('alibaba');
  expect(await cloud.caller()).toEqual({ account: '', arn: 'acs:ram:*:access-key/testAk', partition: 'acs' });
  expect(await cloud.identityPolicies([])).toEqual({
    principalArn: null,
    decisions: null,
    because: 'RAM cannot simulate policies',
  });
  expect(cloud.apiCalls()).toEqual({});
});
