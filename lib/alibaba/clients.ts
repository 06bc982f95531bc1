import { subscribe } from 'node:diagnostics_channel';
import openApi, { Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import sls from '@alicloud/sls20201230';
import { ALIBABA_CONNECT_TIMEOUT_MS, ALIBABA_READ_TIMEOUT_MS } from '../pacing.ts';

/**
 * The SDK's HTTP library (httpx 2) sets a timer for the body of each response, which the SLS gateway never clears: each
 * response would stay in memory for the whole read timeout, thousands at a time. This clears it. A stalled response still
 * ends by the timeout of the connection. If the timer does not exist, nothing happens.
 */
subscribe('http.client.response.finish', (message) => {
  const socket: unknown = (message as { request?: { socket?: unknown } }).request?.socket;
  if (typeof socket !== 'object' || socket === null) return;
  const timer = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'TIMER::READ_TIMER');
  if (timer) clearTimeout((socket as Record<symbol, NodeJS.Timeout>)[timer]);
});

/** What all clients need. */
export interface AlibabaClients {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string | undefined;
  };
  /** URLs; default: the endpoints of the Region. Only protocol, host and port are used. */
  readonly slsEndpoint?: string | undefined;
  readonly kmsEndpoint?: string | undefined;
  readonly ramEndpoint?: string | undefined;
}

/** Both packages are CommonJS: what Node imports as the default contains the class as `default`, with other loaders it is the class. */
const Sls = (sls.default ?? sls) as typeof sls.default;
const OpenApi = (openApi.default ?? openApi) as typeof openApi.default;

export type SlsClient = InstanceType<typeof Sls>;

/** Makes one call of an RPC-style API. @returns the body of the response, unchecked */
export type Rpc = (action: string, query: Readonly<Record<string, string>>) => Promise<Record<string, unknown>>;

/**
 * @param isPatient whether to wait for a response to begin as long as for the whole response. The SDKs' connect timeout
 * limits every silence on the connection, so other clients give up earlier.
 */
export function createSls(region: string, { credentials, slsEndpoint }: AlibabaClients, isPatient = false): SlsClient {
  const config = configOf(region, credentials, slsEndpoint, `${region}.log.aliyuncs.com`);
  // The SDK prepends the project to the host, which resolves only in the cloud: the @ makes the project the URL's user.
  if (slsEndpoint && !config.endpoint?.endsWith('.aliyuncs.com')) config.endpoint = `sls@${config.endpoint}`;
  config.signatureVersion = 'v4';
  if (isPatient) config.connectTimeout = ALIBABA_READ_TIMEOUT_MS;
  return new Sls(config);
}

export function createKms(region: string, { credentials, kmsEndpoint }: AlibabaClients): Rpc {
  return createRpc('2016-01-20', configOf(region, credentials, kmsEndpoint, `kms.${region}.aliyuncs.com`));
}

/** RAM is global; the Region is only needed to build the client. */
export function createRam(region: string, { credentials, ramEndpoint }: AlibabaClients): Rpc {
  return createRpc('2015-05-01', configOf(region, credentials, ramEndpoint, 'ram.aliyuncs.com'));
}

/** Without `retryOptions`, because `Calls` retries. */
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
  // The SDK reads only fields of it, and its class is in a package that is not a direct dependency.
  const runtime = {} as Parameters<typeof client.callApi>[2];
  return async (action, query) => {
    const params = new Params({ action, version, style: 'RPC', authType: 'AK', ...wire });
    const request = new OpenApiRequest({ query: { ...query } });
    const { body } = await client.callApi(params, request, runtime).catch(refuseEmptyXml);
    return body;
  };
}

/** The SDK reads `Error` from an XML response even if that has no root element. The TypeError is not a bug in this program. */
function refuseEmptyXml(error: unknown): never {
  if (error instanceof TypeError && error.message.endsWith("(reading 'Error')"))
    throw new Error('the response is an empty XML document', { cause: error });
  throw error;
}
