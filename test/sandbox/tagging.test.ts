import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clientConfig, refusal } from './support.ts';

const STACK = 'aws:cloudformation:stack-name';
const arnOf = (name: string) => `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;
const groups: World['groups'] = {
  '/a': { key: null, tags: { [STACK]: 'shop', team: 'red' } },
  '/b': { key: null, tags: { team: 'blue' } },
  '/c': { key: null, tags: { [STACK]: 'bank' } },
  '/d': null,
};

async function aCloud(world: World = {}) {
  let nowMs = 0;
  const { sandbox } = await aSandbox({ world: { groups, ...world }, now: () => new Date(nowMs) });
  const ask = (input: object, caller = {}) =>
    new ResourceGroupsTaggingAPIClient(clientConfig(sandbox, caller)).send(new GetResourcesCommand(input));
  const names = async (input: object, caller = {}) => {
    const { ResourceTagMappingList = [] } = await ask(input, caller);
    return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN?.split(':log-group:')[1]);
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { sandbox, ask, names, wait };
}

describe('GetResources', () => {
  it('lists the log groups that have a tag, with all their tags', async () => {
    const { ask } = await aCloud();
    const input = { ResourceTypeFilters: ['logs:log-group'], TagFilters: [{ Key: STACK }] };
    expect(await ask(input)).toMatchObject({
      PaginationToken: '',
      ResourceTagMappingList: [
        {
          ResourceARN: arnOf('/a'),
          Tags: [
            { Key: STACK, Value: 'shop' },
            { Key: 'team', Value: 'red' },
          ],
        },
        { ResourceARN: arnOf('/c'), Tags: [{ Key: STACK, Value: 'bank' }] },
      ],
    });
  });

  it('lists log groups by their ARNs, without those that have no tags or do not exist', async () => {
    const { names, ask } = await aCloud();
    const ResourceARNList = ['/b', '/d', '/gone', '/a'].map(arnOf);

    expect(await names({ ResourceARNList })).toEqual(['/a', '/b']);
    for (const other of [{ ResourcesPerPage: 10 }, { TagFilters: [{ Key: 'team' }] }]) {
      expect(await refusal(ask({ ResourceARNList, ...other }))).toContain('InvalidParameterException');
    }
  });

  it('filters by type, by any of several values, and by every filter', async () => {
    const { names } = await aCloud();
    expect(await names({})).toEqual(['/a', '/b', '/c']);
    expect(await names({ ResourceTypeFilters: ['logs'] })).toEqual(['/a', '/b', '/c']);
    expect(await names({ ResourceTypeFilters: ['lambda:function'] })).toEqual([]);
    expect(await names({ TagFilters: [{ Key: STACK, Values: ['bank', 'shop'] }] })).toEqual(['/a', '/c']);
    expect(await names({ TagFilters: [{ Key: STACK }, { Key: 'team', Values: ['red'] }] })).toEqual(['/a']);
    expect(await names({ TagFilters: [{ Key: STACK }, { Key: 'team', Values: ['blue'] }] })).toEqual([]);
    expect(await names({}, { region: 'us-east-1' })).toEqual([]);
  });

  it('comes in pages of up to 100', async () => {
    const many = Array.from({ length: 250 }, (_, n) => [`/many/${n}`, { key: null, tags: { [STACK]: 'x' } }] as const);
    const { sandbox, ask } = await aCloud({ groups: { ...Object.fromEntries(many), '/plain': null } });
    const arns: (string | undefined)[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await ask({ TagFilters: [{ Key: STACK }], ResourcesPerPage: 100, PaginationToken });
      arns.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN));
      PaginationToken = page.PaginationToken;
    } while (PaginationToken);
    expect(new Set(arns).size).toBe(250);
    expect(arns).toHaveLength(250);
    expect(sandbox.calls()).toEqual({ 'tag:GetResources': 3 });
  });

  it('refuses a token that is broken, older than 15 minutes or of another request', async () => {
    const { ask, wait } = await aCloud();
    const { PaginationToken } = await ask({ ResourcesPerPage: 1 });
    const expired = 'PaginationTokenExpiredException: The token is not valid.';
    expect(await refusal(ask({ PaginationToken: 'x' }))).toBe(expired);
    expect(await refusal(ask({ PaginationToken, TagFilters: [{ Key: STACK }] }))).toBe(expired);
    wait(15 * 60_000);
    expect(await refusal(ask({ PaginationToken }))).toBe('no error');
    wait(1);
    expect(await refusal(ask({ PaginationToken }))).toBe(expired);
  });

  it.each<[input: object, field: string]>([
    [{ ResourcesPerPage: 101 }, 'ResourcesPerPage'],
    [{ TagsPerPage: 100 }, 'TagsPerPage'],
  ])('refuses %j', async (input, field) => {
    const { ask } = await aCloud();
    expect(await refusal(ask(input))).toContain(`InvalidParameterException: The request is not valid. ${field}: `);
  });

  it('loses a log group that was deleted', async () => {
    const { sandbox, names } = await aCloud();
    const { CloudWatchLogsClient, DeleteLogGroupCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const logs = new CloudWatchLogsClient(clientConfig(sandbox));
    await logs.send(new DeleteLogGroupCommand({ logGroupName: '/a' }));
    expect(await names({})).toEqual(['/b', '/c']);
  });

  it('needs a right, has a quota and can fail', async () => {
    const Statement = { Effect: 'Allow', Action: 'tag:GetResources', Resource: '*' };
    const roles = { reader: { policies: [{ Statement }] }, nobody: { policies: [] } };
    const { sandbox, ask } = await aCloud({ roles });
    expect(await refusal(ask({}, { account: 'reader' }))).toBe('no error');
    expect(await refusal(ask({}, { account: 'nobody' }))).toContain(
      'AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/nobody/sandbox is not authorized to perform: tag:GetResources on resource: *',
    );
    sandbox.setFaults([{ call: 'tag:GetResources', kind: 'unavailable' }]);
    expect(await refusal(ask({}))).toContain('InternalServiceException');
    sandbox.setFaults([{ call: 'tag:GetResources', kind: 'throttle' }]);
    expect(await refusal(ask({}))).toBe('ThrottledException: Rate exceeded');
  });
});
