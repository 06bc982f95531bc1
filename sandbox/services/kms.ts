import type * as Kms from '@aws-sdk/client-kms';
import { parseArn } from '../../lib/domain/arn.ts';
import { accountPolicy, type Key, kmsArn, newKey, regionState } from '../state.ts';
import { json } from '../wire.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './kms-aliases.ts';
import { createGrant, listGrants, revokeGrant } from './kms-grants.ts';
import { invalidState, keyOf, pageOf, requireBetween } from './kms-lookup.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy, requireSoundPolicy } from './kms-policies.ts';
import type { Call, Service } from './service.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

function createKey(call: Call, input: Kms.CreateKeyRequest): Kms.CreateKeyResponse {
  const { Policy, Description = '', KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage = 'ENCRYPT_DECRYPT' } = input;
  const { MultiRegion = false, Origin = 'AWS_KMS', BypassPolicyLockoutSafetyCheck } = input;
  const key = newKey(call.account, call.region, `${call.account}/${call.region}/${call.state.keys.size}`, {
    ...{ Description, KeySpec, KeyUsage, MultiRegion, Origin, CreationDate: call.cloud.now() },
    KeyState: Origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    policyText: Policy ?? accountPolicy(call.account, call.region),
  });
  requireSoundPolicy(call, key.Arn, key.policyText, BypassPolicyLockoutSafetyCheck);
  call.state.keys.set(key.KeyId, key);
  return { KeyMetadata: metadataOf(key) };
}

function metadataOf({ policyText: _, ...metadata }: Key): Kms.KeyMetadata {
  const { KeySpec, KeyState, KeyUsage } = metadata;
  const CustomerMasterKeySpec = KeySpec as Kms.CustomerMasterKeySpec;
  const EncryptionAlgorithms = KeyUsage === 'ENCRYPT_DECRYPT' ? encryptionAlgorithms(KeySpec) : undefined;
  const Enabled = KeyState === 'Enabled' || KeyState === 'Updating';
  return { ...metadata, CustomerMasterKeySpec, EncryptionAlgorithms, Enabled };
}

function encryptionAlgorithms(spec: Kms.KeySpec | undefined): Kms.EncryptionAlgorithmSpec[] {
  if (spec === 'SYMMETRIC_DEFAULT') return ['SYMMETRIC_DEFAULT'];
  return spec === 'SM2' ? ['SM2PKE'] : ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
}

/** "Key states of AWS KMS keys": only an enabled or disabled key can be enabled or disabled. */
function switchTo(call: Call, state: 'Enabled' | 'Disabled', { KeyId }: Kms.EnableKeyRequest): void {
  const key = keyOf(call, KeyId);
  if (key.KeyState !== 'Enabled' && key.KeyState !== 'Disabled') throw invalidState(key);
  key.KeyState = state;
}

function isDying({ KeyState }: Key): boolean {
  return KeyState === 'PendingDeletion' || KeyState === 'PendingReplicaDeletion';
}

/** AWS Key Management Service. */
export const kms: Service = {
  name: 'kms',
  endpoint: 'TrentService',
  wire: json,
  operations: {
    CreateKey: createKey,
    DescribeKey: (call, { KeyId }: Kms.DescribeKeyRequest) => ({ KeyMetadata: metadataOf(keyOf(call, KeyId, 'ANY')) }),
    ListKeys(call, { Limit = 100, Marker }: Kms.ListKeysRequest): Kms.ListKeysResponse {
      requireBetween(Limit, 'limit', 1, 1000);
      const { page, mark } = pageOf(call, [...call.state.keys.values()], Limit, Marker);
      return { Keys: page.map(({ KeyId, Arn }) => ({ KeyId, KeyArn: Arn })), ...mark };
    },
    EnableKey: (call, input: Kms.EnableKeyRequest) => switchTo(call, 'Enabled', input),
    DisableKey: (call, input: Kms.DisableKeyRequest) => switchTo(call, 'Disabled', input),
    ScheduleKeyDeletion(call, input: Kms.ScheduleKeyDeletionRequest): Kms.ScheduleKeyDeletionResponse {
      const { KeyId, PendingWindowInDays = 30 } = input;
      const key = keyOf(call, KeyId);
      requireBetween(PendingWindowInDays, 'pendingWindowInDays', 7, 30);
      if (isDying(key)) throw invalidState(key);
      key.KeyState = 'PendingDeletion';
      key.DeletionDate = new Date(call.cloud.now().getTime() + PendingWindowInDays * DAY_MS);
      return { KeyId: key.Arn, KeyState: key.KeyState, DeletionDate: key.DeletionDate, PendingWindowInDays };
    },
    CancelKeyDeletion(call, { KeyId }: Kms.CancelKeyDeletionRequest): Kms.CancelKeyDeletionResponse {
      const key = keyOf(call, KeyId);
      if (!isDying(key)) throw invalidState(key, 'not pending deletion');
      key.KeyState = 'Disabled';
      key.DeletionDate = undefined;
      return { KeyId: key.Arn };
    },
    GetKeyPolicy: getKeyPolicy,
    PutKeyPolicy: putKeyPolicy,
    ListKeyPolicies: listKeyPolicies,
    CreateAlias: createAlias,
    UpdateAlias: updateAlias,
    DeleteAlias: deleteAlias,
    ListAliases: listAliases,
    CreateGrant: createGrant,
    ListGrants: listGrants,
    RevokeGrant: revokeGrant,
  },
  unavailable: 'KMSInternalException',
  /** IAM knows keys by their key ARN, even when a request uses an id or an alias. */
  resourceArns(call, { KeyId, TargetKeyId }) {
    // Service Authorization Reference: this action has no resource types.
    if (call.name === 'kms:ListAliases') return ['*'];
    const named = String(KeyId ?? TargetKeyId ?? '*');
    const { account, resource } = parseArn(named) ?? { account: call.account, resource: named };
    const alias = regionState(call.cloud, account, call.region).aliases.get(resource);
    if (alias) return [kmsArn(account, call.region, `key/${alias.TargetKeyId}`)];
    if (named === '*' || named.startsWith('arn:')) return [named];
    return [kmsArn(account, call.region, named.startsWith('alias/') ? named : `key/${named}`)];
  },
};
