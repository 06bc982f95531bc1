import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compilePattern } from '../../sandbox/services/event-pattern.ts';
import {
  EXTERNAL_ID,
  MEMBER_EVENTS,
  MEMBER_ROLE,
  memberResources,
  memberRole,
  OF_THE_HUB,
} from '../support/member-role.ts';
import { type AnyProperties, propertiesOf, propertiesOfType, resources } from './resources.ts';

const KeyId = 'alias/logs';
const ORGANIZATION = { KeyId, Organization: 'o-a1b2c3d4e5', ExternalId: EXTERNAL_ID };
const LISTED = { KeyId, Accounts: '444455556666,777788889999', ExternalId: EXTERNAL_ID };
const MEMBER = '444455556666';
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/logseal';

const statements = (policy: string, parameters: Record<string, string>): AnyProperties[] =>
  propertiesOf(policy, parameters)['PolicyDocument'].Statement;

describe('the parameters for member accounts', () => {
  it.each<[Record<string, string>, string]>([
    [{ ...LISTED, KeyId: '' }, 'Accounts other than the stack’s own need a KeyId'],
    [{ ...ORGANIZATION, ExternalId: '' }, 'Accounts other than the stack’s own need an ExternalId'],
    [{ ...LISTED, ExternalId: '' }, 'Accounts other than the stack’s own need an ExternalId'],
    [{ OrganizationalUnits: 'ou-ab12-cd34ef56' }, 'OrganizationalUnits need Organization'],
    [{ Regions: 'all' }, 'Regions other than the stack’s own need a KeyId'],
    [{ KeyId, Regions: 'all,eu-west-1' }, "Parameter 'Regions'"],
    [{ ...LISTED, Accounts: '4444' }, "Parameter 'Accounts'"],
    [{ ...ORGANIZATION, Organization: 'acme' }, "Parameter 'Organization'"],
    [{ ...ORGANIZATION, OrganizationalUnits: 'ou-1' }, "Parameter 'OrganizationalUnits'"],
    [{ KeyId, RemediateConcurrency: '1' }, "Parameter 'RemediateConcurrency'"],
  ])('%j: %s', (parameters, mistake) => {
    expect(() => resources(parameters)).toThrow(mistake.replace('’', "'"));
  });

  it('are what the functions are configured with', () => {
    for (const id of ['ScanFunction', 'RemediateFunction']) {
      const { Variables } = propertiesOf(id, { ...ORGANIZATION, ...LISTED, Regions: 'all' })['Environment'];
      expect(Variables).toMatchObject({
        ...{ LOGSEAL_REGIONS: 'all', LOGSEAL_ORGANIZATION: 'o-a1b2c3d4e5', LOGSEAL_ORGANIZATIONAL_UNITS: '' },
        ...{ LOGSEAL_ACCOUNTS: LISTED.Accounts, LOGSEAL_MEMBER_ROLE: 'logseal-member' },
        LOGSEAL_EXTERNAL_ID: EXTERNAL_ID,
      });
    }
  });

  it('add nothing where there are none', () => {
    const ids = [...resources().keys()];
    expect(ids.filter((id) => /Member|Accounts|Severities/.test(id))).toEqual([]);
    expect(propertiesOf('Bus')).toEqual({ Name: 'logseal' });
  });

  it('decide how many copies of the functions run', () => {
    const concurrency = (parameters: Record<string, string>) =>
      ['ScanFunction', 'RemediateFunction'].map((id) =>
        Number(propertiesOf(id, parameters)['Events'].Queue.Properties.ScalingConfig.MaximumConcurrency),
      );
    expect(concurrency({})).toEqual([10, 2]);
    expect(concurrency({ ScanConcurrency: '50', RemediateConcurrency: '20' })).toEqual([50, 20]);
  });
});

