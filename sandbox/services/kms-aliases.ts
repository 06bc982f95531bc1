import type * as Kms from '@aws-sdk/client-kms';
import { brokenConstraint, ServiceError } from '../service-error.ts';
import { kmsArn } from '../state.ts';
import { aliasOf, invalidState, keyOf, pageOf, requireBetween } from './kms-lookup.ts';
import type { Call } from './service.ts';

export function createAlias(call: Call, { AliasName = '', TargetKeyId }: Kms.CreateAliasRequest): void {
  if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/.test(AliasName)) {
    // Assumption: the error's name. The API reference says only that such names are refused.
    const rule = 'begin with alias/, and not with alias/aws/';
    throw new ServiceError('ValidationException', brokenConstraint(AliasName, 'aliasName', rule));
  }
  if (call.state.aliases.has(AliasName)) {
    const arn = kmsArn(call.account, call.region, AliasName);
    throw new ServiceError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  point(call, AliasName, TargetKeyId);
}

export function updateAlias(call: Call, { AliasName, TargetKeyId }: Kms.UpdateAliasRequest): void {
  const alias = aliasOf(call, AliasName);
  point(call, alias.AliasName, TargetKeyId, alias.CreationDate);
}

export function deleteAlias(call: Call, { AliasName }: Kms.DeleteAliasRequest): void {
  call.state.aliases.delete(aliasOf(call, AliasName).AliasName);
}

export function listAliases(
  call: Call,
  { KeyId, Limit = 50, Marker }: Kms.ListAliasesRequest,
): Kms.ListAliasesResponse {
  requireBetween(Limit, 'limit', 1, 100);
  const keyId = KeyId && keyOf(call, KeyId).KeyId;
  const aliases = [...call.state.aliases.values()].filter(({ TargetKeyId }) => !keyId || TargetKeyId === keyId);
  aliases.sort((a, b) => (a.AliasName < b.AliasName ? -1 : 1));
  const { page, mark } = pageOf(call, aliases, Limit, Marker);
  const Aliases = page.map((alias) => ({ ...alias, AliasArn: kmsArn(call.account, call.region, alias.AliasName) }));
  return { Aliases, ...mark };
}

function point(call: Call, AliasName: string, target: string | undefined, CreationDate = call.cloud.now()): void {
  const key = keyOf(call, target);
  if (key.KeyState === 'PendingDeletion') throw invalidState(key);
  const alias = { AliasName, TargetKeyId: key.KeyId, CreationDate, LastUpdatedDate: call.cloud.now() };
  call.state.aliases.set(AliasName, alias);
}
