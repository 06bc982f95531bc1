import type { GetResourcesCommandInput, ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import type { LogStoreTags } from '../app/ports.ts';
import type { Tags } from '../domain/match.ts';
import { LOG_GROUP, withoutStreamWildcard } from '../domain/stores/log-group.ts';
import { CloudError } from '../errors.ts';
import { RESOURCES_PER_CALL } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

const GET_RESOURCES = 'tag:GetResources';

/**
 * The tags of log groups in bulk, from AWS Resource Groups Tagging API. Query results have none. Loads its SDK client when called.
 * `all` costs one call for each 100 log groups that have the tag, or any tag where several keys are asked for: its filters narrow each
 * other down.
 */
export function createLogGroupTags(region: string, options: AwsOptions, calls: Calls): LogStoreTags {
  let client: Promise<(input: GetResourcesCommandInput) => Promise<Answer>> | undefined;
  const ask = async (input: GetResourcesCommandInput): Promise<Answer> => {
    client ??= createClient(region, options, calls);
    return (await client)(input);
  };
  return {
    async all(keys) {
      const [only, ...others] = keys;
      const filter = only !== undefined && others.length === 0 && { TagFilters: [{ Key: only }] };
      const pages = pagesOf(
        undefined,
        async (PaginationToken) =>
          ask({
            ResourceTypeFilters: ['logs:log-group'],
            ...filter,
            ResourcesPerPage: RESOURCES_PER_CALL,
            ...(PaginationToken && { PaginationToken }),
          }),
        () => new CloudError('UNAVAILABLE', GET_RESOURCES, 'the list never ends: a PaginationToken was returned twice'),
      );
      const byArn = new Map<string, Tags>();
      for await (const { items } of pages) add(items, keys, byArn);
      return byArn;
    },
    async of(stores, keys) {
      const arns = stores.filter(({ type }) => type === LOG_GROUP.type).map(({ arn }) => arn);
      const byArn = new Map<string, Tags>();
      for (let start = 0; start < arns.length; start += RESOURCES_PER_CALL) {
        const { items } = await ask({ ResourceARNList: arns.slice(start, start + RESOURCES_PER_CALL) });
        add(items, keys, byArn);
      }
      return byArn;
    },
  };
}

interface Answer {
  readonly items: readonly ResourceTagMapping[];
  readonly nextToken: string | undefined;
}

async function createClient(region: string, options: AwsOptions, calls: Calls) {
  const { GetResourcesCommand, ResourceGroupsTaggingAPIClient } = await import(
    '@aws-sdk/client-resource-groups-tagging-api'
  );
  const client = new ResourceGroupsTaggingAPIClient(clientSettings(region, options));
  return async (input: GetResourcesCommandInput): Promise<Answer> => {
    const answer = await calls.make(GET_RESOURCES, () => client.send(new GetResourcesCommand(input)));
    return { items: answer.ResourceTagMappingList ?? [], nextToken: answer.PaginationToken || undefined };
  };
}

/** Keeps the tags that are asked for alone: log groups may have fifty others. */
function add(items: readonly ResourceTagMapping[], keys: readonly string[], byArn: Map<string, Tags>): void {
  for (const { ResourceARN = '', Tags = [] } of items) {
    const asked = Tags.flatMap(({ Key = '', Value = '' }) => (keys.includes(Key) ? [[Key, Value] as const] : []));
    if (asked.length > 0) byArn.set(withoutStreamWildcard(ResourceARN), new Map(asked));
  }
}
