import type { IncomingMessage } from 'node:http';
import { ServiceError } from './service-error.ts';

/** One request as the protocols carry it, and whose it is by the credential scope of Signature Version 4. */
export interface WireRequest {
  readonly accessKeyId: string;
  readonly region: string;
  /** The logical id of the function whose role the request is made by. */
  readonly actingAs: string | undefined;
  /** `Logs_20140328`, `TrentService`; for the query protocol the service that the signature names, `sts`. */
  readonly endpoint: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** How a service writes its answers. */
export interface Wire {
  readonly contentType: string;
  output(operation: string, output: unknown): string;
  error(error: ServiceError): string;
}

/** Signatures are not checked. A path `/_as/ScanFunction` makes the request one of that function.
 * @throws ServiceError when there is none, or the body cannot be read */
export function readRequest({ headers, url = '' }: IncomingMessage, body: string): WireRequest {
  const match = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  if (!match) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  const [, accessKeyId = '', region = '', service = ''] = match;
  const actingAs = /^\/_as\/([^/?]+)/.exec(url)?.[1];
  const caller = { accessKeyId, region, actingAs };
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [endpoint = '', operation = ''] = target.split('.');
    return { ...caller, endpoint, operation, input: objectIn(body || '{}') };
  }
  const { Action: operation = '', ...input } = Object.fromEntries(new URLSearchParams(body));
  return { ...caller, endpoint: service, operation, input };
}

function objectIn(body: string): Record<string, unknown> {
  const value = parseObject(body);
  if (value) return value;
  throw new ServiceError('SerializationException', 'The request body is not a JSON object');
}

/** The JSON object that a text holds, or undefined. */
export function parseObject(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  return undefined;
}

/** AWS JSON 1.1: timestamps are seconds since 1970, and an operation without output answers nothing at all. */
export const json: Wire = {
  contentType: 'application/x-amz-json-1.1',
  output: (_operation, output) => (output === undefined ? '' : JSON.stringify(output, epochSeconds)),
  error: ({ name, message }) => JSON.stringify({ __type: name, message }),
};

function epochSeconds(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}

/** The AWS query protocol, for answers that are flat records of texts without XML's own characters. */
export function query(namespace: string): Wire {
  return {
    contentType: 'text/xml',
    output(operation, output) {
      const fields = Object.entries(output ?? {}).map(([name, value]) => `<${name}>${value}</${name}>`);
      const result = `<${operation}Result>${fields.join('')}</${operation}Result>`;
      return `<${operation}Response xmlns="${namespace}">${result}</${operation}Response>`;
    },
    error({ name, message, status }) {
      const type = status < 500 ? 'Sender' : 'Receiver';
      const error = `<Type>${type}</Type><Code>${name}</Code><Message>${message}</Message>`;
      return `<ErrorResponse xmlns="${namespace}"><Error>${error}</Error></ErrorResponse>`;
    },
  };
}
