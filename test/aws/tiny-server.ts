import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';
import type { Cloud } from '../../lib/app/ports.ts';
import { awsClouds } from '../../lib/runtime.ts';
import { aTarget } from '../support/builders.ts';
import { NO_WAITS } from '../support/host.ts';
import { stubEndpoint } from './endpoint.ts';

/** One request as the server sees it. */
export interface TinyRequest {
  /** Counted from 1. */
  readonly number: number;
  /** `DescribeLogGroups`; '' in protocols without the header. */
  readonly operation: string;
  readonly path: string;
  readonly authorization: string;
  /** The client's port, which tells its connections apart. */
  readonly port: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own requests hold
  readonly input: any;
}

/**
 * Answers one request: a body for status 200, or an error with a numeric `status`. A `status` that is a string belongs to
 * the body, as in a query's. undefined: the answer was sent through `response`.
 */
export type TinyAnswer = (
  request: TinyRequest,
  response: ServerResponse,
) => object | undefined | Promise<object | undefined>;

/** An error of AWS. */
export function refusal(name: string, message = '', status = 400): object {
  return { status, __type: name, message };
}

/** Serves `answer` to every request until the test ends, and points the SDK at it. */
export async function serve(answer: TinyAnswer): Promise<{ url: string; requests: TinyRequest[] }> {
  const requests: TinyRequest[] = [];
  const server = createServer(async (message, response) => {
    const request: TinyRequest = {
      number: requests.length + 1,
      operation: operationOf(message),
      path: message.url ?? '',
      authorization: message.headers.authorization ?? '',
      port: message.socket.remotePort,
      input: parse(await text(message)),
    };
    requests.push(request);
    const body = await answer(request, response);
    if (body === undefined) return;
    const { status, ...rest } = body as { status?: unknown };
    const isOfHttp = typeof status === 'number';
    response
      .writeHead(isOfHttp ? status : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(isOfHttp ? rest : body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  useEndpoint(url);
  return { url, requests };
}

/** Points the SDK at an endpoint until the test ends. */
export function useEndpoint(url: string): void {
  stubEndpoint(url);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** A new cloud. Two attempts keep tests of failures short. */
export function aCloud(maxAttempts = 2): Cloud {
  return awsClouds({ maxAttempts, ...NO_WAITS })(aTarget('eu-west-1'));
}

function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target'] ?? '').replace(/^.*\./, '');
}

function parse(body: string): unknown {
  return body.startsWith('{') ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}
