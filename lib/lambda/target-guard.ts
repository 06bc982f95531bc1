import type { Caller, CloudOf } from '../app/ports.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { partitionOfRegion } from '../domain/partition.ts';
import { regionMistake } from '../domain/providers/aws.ts';
import { ALL_REGIONS, type Target } from '../domain/target.ts';
import type { IsMember } from './membership.ts';

export interface Reach {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  readonly isMember: IsMember;
}

/** What an event is about, and who sent it. */
export interface Origin {
  readonly target: Target;
  /** The account that sent an event of logseal itself, as EventBridge names it. Absent: AWS sent the event. */
  readonly sender?: string;
}

/**
 * Checks that an event is about a configured account and Region, and that one of logseal's own events comes from logseal: a member
 * account may be admitted to the bus.
 * @returns why the event must be ignored; undefined when the target is one that the function may work on
 * @throws CloudError when STS does not say which account this is, or the organization not whether the other one is a member
 */
export async function reasonToIgnore({ target, sender }: Origin, reach: Reach): Promise<string | undefined> {
  const { account, region } = target;
  const { regions, homeRegion, members } = reach.config;
  if (regions && !regions.includes(region)) return `${region} is not one of the Regions ${regions.join(', ')}`;
  if (!regions && region !== ALL_REGIONS && !isInPartitionOf(homeRegion, region))
    return `${region} is no Region of this partition`;
  const own = await ownAccount(reach);
  if (sender !== undefined && sender !== own.account) {
    return `it was sent by account ${sender}, and only events of account ${own.account} count`;
  }
  if (account === own.account || (await reach.isMember(account))) return undefined;
  const others = members ? ' or a configured member' : '';
  return `it is about account ${account}, not about ${own.account}${others}`;
}

/** The account that the function runs in. STS says which one that is; an event is never asked. */
export function ownAccount({ config, cloudOf }: Pick<Reach, 'config' | 'cloudOf'>): Promise<Caller> {
  return cloudOf({ provider: 'aws', account: '', region: config.homeRegion }).caller();
}

/** By its form only: which Regions there are is not known. */
function isInPartitionOf(home: string, region: string): boolean {
  return regionMistake(region) === undefined && partitionOfRegion(region)?.name === partitionOfRegion(home)?.name;
}
