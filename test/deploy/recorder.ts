import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call that a function made, and its result. */
export interface RecordedCall {
  /** From the endpoint's path `/_as/ScanFunction`. */
  readonly functionId: string;
  /** `AssociateKmsKey` */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** When it was answered, by `performance.now()`. */
  readonly answeredAtMs: number;
}

/** Who calls: the access key id of the signature, and the function whose endpoint it is. */
export interface SignedBy {
  readonly accessKeyId: string;
  /** Empty for somebody else. */
  readonly functionId: string;
}

/**
 * A proxy between the functions and the sandbox that records every call.
 * @param introduce is waited for before a call is passed on
 */
export async function startRecorder(sandboxUrl: string, introduce: (caller: SignedBy) => Promise<void>) {
  const calls: RecordedCall[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { 'x-amz-target': target = '', authorization = '' } = request.headers;
    const [, operation = ''] = String(target).split('.');
    const functionId = request.url?.split('/')[2] ?? '';
    const [, accessKeyId = ''] = /Credential=([^/]+)/.exec(authorization) ?? [];
    await introduce({ accessKeyId, functionId });
    const { status, answer } = await passOn(sandboxUrl, request, body);
    calls.push({ functionId, operation, input: JSON.parse(body), status, answeredAtMs: performance.now() });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    /** The successful calls of one operation. */
    made: (operation: string) => calls.filter((call) => call.operation === operation && call.status === 200),
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function passOn(sandboxUrl: string, { url, headers }: IncomingMessage, body: string) {
  const kept = ['authorization', 'x-amz-target', 'content-type'].map((name) => [name, String(headers[name] ?? '')]);
  const response = await fetch(`${sandboxUrl}${url}`, { method: 'POST', headers: Object.fromEntries(kept), body });
  return { status: response.status, answer: await response.text() };
}
