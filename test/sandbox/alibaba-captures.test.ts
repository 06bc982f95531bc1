import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  CreateLogStoreRequest,
  EncryptConf,
  EncryptUserCmkConf,
  UpdateLogStoreEncryptionRequest,
  UpdateLogStoreEncryptionRequestUserCmkInfo,
} from '@alicloud/sls20201230';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anAlibabaSandbox, pageFrom, REGION, send, slsClient } from './alibaba-support.ts';

const TEXT = readFileSync(new URL('../cases/alibaba-sls-captures.txt', import.meta.url), 'utf8');
const WORLD = { projects: { 'test-project': { 'a-store': 'off', 'b-store': 'off' }, busy: { xxx: 'off' } } };

/** Requests as the SDK sent them, and how it read the answers. */
const CAPTURES = TEXT.split(/^=== /m).flatMap((part) => {
  const [title, request = ''] = part.split(/\n([\s\S]*?)\n# signature check/);
  if (!title) return [];
  const [head = '', body = ''] = request.split('\n\n');
  const [line = '', ...fields] = head.split('\n');
  const headers = fields.map((field) => field.split(': '));
  const thrown = /^--> THROWN (.*)$/m.exec(part)?.[1];
  const { statusCode, code } = JSON.parse(thrown ?? /^--> (.*)$/m.exec(part)?.[1] ?? '{}');
  const answer = { status: statusCode as number, ...(thrown && { code: code as string }) };
  return [
    {
      title,
      line: line.replace(' HTTP/1.1', ''),
      headers: Object.fromEntries(headers.map(([name = '', value = '']) => [name.toLowerCase(), value])),
      body: body.trim(),
      answer,
    },
  ];
});

/** These fail in the sandbox, because their CMKs do not exist in it. */
const REFUSED: Record<string, object> = {
  'v4 updateLogStoreEncryption BYOK': { status: 400, code: 'LogStoreInfoInvalid' },
  'v4 createLogStore with encryptConf': { status: 400, code: 'LogStoreInfoInvalid' },
};

type Client = ReturnType<typeof slsClient>;
const encrypt = (fields: object) => new UpdateLogStoreEncryptionRequest({ ...fields });
const service = encrypt({ enable: true, encryptType: 'default' });
const userCmkInfo = new UpdateLogStoreEncryptionRequestUserCmkInfo({
  keyId: 'key-hzz1',
  regionId: REGION,
  roleArn: 'acs:ram::123456789012:role/aliyunlogdefaultrole',
});
const encryptConf = new EncryptConf({
  enable: true,
  encryptType: 'default',
  userCmkInfo: new EncryptUserCmkConf({ arn: 'a', cmkKeyId: 'k', regionId: REGION }),
});
const CALLS: Record<string, (sls: Client) => Promise<unknown>> = {
  'v4 listProject': (sls) => sls.listProject(pageFrom(0).projects),
  'v4 listLogStores': (sls) => sls.listLogStores('test-project', pageFrom(0).logstores),
  'v4 getLogStore (no encrypt_conf)': (sls) => sls.getLogStore('test-project', 'a-store'),
  'v4 updateLogStoreEncryption service key': (sls) => sls.updateLogStoreEncryption('test-project', 'a-store', service),
  'v4 updateLogStoreEncryption BYOK': (sls) =>
    sls.updateLogStoreEncryption(
      'test-project',
      'a-store',
      encrypt({ enable: true, encryptType: 'sm4_gcm', userCmkInfo }),
    ),
  'v4 updateLogStoreEncryption toggle only': (sls) =>
    sls.updateLogStoreEncryption('test-project', 'a-store', encrypt({ enable: false })),
  'v4 getLogStore (encrypt_conf, after BYOK)': (sls) => sls.getLogStore('test-project', 'a-store'),
  'v4 createLogStore with encryptConf': (sls) =>
    sls.createLogStore(
      'test-project',
      new CreateLogStoreRequest({ encryptConf, logstoreName: 'c-store', shardCount: 2, ttl: 30 }),
    ),
  'v4 getLogStore missing': (sls) => sls.getLogStore('test-project', 'missing'),
  'v4 project missing': (sls) => sls.updateLogStoreEncryption('nope', 'x', service),
  'v4 503 busy': (sls) => sls.getLogStore('busy', 'x'),
};

/** A proxy in front of the sandbox that records the requests. */
async function aRecorder(to: number) {
  const seen: { line: string; headers: string[]; body: string; status: number | undefined }[] = [];
  const server = createServer(async (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const body = await text(incoming);
    const outgoing = request({ port: to, method, path, headers }, (answer) => {
      seen.push({ line: `${method} ${path}`, headers: Object.keys(headers).sort(), body, status: answer.statusCode });
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

const faults = [{ call: 'log:GetLogStore', kind: 'throttle', resource: 'busy' }] as const;

describe('the captured requests', () => {
  it('are what the SDK sends to the sandbox, and get the same answers', async () => {
    const { sandbox } = await anAlibabaSandbox(WORLD as never, { faults: [...faults] });
    const recorder = await aRecorder(sandbox.port);
    const sls = slsClient(recorder, { securityToken: 'stsTok' });

    const answers = [];
    for (const { title } of CAPTURES) {
      const call = CALLS[title]?.(sls) ?? Promise.reject(new Error(`no call for ${title}`));
      const { statusCode: status, code } = (await call.catch((error) => error)) as Record<string, unknown>;
      answers.push({ title, status, ...(code !== undefined && { code }) });
    }

    expect(recorder.seen.map(({ line, headers, body }) => ({ line, headers, body }))).toEqual(
      CAPTURES.map(({ line, headers, body }) => ({ line, headers: Object.keys(headers).sort(), body })),
    );
    expect(answers).toEqual(CAPTURES.map(({ title, answer }) => ({ title, ...answer, ...REFUSED[title] })));
    expect(CAPTURES).toHaveLength(11);
  });

  it('get the same answers when they are replayed, with the project in the host name', async () => {
    const { sandbox } = await anAlibabaSandbox(WORLD as never, { faults: [...faults] });
    for (const { title, line, headers, body, answer } of CAPTURES) {
      const got = await send(sandbox, line, headers, body);
      const code = got.status === 200 ? {} : { code: JSON.parse(got.body).errorCode };
      expect({ title, status: got.status, ...code }).toEqual({ title, ...answer, ...REFUSED[title] });
      expect(got.headers['x-log-requestid']).toMatch(/\S/);
    }
  });
});
