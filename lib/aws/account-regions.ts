import type { RegionOptStatus } from '@aws-sdk/client-account';
import type { AccountRegion } from '../app/ports.ts';
import { inEveryAccount } from '../domain/partition.ts';
import { CloudError, type CloudErrorCode } from '../errors.ts';
import { ACCOUNT_REGIONS_PER_CALL, REGION_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

const LIST = 'account:ListRegions';
const DESCRIBE = 'ec2:DescribeRegions';

/**
 * The Regions of the caller's account, from Account Management, or from EC2 where that refuses. Loads its SDK clients when called.
 * @returns a function that throws the refusal of Account Management where both refuse
 */
export function createAccountRegions(region: string, options: AwsOptions, calls: Calls) {
  // Where the account has not enabled the Region that is worked on, it can be asked nothing there.
  const asked = inEveryAccount(region);
  return async (): Promise<readonly AccountRegion[]> => {
    try {
      return await listRegions(asked, options, calls);
    } catch (error) {
      if (!(error instanceof CloudError) || NOT_REFUSED.has(error.code)) throw error;
      return describeRegions(asked, options, calls).catch(() => Promise.reject(error));
    }
  };
}

/** EC2 would not answer either. Not NETWORK: there may be no endpoint of Account Management in other partitions than `aws`. */
const NOT_REFUSED: ReadonlySet<CloudErrorCode> = new Set(['THROTTLED', 'UNAVAILABLE', 'ROLE_REFUSED', 'CREDENTIALS']);

async function listRegions(region: string, options: AwsOptions, calls: Calls): Promise<AccountRegion[]> {
  const { AccountClient, ListRegionsCommand } = await import('@aws-sdk/client-account');
  const client = new AccountClient(clientSettings(region, options));
  const pages = pagesOf(
    undefined,
    async (NextToken) => {
      const command = new ListRegionsCommand({ MaxResults: ACCOUNT_REGIONS_PER_CALL, ...(NextToken && { NextToken }) });
      const answer = await calls.make(LIST, () => client.send(command));
      return { items: answer.Regions ?? [], nextToken: answer.NextToken };
    },
    () => new CloudError('UNAVAILABLE', LIST, 'the list never ends: a NextToken was returned twice'),
  );
  const regions: AccountRegion[] = [];
  for await (const { items } of pages) {
    for (const { RegionName: name = '', RegionOptStatus: status } of items) {
      regions.push({ name, isEnabled: status !== undefined && ENABLED.has(status) });
    }
  }
  return regions;
}

const ENABLED: ReadonlySet<RegionOptStatus> = new Set(['ENABLED', 'ENABLED_BY_DEFAULT']);

async function describeRegions(region: string, options: AwsOptions, calls: Calls): Promise<AccountRegion[]> {
  const { DescribeRegionsCommand, EC2Client } = await import('@aws-sdk/client-ec2');
  const maxAttempts = Math.min(options.maxAttempts ?? REGION_ATTEMPTS, REGION_ATTEMPTS);
  const client = new EC2Client(clientSettings(region, { ...options, maxAttempts }));
  const command = new DescribeRegionsCommand({ AllRegions: true });
  const { Regions = [] } = await calls.make(DESCRIBE, () => client.send(command));
  return Regions.map(({ RegionName: name = '', OptInStatus: status }) => ({
    name,
    isEnabled: status === 'opted-in' || status === 'opt-in-not-required',
  }));
}
