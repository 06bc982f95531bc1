import { createHash } from 'node:crypto';
import { SortedMap } from '../sorted-map.ts';

/** The service principal of SLS. */
export const SLS_SERVICE = 'log.aliyuncs.com';
/** The policies that a role needs for SLS to use keys with it. */
export const KMS_POLICIES = ['AliyunKMSReadOnlyAccess', 'AliyunKMSCryptoUserAccess'];
const SYMMETRIC_SPECS = ['Aliyun_AES_256', 'Aliyun_AES_192', 'Aliyun_AES_128', 'Aliyun_SM4'] as const;
const ASYMMETRIC_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_P256', 'EC_P256K', 'EC_SM2'] as const;
export const SPECS = [...SYMMETRIC_SPECS, ...ASYMMETRIC_SPECS] as const;
export const USAGES = ['ENCRYPT/DECRYPT', 'SIGN/VERIFY'] as const;
export const STATES = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'] as const;

/** A customer master key, with the fields that `DescribeKey` returns. */
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

/** The key of a Logstore, with the field names of `UpdateLogStoreEncryption`. */
export interface CmkInfo {
  readonly keyId: string;
  readonly roleArn: string;
  readonly regionId: string;
}

/** The encryption of a Logstore. Once it is configured, only `enable` can change. */
export interface Encryption {
  enable: boolean;
  readonly encryptType: string;
  /** Undefined for SLS's own key. */
  readonly cmk: CmkInfo | undefined;
}

/** A Logstore. Its logs are not kept. */
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

/** The resources in one Region: keys by id, projects by name. */
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

/** One account of Alibaba Cloud. Roles, by name, belong to no Region. */
export interface AlibabaCloud {
  readonly account: string;
  readonly regions: Map<string, AlibabaRegion>;
  readonly roles: Map<string, RamRole>;
  readonly now: () => Date;
}

/** The resources in a Region, none at first. */
export function alibabaRegion({ regions }: AlibabaCloud, region: string): AlibabaRegion {
  const known = regions.get(region);
  if (known) return known;
  const fresh = { keys: new Map(), projects: new SortedMap<Project>() };
  regions.set(region, fresh);
  return fresh;
}

/** The id of the key with this nickname in a world. Assumption: ids have the same prefix in every Region. */
export function alibabaKeyId(region: string, nickname: string): string {
  const hex = createHash('sha256').update(`${region}/${nickname}`).digest('hex');
  return `key-hzz${hex.slice(0, 22)}`;
}

export function ramRoleArn(account: string, name: string): string {
  return `acs:ram::${account}:role/${name}`;
}

/** A trust policy that names these services. */
export function trustPolicy(services: readonly string[]): string {
  const Statement = [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: services } }];
  return JSON.stringify({ Statement, Version: '1' });
}

/**
 * Why SLS cannot use this key for Logstores in a Region, or undefined. Assumptions: SLS refuses asymmetric keys; a role
 * that was deleted or no longer trusts SLS has the same effect as a deleted key. The role's policies are not checked.
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
