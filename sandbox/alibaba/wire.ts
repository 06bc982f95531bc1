import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../service-error.ts';
import { parseObject } from '../wire.ts';
import { type AlibabaCall, parameterInvalid } from './service.ts';

/** SLS has a protocol of its own; KMS and RAM share one, which carries the operation's name. */
export type Protocol = 'SLS' | 'RPC';

/** A request as the protocols carry it. */
export interface AlibabaRequest extends Omit<AlibabaCall, 'cloud'> {
  /** `log`, `acs-kms`, `ram`. */
  readonly service: string;
  readonly operation: string;
}

/** The protocol of a request, or undefined where it is none of Alibaba Cloud. */
export function protocolOf({ headers, url = '' }: IncomingMessage): Protocol | undefined {
  const { authorization = '' } = headers;
  if (authorization.startsWith('SLS4-') || headers['x-log-apiversion']) return 'SLS';
  const isRpc = authorization.startsWith('ACS3-') || headers['x-acs-action'] || /^\/\?(.*&)?Action=/.test(url);
  return isRpc ? 'RPC' : undefined;
}

const LOGSTORE = '/logstores/(.+)';
/** By method, path and the query's `type`. The first that fits is it. */
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

/** Signatures are not checked. @throws ServiceError when there is none, or nothing known is asked for */
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
  // With a project these are other operations.
  if (!route || WITHOUT_PROJECT.includes(route.operation) === (project !== undefined)) {
    throw parameterInvalid(`${method} ${path} is not known to the sandbox, or not with such a Host`);
  }
  const logstore = route.path.exec(path)?.[1] ?? '';
  const { operation } = route;
  return { service: 'log', operation, region, project, logstore, query, body: parseObject(text) };
}

/** `PROJECT.` before the endpoint: `sls@ADDRESS` (userinfo of the URL), `localhost`, `REGION.log.aliyuncs.com`. */
function projectIn(host = ''): string | undefined {
  return /^(.*)\.(sls@[^@]+|localhost(:\d+)?|[a-z0-9-]+\.log\.aliyuncs\.com(:\d+)?)$/.exec(host)?.[1];
}

const RPC_SERVICES: Query = { '2016-01-20': 'acs-kms', '2015-05-01': 'ram' };

/** Fields come in the query or as a form; under the older signature (`signatureAlgorithm: 'v2'`) the operation, too. */
function readRpc({ headers }: IncomingMessage, search: Query, text: string): AlibabaRequest {
  const query: Query = { ...search, ...Object.fromEntries(new URLSearchParams(text)) };
  const { authorization = '', host = '' } = headers;
  const accessKeyId = /^ACS3-HMAC-SHA256 Credential=([^/,]+),/.exec(authorization)?.[1] ?? query['AccessKeyId'];
  // Assumption: the code.
  if (!accessKeyId) throw new ServiceError('MissingAccessKeyId', 'The AccessKeyId is mandatory for this action.');
  const operation = String(headers['x-acs-action'] ?? query['Action']);
  const version = String(headers['x-acs-version'] ?? query['Version']);
  const service = RPC_SERVICES[version] ?? '';
  // On loopback the endpoint names no Region; an RPC signature never does.
  const inHost = /^kms(?:-vpc)?\.([a-z0-9-]+)(?:\.aliyuncs\.com|@)/.exec(host)?.[1];
  const region = service === 'ram' ? undefined : (query['RegionId'] ?? inHost);
  return { service, operation, region, project: undefined, logstore: '', query, body: undefined };
}
