import { setTimeout as wait } from 'node:timers/promises';
import { formatArn } from '../lib/domain/arn.ts';
import type { AlibabaCloud } from './alibaba/state.ts';
import type { FaultKeeper } from './faults.ts';
import type { QuotaKeeper } from './quotas.ts';
import { accessDenied, requireRight } from './rights.ts';
import type { Role } from './role.ts';
import { ServiceError } from './service-error.ts';
import type { Call, Service } from './services/service.ts';
import { type Cloud, findRole, partitionOf, regionState } from './state.ts';
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
  /** By the functions' logical ids. */
  roles: ReadonlyMap<string, Role>;
  /** How often each call came: `logs:AssociateKmsKey`, and `throttled:logs:AssociateKmsKey` when it was throttled. */
  readonly counts: Map<string, number>;
}

/** What a client gets instead of an answer: a dropped connection, or the error page of a load balancer. */
export type Breakdown = 'RESET' | 'BAD_GATEWAY';

/**
 * Checks a request against its quota and the injected faults, waits for injected latency, and counts the request.
 * @param place the account and Region that have the quota
 * @returns the kinds of fault that hit the request; `throttle` when it is over its quota
 */
export async function admit(engine: Engine, place: string, call: string, input: object): Promise<Set<Fault['kind']>> {
  const isOverQuota = !engine.take(place, call);
  const faults = isOverQuota ? [] : engine.faults.strike(call, input);
  const kinds = new Set(isOverQuota ? ['throttle' as const] : faults.map(({ kind }) => kind));
  const counted = kinds.has('throttle') ? `throttled:${call}` : call;
  engine.counts.set(counted, (engine.counts.get(counted) ?? 0) + 1);
  for (const { kind, latencyMs = 1000 } of faults) if (kind === 'latency') await wait(latencyMs);
  return kinds;
}

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
  const kinds = await admit(engine, `${call.account}/${call.region}`, call.name, input);
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
  return kinds.has('reset-after') ? 'RESET' : { output };
}

function callOf(engine: Engine, { accessKeyId, region, actingAs }: WireRequest, name: string): Call {
  const { cloud } = engine;
  const role = actingAs === undefined ? findRole(cloud, accessKeyId) : engine.roles.get(actingAs);
  if (actingAs !== undefined && !role) {
    throw new ServiceError('UnrecognizedClientException', `The template has no function ${actingAs}`, 403);
  }
  const account = role?.account ?? (/^\d{12}$/.test(accessKeyId) ? accessKeyId : engine.account);
  const partition = partitionOf(region);
  const user = formatArn({ partition, service: 'iam', region: '', account, resource: 'user/sandbox' });
  return {
    ...{ cloud, state: regionState(cloud, account, region), account, region, partition, name, role },
    callerArn: role?.sessionArn ?? user,
    isStruck: (kind, entry) => engine.faults.strike(name, entry, [kind]).length > 0,
    isDenied: engine.faults.denies,
  };
}
