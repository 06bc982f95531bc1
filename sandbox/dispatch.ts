import { formatArn } from '../lib/domain/arn.ts';
import type { AlibabaCloud } from './alibaba/state.ts';
import type { Clock } from './clock.ts';
import type { FaultKeeper } from './faults.ts';
import type { LeapingClock } from './leaping-clock.ts';
import type { QuotaKeeper } from './quotas.ts';
import { accessDenied, requireRight } from './rights.ts';
import type { Role } from './role.ts';
import { ServiceError } from './service-error.ts';
import type { Call, Service } from './services/service.ts';
import { type Cloud, type Delivery, findRole, partitionOf, regionState } from './state.ts';
import type { WireRequest } from './wire.ts';
import type { Fault } from './world.ts';

/** The state behind all requests. */
export interface Engine {
  readonly cloud: Cloud;
  readonly alibaba: AlibabaCloud;
  /** The account of a request whose access key id is neither twelve digits nor the name of a role. */
  readonly account: string;
  take: QuotaKeeper;
  faults: FaultKeeper;
  readonly clock: Clock | LeapingClock;
  /** By the functions' logical ids. */
  readonly roles: Map<string, Role>;
  /** End what an instance of a function does, by the functions' logical ids. */
  readonly crashes: Map<string, (instance: number) => void>;
  /** How many events are late. */
  readonly underWay: { count: number };
  /** Carries out a call of somebody else. @returns false when it is refused */
  readonly carryOut: (other: NonNullable<Fault['other']>, near: Omit<Call, 'name' | 'role'>) => boolean;
  /** Is told of every call once it was carried out. */
  readonly onCall: (call: MadeCall) => void;
  /** How often each call came: `logs:AssociateKmsKey`, and `throttled:logs:AssociateKmsKey` when it was throttled. */
  readonly counts: Map<string, number>;
}

