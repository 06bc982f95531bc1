import { subscribe } from 'node:diagnostics_channel';
import openApi, { Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import sls from '@alicloud/sls20201230';
import { ALIBABA_CONNECT_TIMEOUT_MS, ALIBABA_READ_TIMEOUT_MS } from '../pacing.ts';

/**
 * The SDK's HTTP library (httpx 2) sets a timer for the body of each answer, and SLS's gateway reads bodies in a way that
 * never clears it: every answer would stay in memory for the read timeout, thousands at a time. The connection's own
 * timeout, the longest silence, still ends an answer that stalls. Without the timer, or under another name, nothing happens.
 */
subscribe('http.client.response.finish', (message) => {
  const socket: unknown = (message as { request?: { socket?: unknown } }).request?.socket;
  if (typeof socket !== 'object' || socket === null) return;
  const timer = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'TIMER::READ_TIMER');
  if (timer) clearTimeout((socket as Record<symbol, NodeJS.Timeout>)[timer]);
});

/** What every client needs. */
export interface AlibabaClients {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string | undefined;
  };
  /** URLs; default the Region's own. Of each, only protocol, host and port count. */
  readonly slsEndpoint?: string | undefined;
  readonly kmsEndpoint?: string | undefined;
  readonly ramEndpoint?: string | undefined;
}

/** Both are CommonJS: their classes are the `default` of what Node, but not every loader, imports as the default. */
const Sls = (sls.default ?? sls) as typeof sls.default;
const OpenApi = (openApi.default ?? openApi) as typeof openApi.default;

export type SlsClient = InstanceType<typeof Sls>;

/** Makes one call of an RPC-style API. @returns the answer's body as it came */
export type Rpc = (action: string, query: Readonly<Record<string, string>>) => Promise<Record<string, unknown>>;

/**
 * @param patient waits for an answer as long as for the whole of it. The SDKs' connect timeout is the longest silence on a
 * connection, be it open or not: others give up an answer that does not begin within it.
 */
export function createSls(region: string, { credentials, slsEndpoint }: AlibabaClients, patient = false): SlsClient {
  const config = configOf(region, credentials, slsEndpoint, `${region}.log.aliyuncs.com`);
  // A project is put before the host, and names nothing there but at the cloud itself: this makes it the URL's user.
  if (slsEndpoint && !config.endpoint?.endsWith('.aliyuncs.com')) config.endpoint = `sls@${config.endpoint}`;
  config.signatureVersion = 'v4';
  if (patient) config.connectTimeout = ALIBABA_READ_TIMEOUT_MS;
  return new Sls(config);
}

export function createKms(region: string, { credentials, kmsEndpoint }: AlibabaClients): Rpc {
  return createRpc('2016-01-20', configOf(region, credentials, kmsEndpoint, `kms.${region}.aliyuncs.com`));
}

/** RAM has no Regions. */
export function createRam(region: string, { credentials, ramEndpoint }: AlibabaClients): Rpc {
  return createRpc('2015-05-01', configOf(region, credentials, ramEndpoint, 'ram.aliyuncs.com'));
}

/** `retryOptions` are left out: there are other retries (`Calls`). */
function configOf(
  regionId: string,
  credentials: AlibabaClients['credentials'],
  url: string | undefined,
  host: string,
): Config {
  const { protocol, host: endpoint } = new URL(url || `https://${host}`);
  return new Config({
    ...credentials,
    regionId,
    endpoint,
    protocol: protocol.slice(0, -1),
    connectTimeout: ALIBABA_CONNECT_TIMEOUT_MS,
    readTimeout: ALIBABA_READ_TIMEOUT_MS,
  });
}

function createRpc(version: string, config: Config): Rpc {
  const client = new OpenApi(config);
  const wire = { protocol: 'HTTPS', method: 'POST', pathname: '/', reqBodyType: 'formData', bodyType: 'json' };
  // Its class is in a package of its own, and only its fields are read.
  const runtime = {} as Parameters<typeof client.callApi>[2];
  return async (action, query) => {
    const params = new Params({ action, version, style: 'RPC', authType: 'AK', ...wire });
    const request = new OpenApiRequest({ query: { ...query } });
    const { body } = await client.callApi(params, request, runtime).catch(refuseEmptyXml);
    return body;
  };
}

/** The SDK reads `Error` from an XML answer even if it has no root element. That TypeError is not a bug of this program. */
function refuseEmptyXml(error: unknown): never {
  if (error instanceof TypeError && error.message.endsWith("(reading 'Error')"))
    throw new Error('the answer is an empty XML document', { cause: error });
  throw error;
}
