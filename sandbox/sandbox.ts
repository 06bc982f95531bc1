import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { PRINCIPAL_VARIABLE } from '../lib/domain/key-policy/service-call.ts';
import { answerAlibaba } from './alibaba/answer.ts';
import { protocolOf } from './alibaba/wire.ts';
import { buildAlibaba } from './alibaba/world.ts';
import { buildCloud } from './build-cloud.ts';
import { type Clock, realClock } from './clock.ts';
import { type Breakdown, callOf, dispatch, type Engine, type MadeCall } from './dispatch.ts';
import { createFaultKeeper } from './faults.ts';
import type { LeapingClock } from './leaping-clock.ts';
import { carryOut, type OtherCall } from './meanwhile.ts';
import { createQuotaKeeper, type Quotas } from './quotas.ts';
import type { Right } from './role.ts';
import { ServiceError } from './service-error.ts';
import { SERVICES } from './services/index.ts';
import { type Stack, type StackOptions, startStack } from './stack/stack.ts';
import { type Answer, json, readRequest } from './wire.ts';
import { type Fault, parseFaults, parseQuotas, readWorld, type World } from './world.ts';

/** How to start a sandbox. */
export interface SandboxOptions {
  /** Default: any free port. */
  readonly port?: number | undefined;
  /** A world, or the path of its YAML file. Default: nothing exists. */
  readonly world?: World | string | undefined;
  /** Owns the world, and the requests whose access key id names no account and no role. Default: the world's account. */
  readonly account?: string | undefined;
  /** A template to deploy: its bus, rules, queues, functions and their roles. */
  readonly stack?: StackOptions | undefined;
  /** More stacks in the same account and Region, under other names. */
  readonly moreStacks?: readonly StackOptions[] | undefined;
  /** The time that faults, queues and functions work by. Default: real time. */
  readonly clock?: Clock | LeapingClock | undefined;
  /** Is told of every call to AWS once it was carried out. */
  readonly onCall?: ((call: MadeCall) => void) | undefined;
  /** The clock behind creation dates, expiring tokens and conditions on the time. */
  readonly now?: (() => Date) | undefined;
}

