import type { Caller, CloudOf } from '../app/ports.ts';
import type { FunctionConfig } from '../config.ts';
import type { Target } from '../domain/target.ts';

export interface Reach {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
}

/** Why a target that an event names is not this function's to work on; undefined: it is. */
export async function whyForeign({ account, region }: Target, reach: Reach): Promise<string | undefined> {
  const { regions } = reach.config;
  if (!regions.includes(region)) return `${region} is not one of the Regions ${regions.join(', ')}`;
  const own = await ownAccount(reach);
  return account === own.account ? undefined : `it is of account ${account}, not of ${own.account}`;
}

/** The account that the function runs in, as STS names it: never as an event does. */
export function ownAccount({ config, cloudOf }: Reach): Promise<Caller> {
  return cloudOf({ provider: 'aws', account: '', region: config.homeRegion }).caller();
}
