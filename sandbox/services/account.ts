import type { ListRegionsResponse, RegionOptStatus } from '@aws-sdk/client-account';
import { formatArn } from '../../lib/domain/arn.ts';
import { PARTITIONS } from '../../lib/domain/partition.ts';
import { restJson } from '../wire.ts';
import type { Call, Service } from './service.ts';

/** The Regions that every account has, those that the world disables, and those that it puts anything into. */
function listRegions({ cloud, account, partition }: Call): ListRegionsResponse {
  const byDefault = PARTITIONS.find(({ name }) => name === partition)?.enabledByDefault ?? new Set<string>();
  const disabled = cloud.disabledRegions.get(account) ?? new Set<string>();
  const inUse = [...cloud.regions.keys()].filter((place) => place.startsWith(`${account}/`));
  const names = new Set([...byDefault, ...disabled, ...inUse.map((place) => place.slice(account.length + 1))]);
  const statusOf = (name: string): RegionOptStatus => {
    if (disabled.has(name)) return 'DISABLED';
    return byDefault.has(name) ? 'ENABLED_BY_DEFAULT' : 'ENABLED';
  };
  return { Regions: [...names].sort().map((RegionName) => ({ RegionName, RegionOptStatus: statusOf(RegionName) })) };
}

/** AWS Account Management: which Regions an account has. */
export const account: Service = {
  name: 'account',
  endpoint: 'account',
  wire: restJson,
  operations: { ListRegions: listRegions },
  unavailable: 'InternalServerException',
  throttled: 'TooManyRequestsException',
  resourceArns: ({ partition, account: id }) => [
    formatArn({ partition, service: 'account', region: '', account: id, resource: 'account' }),
  ],
};
