import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../service-error.ts';
import { parseObject } from '../wire.ts';
import { type AlibabaCall, parameterInvalid } from './service.ts';

/** SLS has its own protocol. KMS and RAM share one in which a request names its operation. */
export type Protocol = 'SLS' | 'RPC';

/** A request, parsed from either protocol. */
export interface AlibabaRequest extends Omit<AlibabaCall, 'cloud'> {
  /** `log`, `acs-kms`, `ram`. */
  readonly service: string;
  readonly operation: string;
}

/** The protocol of a request, or undefined when the request is not for Alibaba Cloud. */
export function protocolOf({ headers, url = '' }: IncomingMessage): Protocol | undefined {
  const { authorization = '' } = headers;
  if (authorization.startsWith('SLS4-') || headers['x-log-apiversion']) return 'SLS';
  const isRpc = authorization.startsWith('ACS3-') || headers['x-acs-action'] || /^\/\?(.*&)?Action=/.test(url);
  return isRpc ? 'RPC' : undefined;
}

const LOGSTORE = '/logstores/(.+)';
/** The operations of SLS by method, path and the query's `type`. The first match counts. */
const ROUTES = (
  [
    ['GET', '/', 'ListProject'],
    ['POST', '/', 'CreateProject'],
    ['GET', '/logstores', 'ListLogStores'],
    ['POST', '/logstores', 'CreateLogStore'],
    ['PUT', `${LOGSTORE}/encryption`, 'UpdateLogStoreEncryption'],
    ['POST', `${LOGSTORE}/shards/lb`, 'PutLogs'],
    ['GET', LOGSTORE, 'GetLogs', 'log'],
    ['GET', LOGSTORE, 'GetLogStore'],
  ] as const
).map(([method, path, operation, type]) => ({ method, path: new RegExp(`^${path}$`), operation, type }));
const WITHOUT_PROJECT = ['ListProject', 'CreateProject'];

/** Signatures are not verified. @throws ServiceError when there is no signature, or the operation is unknown */
export function readAlibaba(protocol: Protocol, incoming: IncomingMessage, text: string): AlibabaRequest {
  const [path = '', search] = (incoming.url ?? '').split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  return protocol === 'SLS' ? readSls(incoming, path, query, text) : readRpc(incoming, query, text);
}

type Query = Readonly<Record<string, string>>;

function readSls({ method, headers }: IncomingMessage, path: string, query: Query, text: string): AlibabaRequest {
  const scope = /^SLS4-HMAC-SHA256 Credential=[^/,]+\/\d{8}\/([^/]+)\/sls\/aliyun_v4_request,/;
  const [, region] = scope.exec(headers.authorization ?? '') ?? [];
  if (!region) throw new ServiceError('Unauthorized', 'The authorization is missing or malformed.', 401);
  const project = projectIn(headers.host);
  const route = ROUTES.find((one) => {
    const isHere = one.method === method && one.path.test(path);
    return isHere && (one.type === undefined || one.type === query['type']);
  });
  // `/` without a project means other operations than `/` with one.
  if (!route || WITHOUT_PROJECT.includes(route.operation) === (project !== undefined)) {
    throw parameterInvalid(`${method} ${path} is not known to the sandbox, or not with this Host`);
  }
  const logstore = route.path.exec(path)?.[1] ?? '';
  const { operation } = route;
  return { service: 'log', operation, region, project, logstore, query, body: parseObject(text) };
}

/** A host is `PROJECT.ENDPOINT`. The endpoint is `sls@ADDRESS`, `localhost` or `REGION.log.aliyuncs.com`. */
function projectIn(host = ''): string | undefined {
  return /^(.*)\.(sls@[^@]+|localhost(:\d+)?|[a-z0-9-]+\.log\.aliyuncs\.com(:\d+)?)$/.exec(host)?.[1];
}

const RPC_SERVICES: Query = { '2016-01-20': 'acs-kms', '2015-05-01': 'ram' };

/** Fields are in the query or in a form. With the older signature (`signatureAlgorithm: 'v2'`) so is the operation. */
function readRpc({ headers }: IncomingMessage, search: Query, text: string): AlibabaRequest {
  const query: Query = { ...search, ...Object.fromEntries(new URLSearchParams(text)) };
  const { authorization = '', host = '' } = headers;
  const accessKeyId = /^ACS3-HMAC-SHA256 Credential=([^/,]+),/.exec(authorization)?.[1] ?? query['AccessKeyId'];
  // Assumption: the code.
  if (!accessKeyId) throw new ServiceError('MissingAccessKeyId', 'The AccessKeyId is mandatory for this action.');
  const operation = String(headers['x-acs-action'] ?? query['Action']);
  const version = String(headers['x-acs-version'] ?? query['Version']);
  const service = RPC_SERVICES[version] ?? '';
  // An endpoint on loopback names no Region, and an RPC signature never does.
  const inHost = /^kms(?:-vpc)?\.([a-z0-9-]+)(?:\.aliyuncs\.com|@)/.exec(host)?.[1];
  const region = service === 'ram' ? undefined : (query['RegionId'] ?? inHost);
  return { service, operation, region, project: undefined, logstore: '', query, body: undefined };
}
