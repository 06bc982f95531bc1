import { createHash } from 'node:crypto';
import { SortedMap } from '../sorted-map.ts';

/** The principal that SLS assumes roles by. */
export const SLS_SERVICE = 'log.aliyuncs.com';
/** What a role needs so that SLS can use a key by it. */
export const KMS_POLICIES = ['AliyunKMSReadOnlyAccess', 'AliyunKMSCryptoUserAccess'];
export const SYMMETRIC_SPECS = ['Aliyun_AES_256', 'Aliyun_AES_192', 'Aliyun_AES_128', 'Aliyun_SM4'] as const;
const ASYMMETRIC_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_P256', 'EC_P256K', 'EC_SM2'] as const;
export const SPECS = [...SYMMETRIC_SPECS, ...ASYMMETRIC_SPECS] as const;
export const USAGES = ['ENCRYPT/DECRYPT', 'SIGN/VERIFY'] as const;
export const STATES = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'] as const;

/** A customer master key, by what `DescribeKey` answers. */
export interface Cmk {
  readonly KeyId: string;
  readonly Arn: string;
  readonly Description: string;
  readonly KeySpec: (typeof SPECS)[number];
  readonly KeyUsage: (typeof USAGES)[number];
  readonly CreationDate: string;
  KeyState: (typeof STATES)[number];
  DeleteDate: string;
}

/** Whose key a Logstore is encrypted with, in the words of `UpdateLogStoreEncryption`. */
export interface CmkInfo {
  readonly keyId: string;
  readonly roleArn: string;
  readonly regionId: string;
}

/** What was configured once; only `enable` changes. */
export interface Encryption {
  enable: boolean;
  readonly encryptType: string;
  /** Undefined: SLS's own key. */
  readonly cmk: CmkInfo | undefined;
}

/** A Logstore. What is written to it is not kept. */
export interface Logstore {
  readonly name: string;
  readonly createdAt: Date;
  encryption: Encryption | undefined;
}

/** A project, with its Logstores by name. */
export interface Project {
  readonly name: string;
  readonly createdAt: Date;
  readonly logstores: SortedMap<Logstore>;
}

/** What there is in one Region; keys by id, projects by name. */
export interface AlibabaRegion {
  readonly keys: Map<string, Cmk>;
  readonly projects: SortedMap<Project>;
}

/** A RAM role. */
export interface RamRole {
  readonly name: string;
  readonly description: string;
  readonly trust: string;
  readonly createdAt: Date;
  readonly policies: Set<string>;
}

/** One account of Alibaba Cloud; roles by name, the same from every Region. */
export interface AlibabaCloud {
  readonly account: string;
  readonly regions: Map<string, AlibabaRegion>;
  readonly roles: Map<string, RamRole>;
  readonly now: () => Date;
}

/** What an account has in a Region. */
export function alibabaRegion({ regions }: AlibabaCloud, region: string): AlibabaRegion {
  const known = regions.get(region);
  if (known) return known;
  const fresh = { keys: new Map(), projects: new SortedMap<Project>() };
  regions.set(region, fresh);
  return fresh;
}

/** The id of the key that a world calls by a nickname. Assumption: ids begin alike in every Region. */
export function alibabaKeyId(region: string, nickname: string): string {
  const hex = createHash('sha256').update(`${region}/${nickname}`).digest('hex');
  return `key-hzz${hex.slice(0, 22)}`;
}

export function ramRoleArn(account: string, name: string): string {
  return `acs:ram::${account}:role/${name}`;
}

/** The trust policy for services. */
export function trustPolicy(services: readonly string[]): string {
  const Statement = [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: services } }];
  return JSON.stringify({ Statement, Version: '1' });
}

/**
 * Why SLS cannot use a key of a Logstore in a Region, or undefined. Assumptions: an asymmetric key is refused, a role that
 * is gone or trusts SLS no longer counts like a lost key, and the role's policies are not weighed.
 */
export function cmkMistake(cloud: AlibabaCloud, region: string, { keyId, roleArn, regionId }: CmkInfo) {
  const key = alibabaRegion(cloud, region).keys.get(keyId);
  const role = [...cloud.roles.values()].find(({ name }) => ramRoleArn(cloud.account, name) === roleArn);
  if (regionId !== region) return `the CMK must be in the region ${region}, not ${regionId}`;
  if (!key) return `the CMK ${keyId} does not exist`;
  if (key.KeyState !== 'Enabled') return `the CMK ${keyId} is ${key.KeyState}`;
  const isSymmetric = SYMMETRIC_SPECS.some((spec) => spec === key.KeySpec) && key.KeyUsage === 'ENCRYPT/DECRYPT';
  if (!isSymmetric) return `the CMK ${keyId} is not symmetric`;
  if (!role) return `the role ${roleArn} does not exist`;
  return trustsSls(role) ? undefined : `the role ${roleArn} does not trust ${SLS_SERVICE}`;
}

function trustsSls({ trust }: RamRole): boolean {
  const statements: { Effect?: string; Principal?: { Service?: string | string[] } }[] = [JSON.parse(trust).Statement];
  return statements
    .flat()
    .some((one) => one?.Effect === 'Allow' && [one.Principal?.Service].flat().includes(SLS_SERVICE));
}
