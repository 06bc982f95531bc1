import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { newRole, type Role } from './role.ts';
import { newTable } from './services/dynamodb.ts';
import { accountPolicy, type Cloud, findRole, newKey, newLogGroup, partitionOf, regionState } from './state.ts';
import type { CompleteWorld } from './world.ts';
import { newWriter } from './writers.ts';

/** What a world says about a log group in the long form. */
type GroupFacts = Extract<CompleteWorld['groups'][string], object>;

const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;

/** Builds the cloud that a world describes. Keys are attached without AWS's checks, so a world may hold broken ones. */
export function buildCloud(world: CompleteWorld, now: () => Date): Cloud {
  const { organization, outsiders, uncertain, logsPrincipal, opaque, delays } = world;
  const accountAliases = new Map(world.accountAlias === undefined ? [] : [[world.account, world.accountAlias]]);
  const disabledRegions = new Map(
    Object.entries(world.disabledRegions).map(([account, regions]) => [account, new Set(regions)]),
  );
  const given = {
    accountAliases,
    organization,
    outsiders,
    disabledRegions,
    uncertain,
    logsPrincipal,
    opaque,
    delays,
    now,
  };
  const cloud: Cloud = { regions: new Map(), roles: new Map(), sessions: new Map(), ...given };
  addRoles(cloud, world);
  const arns = addKeys(cloud, world);
  const arnOf = (nickname: string | null) => arns.get(nickname ?? '');
  for (const { account = world.account, region = world.region, ...contents } of [world, ...world.elsewhere]) {
    const { logGroups, writers, tags, functions, parameters, queryResults } = regionState(cloud, account, region);
    const add = (name: string, key: string | null, logGroupClass?: LogGroupClass) => {
      const group = newLogGroup({ account, region }, name, now(), { kmsKeyId: arnOf(key), logGroupClass });
      logGroups.set(name, group);
      return group;
    };
    for (const [name, given] of Object.entries(contents.groups)) {
      const facts: GroupFacts = typeof given === 'string' || given === null ? { key: given } : given;
      const group = add(name, facts.key, facts.class);
      const { perMinute, role } = facts.writer ?? {};
      if (perMinute) writers.set(group, newWriter(cloud, group, perMinute, findRole(cloud, role)));
      if (facts.tags) tags.set(group, facts.tags);
    }
    for (const [name, { role, logGroup = `/aws/lambda/${name}` }] of Object.entries(contents.functions)) {
      functions.set(name, { role: findRole(cloud, role) as Role, logGroup });
    }
    for (const [name, given] of Object.entries(contents.parameters)) {
      const isSecret = typeof given !== 'string';
      const value = isSecret ? given.secret : given;
      parameters.set(name, { value, type: isSecret ? 'SecureString' : 'String', version: 1, changedAt: now() });
    }
    for (const { name, count, key } of contents.bulk) {
      for (let n = 1; n <= count; n++) add(name.replaceAll('{n}', String(n)), key);
    }
    queryResults.kmsKeyId = arnOf(contents.queryResults);
  }
  if (world.journalTable) addJournalTable(cloud, world, world.journalTable);
  if (world.scanTable) addScanTable(cloud, world, world.scanTable);
  return cloud;
}

function addRoles({ roles, now }: Cloud, world: CompleteWorld): void {
  for (const [nickname, { account = world.account, name = nickname, path, policies, trust }] of Object.entries(
    world.roles,
  )) {
    const read = (policy: unknown): unknown => JSON.parse(policyText(world, policy, account, world.region));
    const facts = { partition: partitionOf(world.region), account, name, path, createdAt: now() };
    const trusted = trust === undefined ? {} : { trust: read(trust) };
    const role = newRole({ ...facts, ...trusted }, policies.map(read), `roles.${nickname}`);
    roles.set(role.arn, role);
  }
}

/** @returns the keys' ARNs by nickname */
function addKeys(cloud: Cloud, world: CompleteWorld): Map<string, string> {
  const arns = new Map<string, string>();
  const CreationDate = cloud.now();
  for (const [nickname, entry] of Object.entries(world.keys)) {
    const { account = world.account, region = world.region, replicaOf, alias } = entry;
    const key = newKey(account, region, replicaOf ?? nickname, {
      ...{
        Description: entry.description,
        KeySpec: entry.spec,
        KeyUsage: entry.usage,
        KeyState: entry.state,
        KeyManager: entry.manager,
        CreationDate,
      },
      DeletionDate: entry.state === 'PendingDeletion' ? new Date(CreationDate.getTime() + DAYS_30_MS) : undefined,
      PendingDeletionWindowInDays: entry.state === 'PendingReplicaDeletion' ? 30 : undefined,
      Origin: entry.state === 'PendingImport' ? 'EXTERNAL' : 'AWS_KMS',
      MultiRegion: entry.multiRegion || replicaOf !== undefined,
      policyText: policyText(world, entry.policy, account, region),
    });
    arns.set(nickname, key.Arn);
    if (!entry.exists) continue;
    const { keys, aliases } = regionState(cloud, account, region);
    keys.set(key.KeyId, key);
    if (alias)
      aliases.set(alias, { AliasName: alias, TargetKeyId: key.KeyId, CreationDate, LastUpdatedDate: CreationDate });
  }
  return arns;
}

function policyText(world: CompleteWorld, policy: unknown, account: string, region: string): string {
  if (policy === undefined) return accountPolicy(account, region);
  const named = typeof policy === 'string' ? world.policies[policy] : policy;
  const values: Record<string, string> = { account, region, partition: partitionOf(region), home: world.account };
  const text = typeof named === 'string' ? named : JSON.stringify(named);
  return text.replace(/\{(account|region|partition|home)\}/g, (_match, name: string) => values[name] ?? '');
}

/** An empty journal table, for functions that run outside a stack. */
function addJournalTable(cloud: Cloud, { account, region }: CompleteWorld, TableName: string): void {
  const key = (partition: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: 'entryId', KeyType: 'RANGE' as const },
  ];
  const index = { IndexName: 'ByStore', KeySchema: key('storeArn'), Projection: { ProjectionType: 'ALL' as const } };
  const names = ['runId', 'entryId', 'storeArn'];
  const AttributeDefinitions = names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const input = { TableName, KeySchema: key('runId'), AttributeDefinitions, GlobalSecondaryIndexes: [index] };
  regionState(cloud, account, region).tables.set(TableName, newTable({ account, region }, input, cloud.now()));
}

/** An empty table like template.yaml's ScanTable. */
function addScanTable(cloud: Cloud, { account, region }: CompleteWorld, TableName: string): void {
  const names = { kind: 'HASH', target: 'RANGE' } as const;
  const KeySchema = Object.entries(names).map(([AttributeName, KeyType]) => ({ AttributeName, KeyType }));
  const AttributeDefinitions = Object.keys(names).map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  }));
  const input = { TableName, KeySchema, AttributeDefinitions };
  regionState(cloud, account, region).tables.set(TableName, newTable({ account, region }, input, cloud.now()));
}