describe('the bus', () => {
  const ONLY_FORWARDED = {
    'ForAllValues:StringEquals': { 'events:source': ['aws.logs', 'aws.kms'] },
  };

  it('admits the organization for what AWS sends there, and for nothing else', () => {
    expect(propertiesOf('Bus', ORGANIZATION)['Policy'].Statement).toEqual([
      {
        ...{ Sid: 'ForwardFromOrganization', Effect: 'Allow', Principal: '*' },
        ...{ Action: 'events:PutEvents', Resource: BUS },
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' }, ...ONLY_FORWARDED },
      },
    ]);
  });

  it('admits the accounts that are listed for the same', () => {
    expect(propertiesOf('Bus', LISTED)['Policy'].Statement).toEqual([
      {
        ...{ Sid: 'ForwardFromAccounts', Effect: 'Allow', Principal: { AWS: LISTED.Accounts.split(',') } },
        ...{ Action: 'events:PutEvents', Resource: BUS, Condition: ONLY_FORWARDED },
      },
    ]);
  });

  it('takes events of logseal from its own account only', () => {
    for (const id of ['FindingRule', 'ScanRequestedRule']) {
      expect(propertiesOf(id)['EventPattern']).toMatchObject({ source: ['logseal'], account: ['111122223333'] });
    }
  });

  it('has rules for member accounts like those for the own account, and both queues admit them', () => {
    for (const [own, ofMembers, queue] of [
      ['KeyChangedRule', 'MemberKeyChangedRule', 'ScanQueuePolicy'],
      ['LogGroupChangedRule', 'MemberLogGroupChangedRule', 'RemediateQueuePolicy'],
    ] as const) {
      const rules = [own, ofMembers].map((id) => propertiesOf(id, LISTED));
      const [first, second] = rules.map(({ EventPattern: { detail: { $or, ...detail } = {}, ...pattern } }) => ({
        ...pattern,
        detail,
      }));
      expect(second).toEqual(first);
      expect(rules.map(({ EventBusName }) => EventBusName)).toEqual([undefined, 'logseal']);
      if (own === 'LogGroupChangedRule')
        expect(JSON.stringify(rules[1]?.['EventPattern'])).toContain(
          '{"anything-but":{"suffix":[":role/logseal-member","arn:aws:iam::111122223333:role/logseal-RemediateRole"]}}',
        );
      expect(rules[1]?.['Targets']).toEqual(rules[0]?.['Targets']);
      const [statement] = propertiesOf(queue, LISTED)['PolicyDocument'].Statement;
      expect(statement.Condition.ArnEquals['aws:SourceArn']).toContain(
        `arn:aws:events:eu-west-1:111122223333:rule/logseal/logseal-${ofMembers}`,
      );
    }
  });
});

describe('the rights for member accounts', () => {
  const enter = (parameters: Record<string, string>) =>
    statements('MemberRights', parameters).filter(({ Action }) => Action === 'sts:AssumeRole');

  it('are to enter the one role, in the accounts that are listed or in the organization', () => {
    const Resource = 'arn:aws:iam::*:role/logseal-member';
    expect(enter(LISTED)).toMatchObject([
      { Resource, Condition: { StringEquals: { 'aws:ResourceAccount': LISTED.Accounts.split(',') } } },
    ]);
    expect(enter(ORGANIZATION)).toMatchObject([
      { Resource, Condition: { StringEquals: { 'aws:ResourceOrgID': 'o-a1b2c3d4e5' } } },
    ]);
    expect(enter({ ...LISTED, ...ORGANIZATION })).toHaveLength(2);
  });

  it('are to make exactly the calls to AWS Organizations that are made', () => {
    const adapter = readFileSync(resolve(import.meta.dirname, '../../lib/aws/organization.ts'), 'utf8');
    const made = [...adapter.matchAll(/\b(?:make|list)\(\s*'(\w+)'/g)].map(([, call]) => `organizations:${call}`);
    const rights = (parameters: Record<string, string>) =>
      statements('MemberRights', parameters)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.startsWith('organizations:'));
    const all = rights(ORGANIZATION);
    const below = rights({ ...ORGANIZATION, OrganizationalUnits: 'ou-ab12-cd34ef56' });

    expect(all).toEqual(
      ['DescribeOrganization', 'DescribeAccount', 'ListAccounts'].map((call) => `organizations:${call}`),
    );
    expect(new Set([...all, ...below])).toEqual(new Set(made));
  });

  it('are to list the Regions of the own account, if all are scanned', () => {
    const ofAccount = (parameters: Record<string, string>) =>
      propertiesOf('ScanRole', parameters)['Policies'][0].PolicyDocument.Statement.filter(
        ({ Sid }: { Sid: string }) => Sid === 'ListRegions',
      );
    expect(ofAccount({})).toEqual([]);
    expect(ofAccount({ KeyId, Regions: 'all' })).toMatchObject([
      { Action: 'account:ListRegions', Resource: 'arn:aws:account::111122223333:account' },
    ]);
  });
});

