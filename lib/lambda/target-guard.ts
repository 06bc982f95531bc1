import type { CloudOf } from '../app/ports.ts';
import type { FunctionConfig } from '../config.ts';

/** Whose account this is, AWS says; which Regions, the configuration. */
export async function whyForeign(
  { account, region }: { readonly account: string; readonly region: string },
  { config, cloudOf }: { readonly config: FunctionConfig; readonly cloudOf: CloudOf },
): Promise<string | undefined> {
  if (!config.regions.includes(region)) return `${region} is not one of the Regions ${config.regions.join(', ')}`;
  const caller = await cloudOf(config.homeRegion).caller();
  return account === caller.account ? undefined : `it is of account ${account}, not of ${caller.account}`;
}