/** A call that was carried out. */
export interface MadeCall {
  /** When it came, and when it was carried out, by the sandbox's clock. */
  readonly cameAtMs: number;
  readonly atMs: number;
  /** `logs:AssociateKmsKey` */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly callerArn: string;
  /** The function that made it, by its logical id, and which of its instances. */
  readonly actingAs: string | undefined;
  readonly instance: number | undefined;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What a client gets instead of an answer: a dropped connection, or the error page of a load balancer. */
export type Breakdown = 'RESET' | 'BAD_GATEWAY';

/**
 * Checks a request against its quota and the injected faults, waits for injected latency, and counts the request.
 * @param place the account and Region that have the quota
 * @param connection where the answer goes
 * @returns the faults that hit the request; `throttle` when it is over its quota
 */
export async function admit(
  engine: Engine,
  place: string,
  call: string,
  input: object,
  connection = NEVER_CLOSED,
): Promise<Fault[]> {
  const isOverQuota = !engine.take(place, call);
  const faults = isOverQuota ? [] : engine.faults.strike(call, input);
  const isThrottled = isOverQuota || faults.some(({ kind }) => kind === 'throttle');
  const counted = isThrottled ? `throttled:${call}` : call;
  engine.counts.set(counted, (engine.counts.get(counted) ?? 0) + 1);
  for (const { kind, latencyMs = 1000 } of faults) {
    if (kind !== 'latency') continue;
    const over = 'delay' in engine.clock ? engine.clock.delay(connection) : () => {};
    await engine.clock.wait(latencyMs);
    over();
  }
  return isOverQuota ? [{ call: '*', kind: 'throttle' }] : faults;
}

const NEVER_CLOSED = { destroyed: false };

/**
 * Carries out a request. As on AWS, the quota is checked first, then the caller's rights.
 * @returns the output, or the breakdown that comes instead
 * @throws ServiceError
 */
export async function dispatch(
  engine: Engine,
  service: Service,
  request: WireRequest,
): Promise<{ output: unknown } | Breakdown> {
  const { operation, input } = request;
  const handle = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
  if (!handle) throw new ServiceError('UnknownOperationException', `Unknown operation ${operation}`);
  const call = callOf(engine, request, `${service.name}:${service.actions?.[operation] ?? operation}`);
  const cameAtMs = engine.clock.nowMs();
  const faults = await admit(engine, `${call.account}/${call.region}`, call.name, input, request.connection);
  const kinds = new Set(faults.map(({ kind }) => kind));
  for (const { kind, other } of faults) if (kind === 'meanwhile' && other) engine.carryOut(other, call);
  const crash = () => engine.crashes.get(request.actingAs ?? '')?.(request.instance ?? 1);
  if (kinds.has('crash')) crash();
  if (kinds.has('crash')) return 'RESET';
  if (kinds.has('expired-token') && (input['nextToken'] ?? input['ExclusiveStartKey']) !== undefined) {
    throw new ServiceError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  if (kinds.has('reset')) return 'RESET';
  if (kinds.has('throttle')) throw new ServiceError(service.throttled ?? 'ThrottlingException', 'Rate exceeded');
  if (kinds.has('unavailable')) throw new ServiceError(service.unavailable, 'The service is unavailable.', 503);
  if (kinds.has('bad-gateway')) return 'BAD_GATEWAY';
  if (kinds.has('deny')) {
    throw accessDenied(call, call.name, service.resourceArns(call, input)[0] ?? '*', 'identity');
  }
  if (kinds.has('aborted')) {
    throw new ServiceError('OperationAbortedException', 'A conflicting operation is in progress. Please try again.');
  }
  for (const resource of service.resourceArns(call, input)) requireRight(call, call.name, resource);
  const output = handle(call, input as never);
  tell(engine, request, call, cameAtMs);
  if (kinds.has('crash-after')) crash();
  return kinds.has('reset-after') || kinds.has('crash-after') ? 'RESET' : { output };
}

/** How an event is delivered: the faults of `events:PutEvents` that hit entries decide. */
export function deliveryOf({ faults, clock, underWay }: Engine, entry: object): Delivery {
  const [late] = faults.strike('events:PutEvents', entry, ['late']);
  return {
    isTwice: faults.strike('events:PutEvents', entry, ['duplicate']).length > 0,
    later(send) {
      if (!late) return send();
      underWay.count++;
      clock.after(late.latencyMs ?? 1000, () => {
        underWay.count--;
        send();
      });
    },
  };
}

/** Tells of a call that was carried out now. */
export function tell(
  { clock, onCall }: Engine,
  { input, actingAs, instance }: Pick<WireRequest, 'input' | 'actingAs' | 'instance'>,
  { name, account, region, callerArn }: Call,
  cameAtMs: number,
): void {
  onCall({ cameAtMs, atMs: clock.nowMs(), name, account, region, callerArn, actingAs, instance, input });
}

export function callOf(
  engine: Engine,
  { accessKeyId, region, actingAs }: Pick<WireRequest, 'accessKeyId' | 'region' | 'actingAs'>,
  name: string,
): Call {
  const { cloud } = engine;
  const session = cloud.sessions.get(accessKeyId);
  if (session && session.expiresAt <= cloud.now()) {
    throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired', 403);
  }
  const own = actingAs === undefined ? findRole(cloud, accessKeyId) : engine.roles.get(actingAs);
  const role = session?.role ?? own;
  if (actingAs !== undefined && !role) {
    throw new ServiceError('UnrecognizedClientException', `The template has no function ${actingAs}`, 403);
  }
  const account = role?.account ?? (/^\d{12}$/.test(accessKeyId) ? accessKeyId : engine.account);
  if (cloud.disabledRegions.get(account)?.has(region)) {
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      403,
    );
  }
  const partition = partitionOf(region);
  const user = formatArn({ partition, service: 'iam', region: '', account, resource: 'user/sandbox' });
  return {
    ...{ cloud, state: regionState(cloud, account, region), account, region, partition, name, role },
    callerArn: session?.arn ?? role?.sessionArn ?? user,
    delivery: (entry) => deliveryOf(engine, entry),
    isStruck: (kind, entry) => engine.faults.strike(name, entry, [kind]).length > 0,
    isDenied: engine.faults.denies,
  };
}
