import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { admit, type Breakdown, type Engine } from '../dispatch.ts';
import { ServiceError } from '../service-error.ts';
import type { Answer } from '../wire.ts';
import { ALIBABA_SERVICES } from './services.ts';
import { type Protocol, readAlibaba } from './wire.ts';

/** The errors of each protocol for injected faults. Assumption: KMS and RAM use the same ones. */
const FAULTS = {
  SLS: {
    throttle: new ServiceError('ServerBusy', 'The server is busy, please try again later.', 503),
    unavailable: new ServiceError('InternalServerError', 'Internal server error message.', 500),
    deny: new ServiceError('Unauthorized', 'denied by sts or ram, please check your access policy', 401),
  },
  RPC: {
    throttle: new ServiceError('Throttling.User', 'Request was denied due to user flow control.'),
    unavailable: new ServiceError('InternalServerError', 'The request processing has failed due to some error.', 500),
    deny: new ServiceError('NoPermission', 'You are not authorized to do this action.', 403),
  },
};

/** Answers a request to Alibaba Cloud. Quotas, faults and counts are shared with the AWS services. */
export async function answerAlibaba(
  engine: Engine,
  protocol: Protocol,
  incoming: IncomingMessage,
): Promise<Answer | Breakdown> {
  const requestId = randomUUID().toUpperCase();
  const send = (status: number, body: unknown) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-log-requestid': requestId },
    body: body === undefined ? '' : JSON.stringify(body),
  });
  try {
    const outcome = await answerCall(engine, protocol, incoming, await text(incoming));
    if (typeof outcome === 'string') return outcome;
    const { output } = outcome;
    return send(200, protocol === 'RPC' ? { RequestId: requestId, ...Object(output) } : output);
  } catch (error) {
    const known = error instanceof ServiceError ? error : new ServiceError('InternalServerError', `${error}`, 500);
    const { name, message, status } = known;
    const rpc = { RequestId: requestId, HostId: incoming.headers.host, Code: name, Message: message };
    return send(status, protocol === 'RPC' ? rpc : { errorCode: name, errorMessage: message });
  }
}

async function answerCall(
  engine: Engine,
  protocol: Protocol,
  incoming: IncomingMessage,
  body: string,
): Promise<{ output: unknown } | Breakdown> {
  const { alibaba: cloud } = engine;
  const { service, operation, ...request } = readAlibaba(protocol, incoming, body);
  const operations = ALIBABA_SERVICES[service] ?? {};
  const carry = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  // Assumption: the status. Only RPC requests name an operation, so only they can name an unknown one.
  if (!carry) throw new ServiceError('InvalidAction.NotFound', `${operation} is not known to the sandbox`, 404);
  const { project, logstore, query } = request;
  const fields = { project, logstore, store: `${project}/${logstore}`, ...query, ...request.body };
  const place = `${cloud.account}/${request.region}`;
  const faults = await admit(engine, place, `${service}:${operation}`, fields);
  const kinds = new Set(faults.map(({ kind }) => kind));
  if (kinds.has('reset')) return 'RESET';
  for (const kind of ['throttle', 'unavailable', 'deny'] as const) if (kinds.has(kind)) throw FAULTS[protocol][kind];
  if (kinds.has('bad-gateway')) return 'BAD_GATEWAY';
  const output = carry({ cloud, ...request });
  return kinds.has('reset-after') ? 'RESET' : { output };
}
