import type { ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Cloud } from '../app/ports.ts';
import { withoutStreamWildcard } from '../domain/stores/log-group.ts';
import { CloudError } from '../errors.ts';
import { RESOURCES_PER_CALL, STORES_READ_BY_TAG, TAG_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

const GET_RESOURCES = 'tag:GetResources';
/** CloudFormation gives it to the resources of a stack; nobody else can write a tag that begins with `aws:`. */
const STACK_NAME = 'aws:cloudformation:stack-name';

/** The stacks that log groups belong to, from one tag in bulk; of many log groups only the first. Loads its SDK client when called. */
export function createStacks(region: string, options: AwsOptions, calls: Calls): NonNullable<Cloud['stacks']> {
  return async (signal) => {
    const { GetResourcesCommand, ResourceGroupsTaggingAPIClient } = await import(
      '@aws-sdk/client-resource-groups-tagging-api'
    );
    const maxAttempts = Math.min(options.maxAttempts ?? TAG_ATTEMPTS, TAG_ATTEMPTS);
    const client = new ResourceGroupsTaggingAPIClient(clientSettings(region, { ...options, maxAttempts }));
    const pages = pagesOf(
      undefined,
      async (PaginationToken) => {
        const command = new GetResourcesCommand({
          ResourceTypeFilters: ['logs:log-group'],
          TagFilters: [{ Key: STACK_NAME }],
          ResourcesPerPage: RESOURCES_PER_CALL,
          ...(PaginationToken && { PaginationToken }),
        });
        const answer = await calls.make(GET_RESOURCES, () => client.send(command));
        return { items: answer.ResourceTagMappingList ?? [], nextToken: answer.PaginationToken || undefined };
      },
      () => new CloudError('UNAVAILABLE', GET_RESOURCES, 'the list never ends: a PaginationToken was returned twice'),
    );
    const stackOf = new Map<string, string>();
    for await (const { items, nextToken } of pages) {
      for (const { ResourceARN: arn = '', Tags = [] } of items) {
        const stack = stackIn(Tags);
        if (stack) stackOf.set(withoutStreamWildcard(arn), stack);
      }
      const isEnough = stackOf.size >= STORES_READ_BY_TAG || signal?.aborted;
      if (nextToken !== undefined && isEnough) return { stackOf, isComplete: false };
    }
    return { stackOf, isComplete: true };
  };
}

function stackIn(tags: NonNullable<ResourceTagMapping['Tags']>): string | undefined {
  return tags.find(({ Key }) => Key === STACK_NAME)?.Value;
}
