import type { GetResourcesOutput } from '@aws-sdk/client-resource-groups-tagging-api';
import * as v from 'valibot';
import { readPageToken, writePageToken } from '../page-token.ts';
import { strict } from '../parse.ts';
import { ServiceError } from '../service-error.ts';
import type { LogGroup } from '../state.ts';
import { json } from '../wire.ts';
import { readInput } from './read-input.ts';
import type { Call, Service } from './service.ts';

/** "A PaginationToken is valid for a maximum of 15 minutes." */
const TOKEN_LIFETIME_MS = 15 * 60 * 1000;

const filter = strict({
  Key: v.string(),
  Values: v.optional(v.pipe(v.array(v.string()), v.maxLength(20)), []),
});
const requestSchema = strict({
  ResourceARNList: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(100))),
  ResourceTypeFilters: v.optional(v.array(v.string()), []),
  TagFilters: v.optional(v.pipe(v.array(filter), v.maxLength(50)), []),
  ResourcesPerPage: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  PaginationToken: v.optional(v.string()),
});

/**
 * Finds log groups by their tags, or the tags of those that are named. "You can't specify both this parameter and any of the
 * pagination parameters" of ResourceARNList. Assumptions: it goes with no filter either, the texts of errors, the 50 resources of a page by default, the order by
 * name, the ARN without `:*` as in the tags of CloudWatch Logs, and the same error for any token that is not valid.
 */
function getResources(call: Call, input: unknown): GetResourcesOutput {
  const request = readInput(requestSchema, input, 'InvalidParameterException');
  if (request.ResourceARNList) return resourcesNamed(call, request);
  const { ResourceTypeFilters: types, TagFilters, ResourcesPerPage = 50, PaginationToken = '' } = request;
  const now = call.cloud.now();
  const scope = [call.account, call.region, types, TagFilters];
  const start = PaginationToken === '' ? '' : readPageToken(scope, PaginationToken, now, TOKEN_LIFETIME_MS);
  if (start === undefined) throw new ServiceError('PaginationTokenExpiredException', 'The token is not valid.');
  const ResourceTagMappingList: GetResourcesOutput['ResourceTagMappingList'] = [];
  if (types.length && !types.some((type) => type === 'logs' || type === 'logs:log-group')) {
    return { ResourceTagMappingList, PaginationToken: '' };
  }
  for (const group of call.state.logGroups.from(start)) {
    const tags = tagsOf(call, group);
    const matches = ({ Key, Values }: v.InferOutput<typeof filter>) =>
      Object.hasOwn(tags, Key) && (Values.length === 0 || Values.includes(tags[Key] ?? ''));
    if (Object.keys(tags).length === 0 || !TagFilters.every(matches)) continue;
    if (ResourceTagMappingList.length === ResourcesPerPage) {
      return { ResourceTagMappingList, PaginationToken: writePageToken(scope, group.logGroupName, now) };
    }
    ResourceTagMappingList.push({ ResourceARN: group.logGroupArn, Tags: tagList(call, group) });
  }
  return { ResourceTagMappingList, PaginationToken: '' };
}

function resourcesNamed(
  call: Call,
  { ResourceARNList = [], ...others }: v.InferOutput<typeof requestSchema>,
): GetResourcesOutput {
  const isCombined = others.ResourcesPerPage !== undefined || others.PaginationToken !== undefined;
  if (isCombined || others.TagFilters.length > 0 || others.ResourceTypeFilters.length > 0) {
    throw new ServiceError('InvalidParameterException', 'ResourceARNList cannot be combined with other parameters.');
  }
  const named = new Set(ResourceARNList);
  const groups = [...call.state.logGroups.values()].filter(
    (group) => named.has(group.logGroupArn) && Object.keys(tagsOf(call, group)).length > 0,
  );
  const ResourceTagMappingList = groups.map((group) => ({
    ResourceARN: group.logGroupArn,
    Tags: tagList(call, group),
  }));
  return { ResourceTagMappingList, PaginationToken: '' };
}

function tagList(call: Call, group: LogGroup) {
  return Object.entries(tagsOf(call, group)).map(([Key, Value]) => ({ Key, Value }));
}

function tagsOf({ state }: Call, group: LogGroup): Readonly<Record<string, string>> {
  return state.tags.get(group) ?? {};
}

/** AWS Resource Groups Tagging API. */
export const tagging: Service = {
  name: 'tag',
  endpoint: 'ResourceGroupsTaggingAPI_20170126',
  wire: json,
  operations: { GetResources: getResources },
  unavailable: 'InternalServiceException',
  throttled: 'ThrottledException',
  resourceArns: () => ['*'],
};
