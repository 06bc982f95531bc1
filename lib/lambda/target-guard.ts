import type { Caller, CloudOf } from '../app/ports.ts';
import type { FunctionConfig } from '../config/functions.ts';
import type { Target } from '../domain/target.ts';

export interface Reach {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
}

/**
 * Checks that an event is about this account and a configured Region.
 * @returns why the event must be ignored; undefined when the target is one that the function may work on
 * @throws CloudError when STS does not say which account this is
 */
export async function reasonToIgnore({ account, region }: Target, reach: Reach): Promise<string | undefined> {
  const { regions } = reach.config;
  if (!regions.includes(region)) return `${region} is not one of the Regions ${regions.join(', ')}`;
  const own = await ownAccount(reach);
  return account === own.account ? undefined : `it is about account ${account}, not about ${own.account}`;
}

/** The account that the function runs in. STS says which one that is; an event is never asked. */
export function ownAccount({ config, cloudOf }: Reach): Promise<Caller> {
  return cloudOf({ provider: 'aws', account: '', region: config.homeRegion }).caller();
}
