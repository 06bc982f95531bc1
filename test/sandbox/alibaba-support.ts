import { request } from 'node:http';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import type OpenApi from '@alicloud/openapi-client';
import type Sls from '@alicloud/sls20201230';
import { onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';

// Node and Vitest disagree about the default export of a CommonJS module. `require` avoids the question.
const require = createRequire(import.meta.url);
export const SLS: typeof Sls = require('@alicloud/sls20201230');
const { default: Client, Config, OpenApiRequest, Params }: typeof OpenApi = require('@alicloud/openapi-client');

export const REGION = 'cn-hangzhou';
export const PROJECT = 'app-logs';
export const ROLE = 'acs:ram::1234567890123456:role/aliyunlogdefaultrole';

type Contents = NonNullable<NonNullable<World['alibaba']>['regions']>[string];

/** A sandbox with unmodified SDK clients for the world's `cn-hangzhou`, closed when the test is over. */
export async function anAlibabaSandbox(contents: Contents = {}, world: World = {}) {
  const alibaba = { ...world.alibaba, regions: { [REGION]: contents, ...world.alibaba?.regions } };
  const sandbox = await startSandbox({ world: { ...world, alibaba } });
  onTestFinished(() => sandbox.close());
  return { sandbox, sls: slsClient(sandbox), ...rpcClients(sandbox) };
}

interface Caller {
  readonly region?: string;
  readonly endpoint?: string;
  readonly securityToken?: string;
  readonly signatureAlgorithm?: string;
}

function configOf(caller: Caller, endpoint: string) {
  const { region: regionId = REGION, ...more } = caller;
  const keys = { accessKeyId: 'testAk', accessKeySecret: 'testSk' };
  return { ...keys, regionId, protocol: 'http', endpoint, ...more };
}

export function slsClient({ port }: Pick<Sandbox, 'port'>, caller: Caller = {}) {
  const config = { ...configOf(caller, `sls@127.0.0.1:${port}`), signatureVersion: 'v4' };
  return new SLS.default(config as ConstructorParameters<typeof SLS.default>[0]);
}

/** Clients for the RPC protocol: `kms('DescribeKey', { KeyId })`. */
export function rpcClients({ port }: Pick<Sandbox, 'port'>, caller: Caller = {}) {
  const client = new Client(new Config(configOf(caller, `127.0.0.1:${port}`)));
  const calling =
    (version: string) =>
    async (action: string, query: Record<string, string> = {}) => {
      const place = { protocol: 'HTTP', method: 'POST', style: 'RPC', pathname: '/' };
      const types = { authType: 'AK', reqBodyType: 'formData', bodyType: 'json' };
      const params = new Params({ action, version, ...place, ...types });
      return (await client.callApi(params, new OpenApiRequest({ query }), {} as never))['body'];
    };
  return { kms: calling('2016-01-20'), ram: calling('2015-05-01') };
}

export const pageFrom = (offset: number, size = 500) => ({
  projects: new SLS.ListProjectRequest({ offset, size }),
  logstores: new SLS.ListLogStoresRequest({ offset, size }),
});
export const lastHour = new SLS.GetLogsRequest({ from: 1, to: 3601, query: '*' });

/** The status and the message of the error that a call fails with, or `no error`. */
export async function refused(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error) => `${error.statusCode ?? error.name} ${error.message}`,
  );
}

export const SLS_AUTHORIZATION = `SLS4-HMAC-SHA256 Credential=ak/20261120/${REGION}/sls/aliyun_v4_request,Signature=x`;

/** Sends a request that no SDK would send, or whose answer no SDK would show. */
export async function send(
  { port }: Pick<Sandbox, 'port'>,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
) {
  const [method, path] = line.split(' ');
  const outgoing = request({ port, method, path, headers });
  outgoing.end(body);
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** A sandbox with a project of Logstores, and calls to one of them. */
export async function aProject(...[contents, world]: Parameters<typeof anAlibabaSandbox>) {
  const projects = { [PROJECT]: { fresh: 'off', service: 'service-key', sealed: 'mine' } };
  const keys = { mine: {}, other: {}, ...contents?.keys };
  const made = await anAlibabaSandbox({ projects, ...contents, keys }, world);
  const { sls } = made;
  const update = (name: string, fields: { userCmkInfo?: object } & Record<string, unknown>) => {
    const info = fields.userCmkInfo && new SLS.UpdateLogStoreEncryptionRequestUserCmkInfo({ ...fields.userCmkInfo });
    const request = new SLS.UpdateLogStoreEncryptionRequest({ ...fields, ...(info && { userCmkInfo: info }) });
    return refused(sls.updateLogStoreEncryption(PROJECT, name, request));
  };
  const conf = async (name: string) => (await sls.getLogStore(PROJECT, name)).body?.encryptConf;
  const read = (name: string) => refused(sls.getLogs(PROJECT, name, lastHour));
  const headers = { authorization: SLS_AUTHORIZATION, host: `${PROJECT}.sls@127.0.0.1` };
  const write = (name: string) => send(made.sandbox, `POST /logstores/${name}/shards/lb`, headers, '\u0001\u0002');
  return { ...made, update, conf, read, write };
}
