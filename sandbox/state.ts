import { createHash } from 'node:crypto';
import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import type { GrantListEntry, KeyMetadata, KeyState } from '@aws-sdk/client-kms';
import { formatArn, parseArn } from '../lib/domain/arn.ts';
import type { KeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { partitionOfRegion } from '../lib/domain/partition.ts';
import { logGroupArn } from '../lib/domain/stores/log-group.ts';
import type { Target } from '../lib/domain/target.ts';
import type { Queue } from './queue.ts';
import type { Role } from './role.ts';
import { SortedMap } from './sorted-map.ts';

/** A KMS key of one account in one Region. Each replica of a multi-Region key is a key of its own. */
export interface Key extends KeyMetadata {
  readonly AWSAccountId: string;
  readonly KeyId: string;
  readonly Arn: string;
  KeyState: KeyState;
  policyText: string;
}

/** A log group, as DescribeLogGroups returns it. */
export interface LogGroup extends Logs.LogGroup {
  readonly logGroupName: string;
  readonly logGroupArn: string;
}

/** What writes to a log group. */
export interface Writer {
  /** Events a minute. They come evenly. */
  readonly perMinute: number;
  /** The role that it writes with. Undefined: AWS does not check it. */
  readonly role: Role | undefined;
  /** From when on it may, or may not, use the log group's key; the oldest first. */
  readonly history: { readonly atMs: number; readonly mayWrite: boolean }[];
}

/** A function of AWS Lambda. */
export interface LambdaFunction {
  readonly role: Role;
  readonly logGroup: string;
}

/** A parameter of Systems Manager. */
export interface Parameter {
  readonly value: string;
  readonly type: 'String' | 'SecureString';
  readonly version: number;
  readonly changedAt: Date;
}

/** Another name of a key. */
export interface Alias {
  readonly AliasName: string;
  readonly TargetKeyId: string;
  readonly CreationDate: Date;
  readonly LastUpdatedDate: Date;
}

/** A grant, as ListGrants returns it. */
export interface Grant extends GrantListEntry {
  readonly GrantId: string;
  /** The key's ARN. */
  readonly KeyId: string;
}

/** A session of a role. */
export interface Session {
  readonly role: Role;
  readonly arn: string;
  readonly expiresAt: Date;
}

/** A query of Logs Insights. Its results are always empty. */
export interface LogQuery {
  readonly encryptionKey: string | undefined;
  status: 'Running' | 'Complete';
}

/** An item of DynamoDB, as it comes over the wire: binary values are base64 text. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** A table of DynamoDB. */
export interface Table {
  readonly description: TableDescription;
  readonly items: Map<string, Item>;
}

/** An event as EventBridge delivers it. */
export interface EventRecord {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** An event bus, with every event that came to it. */
export interface Bus {
  readonly rules: {
    readonly matches: (event: EventRecord) => boolean;
    readonly targets: readonly ((event: EventRecord) => void)[];
  }[];
  readonly seen: EventRecord[];
  /** Who may put events on it from other accounts; undefined: nobody. */
  readonly policy?: KeyPolicy | undefined;
}

/** How EventBridge delivers one event. It promises "at least once" and no order. */
export interface Delivery {
  readonly isTwice: boolean;
  /** Sends it now, or later. */
  later(send: () => void): void;
}

/** The resources of one account in one Region: keys, grants and queries by id, the rest by name unless they say otherwise. */
export interface RegionState {
  readonly logGroups: SortedMap<LogGroup>;
  readonly writers: Map<LogGroup, Writer>;
  /** The tags of log groups. */
  readonly tags: Map<LogGroup, Readonly<Record<string, string>>>;
  readonly functions: Map<string, LambdaFunction>;
  readonly parameters: Map<string, Parameter>;
  readonly keys: Map<string, Key>;
  readonly aliases: Map<string, Alias>;
  readonly grants: Map<string, Grant>;
  readonly queries: Map<string, LogQuery>;
  readonly tables: Map<string, Table>;
  readonly buses: Map<string, Bus>;
  readonly queues: Map<string, Queue>;
  /** The key that encrypts the stored results of future Logs Insights queries. */
  readonly queryResults: { kmsKeyId?: string | undefined };
}

/** The whole local cloud. */
export interface Cloud {
  /** By `ACCOUNT/REGION`. */
  readonly regions: Map<string, RegionState>;
  /** The roles of every account, by ARN. IAM has no Regions. */
  readonly roles: Map<string, Role>;
  /** The sessions that AssumeRole began, by access key id. */
  readonly sessions: Map<string, Session>;
  /** The Regions that accounts have not enabled, by account. */
  readonly disabledRegions: ReadonlyMap<string, ReadonlySet<string>>;
  /** The alias of each account that has one, by its id. */
  readonly accountAliases: ReadonlyMap<string, string>;
  /** The AWS Organization of every account that is not an outsider; undefined: there is none. */
  readonly organization: string | undefined;
  readonly outsiders: readonly string[];
  /** Whether CloudWatch Logs accepts a key when the verdict on its policy is UNCERTAIN. */
  readonly uncertain: 'allow' | 'refuse';
  /** The service principal of CloudWatch Logs, where AWS does not document it. */
  readonly logsPrincipal: string | undefined;
  /** Whether CloudWatch Logs refuses every key with the same message. */
  readonly opaque: boolean;
  /** How late a change of a key takes effect on writers, and how late metrics and log streams tell of an event. */
  readonly delays: { readonly keyMinutes: number; readonly metricMinutes: number };
  now(): Date;
}

/** The resources of an account in a Region, none at first. */
export function regionState({ regions }: Cloud, account: string, region: string): RegionState {
  const place = `${account}/${region}`;
  const known = regions.get(place);
  if (known) return known;
  const ofKms = { keys: new Map(), aliases: new Map(), grants: new Map() };
  const ofGroups = { logGroups: new SortedMap<LogGroup>(), writers: new Map(), tags: new Map() };
  const ofLogs = { ...ofGroups, queries: new Map(), queryResults: {} };
  const others = {
    functions: new Map(),
    parameters: new Map(),
    buses: new Map(),
    queues: new Map(),
    tables: new Map(),
  };
  const fresh = { ...ofKms, ...ofLogs, ...others };
  regions.set(place, fresh);
  return fresh;
}

/** What the condition keys of AWS Organizations hold for an account; nothing where it is in no organization. */
export function organizationKeys(
  { organization, outsiders }: Cloud,
  name: string,
  account: string,
): Record<string, string[]> {
  return organization === undefined || outsiders.includes(account) ? {} : { [name]: [organization] };
}

/** The key that a key ARN names, in any account and Region. */
export function findKey({ regions }: Cloud, keyArn: string): Key | undefined {
  const arn = parseArn(keyArn);
  const key = arn && regions.get(`${arn.account}/${arn.region}`)?.keys.get(arn.resource.replace(/^key\//, ''));
  return key?.Arn === keyArn ? key : undefined;
}

/** @param account default: any account */
export function findRole({ roles }: Cloud, name: string | undefined, account?: string): Role | undefined {
  return [...roles.values()].find((role) => role.name === name && role.account === (account ?? role.account));
}

/** The partition that a Region belongs to. */
export function partitionOf(region: string): string {
  return partitionOfRegion(region)?.name ?? 'aws';
}

/** @param resource `key/ID` or `alias/NAME` */
export function kmsArn(account: string, region: string, resource: string): string {
  return formatArn({ partition: partitionOf(region), service: 'kms', region, account, resource });
}

type KeyFacts = Omit<Key, 'AWSAccountId' | 'KeyId' | 'Arn'>;

/** The key's id looks like KMS's own and depends on the seed only, so that worlds and demos are repeatable. */
export function newKey(account: string, region: string, seed: string, facts: KeyFacts, id?: string): Key {
  const hex = createHash('sha256').update(seed).digest('hex').slice(0, 32);
  const uuid = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
  const KeyId = id ?? (facts.MultiRegion ? `mrk-${hex}` : uuid);
  const identity = { AWSAccountId: account, KeyId, Arn: kmsArn(account, region, `key/${KeyId}`) };
  return { ...identity, KeyManager: 'CUSTOMER', ...facts };
}

/** The policy that AWS gives to a key by default: it leaves the key to the IAM policies of its account. */
export function accountPolicy(account: string, region: string): string {
  const AWS = formatArn({ partition: partitionOf(region), service: 'iam', region: '', account, resource: 'root' });
  const rights = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' };
  const Statement = [{ Sid: 'Enable IAM User Permissions', ...rights }];
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement });
}

type Place = Pick<Target, 'account' | 'region'>;
type GroupFacts = Pick<Logs.LogGroup, 'kmsKeyId' | 'logGroupClass'>;

/** An empty log group. */
export function newLogGroup(place: Place, logGroupName: string, createdAt: Date, facts: GroupFacts): LogGroup {
  const { kmsKeyId, logGroupClass = 'STANDARD' } = facts;
  const arn = logGroupArn(partitionOf(place.region), { ...place, provider: 'aws' }, logGroupName);
  const names = { logGroupName, arn: `${arn}:*`, logGroupArn: arn, creationTime: createdAt.getTime() };
  return { ...names, logGroupClass, kmsKeyId, metricFilterCount: 0, storedBytes: 0 };
}
