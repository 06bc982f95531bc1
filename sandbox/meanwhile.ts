import { formatArn } from '../lib/domain/arn.ts';
import { type Engine, tell } from './dispatch.ts';
import { ServiceError } from './service-error.ts';
import { SERVICES } from './services/index.ts';
import type { Call } from './services/service.ts';

/** A call that somebody else makes. */
export interface OtherCall {
  /** `kms:DisableKey` */
  readonly call: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Carries out the call of somebody else, a user of the same account in the same Region.
 * @returns false when AWS refuses it, which changes nothing
 */
export function carryOut(engine: Engine, { call: name, input }: OtherCall, near: Omit<Call, 'name' | 'role'>): boolean {
  const [serviceName, operation = ''] = name.split(':');
  const handle = SERVICES.find((service) => service.name === serviceName)?.operations[operation];
  if (!handle) throw new Error(`${name} is not known to the sandbox`);
  const { account, partition } = near;
  const callerArn = formatArn({ partition, service: 'iam', region: '', account, resource: 'user/somebody-else' });
  const call: Call = { ...near, callerArn, name, role: undefined };
  try {
    handle(call, structuredClone(input) as never);
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
  tell(engine, { input, actingAs: undefined, instance: undefined }, call, engine.clock.nowMs());
  return true;
}
