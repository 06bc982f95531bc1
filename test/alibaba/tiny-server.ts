import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type AlibabaOptions, createAlibabaCloud } from '../../lib/alibaba/cloud.ts';
import type { Cloud } from '../../lib/app/ports.ts';
import type { LogStore } from '../../lib/domain/log-store.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';

export const REGION = 'cn-hangzhou';
export const ROLE_ARN = 'acs:ram::123456789012:role/sls-kms';

/** One request as the server sees it. */
export interface TinyRequest {
  /** Counted from 1. */
  readonly number: number;
  /** `PUT /logstores/a/encryption` */
  readonly line: string;
  /** From the Host header; '' if the request concerns no project. */
  readonly project: string;
  /** The action of KMS or RAM. */
  readonly action: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own requests hold
  readonly body: any;
}

/** Returns a body, for status 200 unless it comes from `refusal`; undefined: the answer was sent through `response`. */
export type TinyAnswer = (
  request: TinyRequest,
  response: ServerResponse,
) => object | undefined | Promise<object | undefined>;

class Refusal {
  constructor(status: number, body: object) {
    this.status = status;
    this.body = body;
  }
  readonly status: number;
  readonly body: object;
}

/** An error in the form of SLS and in that of KMS and RAM. */
export function refusal(status: number, code: string, message = 'the words of the cloud'): object {
  return new Refusal(status, {
    errorCode: code,
    errorMessage: message,
    Code: code,
    Message: message,
    RequestId: '5F0E',
  });
}

export interface TinyServer {
  readonly url: string;
  readonly requests: TinyRequest[];
  /** The most requests that were open at once. */
  readonly most: () => number;
  /** A new cloud with this server for all services. Two attempts keep tests of failures short. */
  readonly cloud: (options?: Partial<AlibabaOptions>) => Cloud;
}

/** Serves `answer` to every request until the test ends. */
export async function serve(answer: TinyAnswer): Promise<TinyServer> {
  const requests: TinyRequest[] = [];
  let [now, most] = [0, 0];
  const server = createServer(async (message, response) => {
    most = Math.max(most, ++now);
    const sent = await text(message);
    const url = new URL(message.url ?? '', 'http://any');
    const [, project = ''] = /^(.+)\.sls@/.exec(message.headers.host ?? '') ?? [];
    const request: TinyRequest = {
      number: requests.length + 1,
      line: `${message.method} ${message.url}`,
      project,
      action: String(message.headers['x-acs-action'] ?? ''),
      url,
      headers: message.headers,
      body: sent === '' ? undefined : JSON.parse(sent),
    };
    requests.push(request);
    const body = await answer(request, response);
    now--;
    if (body === undefined) return;
    const isRefusal = body instanceof Refusal;
    response
      .writeHead(isRefusal ? body.status : 200, { 'content-type': 'application/json', 'x-log-requestid': '5F0E' })
      .end(JSON.stringify(isRefusal ? body.body : body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, most: () => most, cloud: (options) => aCloud(url, options) };
}

export function aCloud(url: string, options: Partial<AlibabaOptions> = {}): Cloud {
  return createAlibabaCloud(REGION, {
    credentials: { accessKeyId: 'testAk', accessKeySecret: 'testSecret' },
    account: '123456789012',
    roleArn: ROLE_ARN,
    slsEndpoint: url,
    kmsEndpoint: url,
    ramEndpoint: url,
    mayCallRam: true,
    maxAttempts: 2,
    ...options,
  });
}

export function aStore(name = 'a-project/a-store'): LogStore {
  const [project = '', logstore = ''] = name.split('/');
  return logStoreOf(
    'logstore',
    'acs',
    { provider: 'alibaba', account: '123456789012', region: REGION },
    `${project}/${logstore}`,
  );
}

/** `encrypt_conf` as SLS returns it; null: never configured. */
export type Configured = Readonly<Record<string, unknown>> | null;

/** An SLS with some projects, each with its Logstores by name. */
export function slsOf(projects: Record<string, Record<string, Configured>>): TinyAnswer {
  return ({ url, project, line, body }) => {
    const offset = Number(url.searchParams.get('offset'));
    const page = <T>(all: readonly T[]) => all.slice(offset, offset + Number(url.searchParams.get('size')));
    if (line.startsWith('GET /?')) {
      const names = Object.keys(projects);
      const answered = page(names).map((projectName) => ({ projectName, region: REGION, status: 'Normal' }));
      return { count: answered.length, total: names.length, projects: answered };
    }
    const logstores = projects[project];
    if (!logstores) return refusal(404, 'ProjectNotExist', `The Project does not exist : ${project}`);
    if (line.startsWith('GET /logstores?')) {
      const names = Object.keys(logstores);
      return { count: page(names).length, total: names.length, logstores: page(names) };
    }
    const [, , name = '', encryption] = url.pathname.split('/');
    const configured = logstores[name];
    if (configured === undefined) return refusal(404, 'LogStoreNotExist', `logstore ${name} does not exist`);
    if (encryption === undefined)
      return { logstoreName: name, ttl: 30, ...(configured && { encrypt_conf: configured }) };
    const cmk = body.userCmkInfo;
    if (configured && (body.encryptType || cmk)) return refusal(400, 'LogStoreInfoInvalid', 'it cannot change');
    const user_cmk_info = cmk && { cmk_key_id: cmk.keyId, arn: cmk.roleArn, region_id: cmk.regionId };
    logstores[name] = configured
      ? { ...configured, enable: body.enable }
      : { enable: body.enable, encrypt_type: body.encryptType, ...(cmk && { user_cmk_info }) };
    return {};
  };
}

/** `encrypt_conf` with a key of the owner. */
export function byok(keyId: string, enable = true, region = REGION): Configured {
  return { enable, encrypt_type: 'default', user_cmk_info: { cmk_key_id: keyId, arn: ROLE_ARN, region_id: region } };
}
