import type { IncomingMessage } from 'node:http';
import { readRest } from './rest.ts';
import { ServiceError } from './service-error.ts';

/** An HTTP response. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request, parsed from any of the protocols. Its caller comes from the credential scope of Signature Version 4. */
export interface WireRequest {
  readonly accessKeyId: string;
  readonly region: string;
  /** The function whose role the caller has, by its logical id. */
  readonly actingAs: string | undefined;
  /** Which of the function's instances calls. */
  readonly instance: number | undefined;
  readonly connection: { readonly destroyed: boolean };
  /** `Logs_20140328`, `TrentService`; for the query protocol and REST the service that the signature names, `sts`. */
  readonly endpoint: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** How a service encodes its answers. */
export interface Wire {
  readonly contentType: string;
  output(operation: string, output: unknown): string;
  error(error: ServiceError): string;
  errorHeaders?(error: ServiceError): Readonly<Record<string, string>>;
}

/**
 * Signatures are not verified. The path `/_as/ScanFunction` gives the caller that function's role; `/_as/ScanFunction~2` is its
 * second instance, and `/_as/STACK.ScanFunction` a function of another stack than the first.
 * @throws ServiceError when there is no signature, or the body cannot be read
 */
export function readRequest({ headers, method, url = '', socket }: IncomingMessage, body: string): WireRequest {
  const match = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  if (!match) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  const [, accessKeyId = '', region = '', service = ''] = match;
  const [, actingAs, instance] = /^\/_as\/([^/?~]+)(?:~(\d+))?/.exec(url) ?? [];
  const caller = {
    accessKeyId,
    region,
    actingAs,
    instance: instance ? Number(instance) : undefined,
    connection: socket,
  };
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [endpoint = '', operation = ''] = target.split('.');
    return { ...caller, endpoint, operation, input: objectIn(body || '{}') };
  }
  const rest = readRest(service, method, url.replace(/^\/_as\/[^/?]+/, ''), parseObject(body) ?? {});
  if (rest) return { ...caller, endpoint: service, ...rest };
  const { Action: operation = '', ...input } = nested([...new URLSearchParams(body)]) as Record<string, unknown>;
  return { ...caller, endpoint: service, operation: String(operation), input };
}

/** Restores the structure that the query protocol flattens: `Names.member.1=a` becomes `{ Names: ['a'] }`. */
function nested(fields: readonly [name: string, value: string][]): unknown {
  const groups = Map.groupBy(fields, ([name]) => name.split('.', 1)[0] ?? '');
  const value = Object.fromEntries(
    [...groups].map(([head, group]) => {
      const text = group.find(([name]) => name === head)?.[1];
      const inner = () => nested(group.map(([name, one]) => [name.slice(head.length + 1), one]));
      return [head, text ?? inner()];
    }),
  );
  return value['member'] ? Object.values(value['member']) : value;
}

function objectIn(body: string): Record<string, unknown> {
  const value = parseObject(body);
  if (value) return value;
  throw new ServiceError('SerializationException', 'The request body is not a JSON object');
}

/** Parses a JSON object. Undefined for any other text. */
export function parseObject(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  return undefined;
}

/** AWS JSON 1.1: timestamps are seconds since 1970, and an operation without output has an empty body. */
export const json: Wire = {
  contentType: 'application/x-amz-json-1.1',
  output: (_operation, output) => (output === undefined ? '' : JSON.stringify(output, epochSeconds)),
  error: ({ name, message }) => JSON.stringify({ __type: name, message }),
};

function epochSeconds(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}

/** AWS REST JSON: a header names the error. */
export const restJson: Wire = {
  contentType: 'application/json',
  output: json.output,
  error: ({ message }) => JSON.stringify({ Message: message }),
  errorHeaders: ({ name }) => ({ 'x-amzn-errortype': name }),
};

/** The names of these errors in the query protocol. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  InternalServiceFault: 'InternalServiceError',
  ThrottlingException: 'Throttling',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ValidationException: 'ValidationError',
};

/** AWS JSON 1.0 of a service that once spoke the query protocol: a header has the name that an error has there. */
export const queryCompatible: Wire = {
  ...json,
  contentType: 'application/x-amz-json-1.0',
  errorHeaders: ({ name, status }) => ({ 'x-amzn-query-error': `${QUERY_NAMES[name] ?? name};${faultOf(status)}` }),
};

/** Whose fault an error is, in the words of the query protocol. */
function faultOf(status: number): 'Sender' | 'Receiver' {
  return status < 500 ? 'Sender' : 'Receiver';
}

/** The AWS query protocol. */
export function query(namespace: string): Wire {
  return {
    contentType: 'text/xml',
    output(operation, output) {
      const result = `<${operation}Result>${xml(output)}</${operation}Result>`;
      return `<${operation}Response xmlns="${namespace}">${result}</${operation}Response>`;
    },
    error({ name, message, status }) {
      const error = `<Type>${faultOf(status)}</Type><Code>${QUERY_NAMES[name] ?? name}</Code><Message>${xml(message)}</Message>`;
      return `<ErrorResponse xmlns="${namespace}"><Error>${error}</Error></ErrorResponse>`;
    },
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) {
    return String(value ?? '').replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return fields.map(([name, field]) => `<${name}>${xml(field)}</${name}>`).join('');
}