/** A local cloud that listens on loopback until it is closed. */
export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/** @throws UsageError that lists every mistake of the world */
export async function startSandbox(options: SandboxOptions = {}) {
  const { port: wishedPort = 0, world: source = {}, account, stack: stackOptions } = options;
  const { moreStacks = [], clock = realClock, onCall = () => {} } = options;
  const { now = ('date' in clock ? clock.date : () => new Date()) as () => Date } = options;
  const written = readWorld(source);
  const world = { ...written, account: account ?? written.account };
  const engine: Engine = {
    cloud: buildCloud(world, now),
    alibaba: buildAlibaba(world.alibaba, now),
    account: world.account,
    take: createQuotaKeeper(world.quotas, clock),
    faults: createFaultKeeper(world.faults, world.seed, clock),
    clock,
    roles: new Map(),
    crashes: new Map(),
    underWay: { count: 0 },
    carryOut: (other, near) => carryOut(engine, other, near),
    onCall,
    counts: new Map(),
  };
  const server = createServer((request, response) => void answer(engine, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(wishedPort, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const closeServer = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const place = { region: world.region, url };
  const others: Stack[] = [];
  async function deployStack() {
    const first = stackOptions && startStack(engine, stackOptions, place);
    for (const more of moreStacks) others.push(startStack(engine, more, { ...place, isFirst: false }));
    return first;
  }
  const stack = await deployStack().catch(async (error) => {
    await closeServer();
    throw error;
  });
  return {
    url,
    port,
    stack,
    moreStacks: others,
    /** The cloud itself, to be read at any time without a call. */
    cloud: engine.cloud,
    /** Carries out a call of somebody else, without a request. @returns false when AWS would refuse it */
    carryOut(other: OtherCall, region = world.region): boolean {
      const request = { accessKeyId: world.account, region, actingAs: undefined };
      return carryOut(engine, other, callOf(engine, request, other.call));
    },
    /** How often each call came. Throttled calls are counted separately, as `throttled:logs:AssociateKmsKey`. */
    calls: (): Record<string, number> => Object.fromEntries(engine.counts),
    resetCalls: () => engine.counts.clear(),
    /** Replaces all faults. @throws UsageError that lists every mistake */
    setFaults(faults: readonly Fault[]) {
      engine.faults = createFaultKeeper(parseFaults(faults), world.seed, clock);
    },
    /** Replaces all quotas. @throws UsageError that lists every mistake */
    setQuotas(quotas: Quotas | 'aws') {
      engine.take = createQuotaKeeper(parseQuotas(quotas), clock);
    },
    /** Every right that was checked against a function's role, by the function's logical id. */
    rightsUsed: (): Record<string, Right[]> =>
      Object.fromEntries([...engine.roles].map(([id, { used }]) => [id, [...used.values()]])),
    /** Variables that make an SDK, the AWS CLI or logseal use this sandbox. boto3 reads only AWS_DEFAULT_REGION. */
    environment: (): Record<string, string> => ({
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: world.account,
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_REGION: world.region,
      AWS_DEFAULT_REGION: world.region,
      ...(world.logsPrincipal !== undefined && { [PRINCIPAL_VARIABLE]: world.logsPrincipal }),
      LOGSEAL_SLS_ENDPOINT: url,
      LOGSEAL_ALIBABA_KMS_ENDPOINT: url,
      LOGSEAL_ALIBABA_RAM_ENDPOINT: url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'sandbox',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'sandbox',
    }),
    /** Drops every connection, and resolves when the port is closed. */
    async close(): Promise<void> {
      await Promise.all([stack, ...others].map((each) => each?.close()));
      await closeServer();
    },
  };
}

const BAD_GATEWAY: Answer = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>',
};

async function answer(engine: Engine, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const protocol = protocolOf(incoming);
  const answered = await (protocol ? answerAlibaba(engine, protocol, incoming) : answerAws(engine, incoming));
  if (answered === 'RESET') incoming.socket.resetAndDestroy();
  else {
    const { status, headers, body } = answered === 'BAD_GATEWAY' ? BAD_GATEWAY : answered;
    // Node dates by real time. An SDK whose own clock is far from the date of an answer repeats every call that is refused.
    const date = 'date' in engine.clock && { date: engine.clock.date().toUTCString() };
    response.writeHead(status, { ...headers, ...date, 'content-length': Buffer.byteLength(body) }).end(body);
  }
}

async function answerAws(engine: Engine, incoming: IncomingMessage): Promise<Answer | Breakdown> {
  let wire = json;
  const send = (status: number, body: string, headers: Answer['headers'] = {}): Answer => {
    const own = { 'content-type': wire.contentType, 'x-amzn-requestid': randomUUID() };
    return { status, headers: { ...own, ...headers }, body };
  };
  try {
    const request = readRequest(incoming, await text(incoming));
    const service = SERVICES.find(({ endpoint }) => endpoint === request.endpoint);
    if (!service) throw unknownEndpoint(request.endpoint);
    wire = service.wire;
    const outcome = await dispatch(engine, service, request);
    if (typeof outcome === 'string') return outcome;
    return send(200, wire.output(request.operation, outcome.output));
  } catch (error) {
    const known = error instanceof ServiceError ? error : new ServiceError('InternalFailure', `${error}`, 500);
    return send(known.status, wire.error(known), wire.errorHeaders?.(known));
  }
}

function unknownEndpoint(endpoint: string): ServiceError {
  if (endpoint.startsWith('AWSOrganizations')) {
    const message = 'Your account is not a member of an organization: the sandbox has no AWS Organizations.';
    return new ServiceError('AWSOrganizationsNotInUseException', message);
  }
  return new ServiceError('UnknownOperationException', `Unknown endpoint ${endpoint}`);
}