describe('the templates for member accounts', () => {
  it.each([MEMBER_ROLE, MEMBER_EVENTS])('%s need no macro, which service-managed StackSets refuse', (path) => {
    const template = parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
    expect(template).not.toHaveProperty('Transform');
    expect(Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type)).not.toContain(
      'AWS::Serverless::Function',
    );
  });

  it('have the parameters that the outputs of the hub give values for', () => {
    const { Outputs } = parse(readFileSync(resolve(MEMBER_ROLE, '../../template.yaml'), 'utf8'), {
      logLevel: 'silent',
    });
    const parameters = [MEMBER_ROLE, MEMBER_EVENTS].flatMap((path) =>
      Object.keys(parse(readFileSync(path, 'utf8'), { logLevel: 'silent' }).Parameters),
    );
    const ofHub = Object.keys(Outputs).filter((name) => name.startsWith('Hub'));
    expect(ofHub).toHaveLength(3);
    for (const name of ofHub) expect(parameters).toContain(name);
  });

  it('let exactly the two functions in, with the external id, and with the organization if it is named', () => {
    const StringEquals = { 'sts:ExternalId': EXTERNAL_ID, 'aws:PrincipalAccount': '111122223333' };
    const statement = {
      ...{ Sid: 'FunctionsOfTheHub', Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { AWS: OF_THE_HUB.HubRoleArns.split(',') },
    };
    expect(memberRole(MEMBER).trust).toMatchObject({ Statement: [{ ...statement, Condition: { StringEquals } }] });
    const OrganizationId = 'o-a1b2c3d4e5';
    expect(memberRole(MEMBER, { OrganizationId }).trust).toMatchObject({
      Statement: [
        { ...statement, Condition: { StringEquals: { ...StringEquals, 'aws:PrincipalOrgID': OrganizationId } } },
      ],
    });
  });

  it.each([
    ['one role', { HubRoleArns: 'arn:aws:iam::111122223333:role/a' }],
    ['everybody', { HubRoleArns: '*' }],
    ['a whole account', { HubRoleArns: 'arn:aws:iam::111122223333:root,arn:aws:iam::111122223333:role/a' }],
    ['no external id', { ExternalId: '' }],
  ])('refuse to let in %s', (_, parameters) => {
    expect(() => memberRole(MEMBER, parameters)).toThrow('failed to satisfy constraint');
  });

  it('forward to the bus what the rules of the hub match there', () => {
    const forwarding = memberResources(MEMBER_EVENTS, MEMBER, { HubBusArn: BUS });
    for (const [id, ofHub] of [
      ['KeyChangedRule', 'MemberKeyChangedRule'],
      ['LogGroupChangedRule', 'MemberLogGroupChangedRule'],
    ] as const) {
      const { EventPattern, Targets } = (forwarding.get(id)?.properties ?? {}) as AnyProperties;
      const { EventPattern: hub } = propertiesOf(ofHub, LISTED);
      const { $or: _, ...detail } = hub.detail ?? {};
      expect(EventPattern).toEqual(id === 'KeyChangedRule' ? hub : { ...hub, detail });
      expect(() => compilePattern(EventPattern)).not.toThrow();
      expect(Targets).toEqual([{ Id: 'hub', Arn: BUS, RoleArn: forwarding.get('ForwardRole')?.arn }]);
    }
    const { Policies } = (forwarding.get('ForwardRole')?.properties ?? {}) as AnyProperties;
    expect(Policies[0].PolicyDocument.Statement).toMatchObject([{ Action: 'events:PutEvents', Resource: BUS }]);
  });

  it('create the log group that is queried in each Region, if query results are covered', () => {
    const probe = (QueryResults: string) =>
      memberResources(MEMBER_EVENTS, MEMBER, { HubBusArn: BUS, QueryResults }).get('QueryProbe');
    expect(probe('false')).toBeUndefined();
    expect(probe('true')?.name).toBe('/logseal/probe');
  });
});

it('the dashboard of a hub shows the numbers of all accounts from the log, by saved queries', () => {
  const widgets: AnyProperties[] = JSON.parse(propertiesOf('Dashboard', LISTED)['DashboardBody']).widgets;
  const text = JSON.stringify(widgets);
  expect(text).not.toContain('{logseal,service,Region}');
  expect(text).toContain(`of this account and of others ( ${LISTED.Accounts})`);
  const saved = propertiesOfType('AWS::Logs::QueryDefinition', LISTED);
  for (const [id, title, rows] of [
    ['SeveritiesQuery', 'Log groups by severity, as of the last scans', 1],
    ['AccountsQuery', 'Accounts, the worst first, as of the last scans', 20],
  ] as const) {
    const query = saved.get(id)?.['QueryString'].replaceAll(/\s+/g, ' ').trim().replace('limit 1000', `limit ${rows}`);
    const widget = widgets.find(({ properties }) => properties.title === title);
    expect(widget?.['properties'].query).toBe(`SOURCE 'logseal-ScanLogs' | ${query}`);
  }
});

it('the saved queries of a hub read the fields that a scan logs', async () => {
  const { targetLine } = await import('../../lib/lambda/log-lines.ts');
  const { EMPTY_SUMMARY } = await import('../../lib/domain/summary.ts');
  const report = {
    provider: 'aws',
    account: 'a',
    region: 'r',
    status: 'COMPLETE',
    error: null,
    stores: 0,
    apiCalls: {},
  };
  const run = { report, counts: EMPTY_SUMMARY, goesOn: false, config: null } as Parameters<typeof targetLine>[0];
  const known = Object.keys(targetLine(run, 'r'));
  for (const id of ['SeveritiesQuery', 'AccountsQuery']) {
    const query: string = propertiesOf(id, LISTED)['QueryString'];
    const read = [...query.matchAll(/latest\((\w+)\)/g)].map(([, name = '']) => name);
    expect(read).toHaveLength(7);
    for (const name of [...read, 'account', 'region']) expect(known).toContain(name);
  }
});
