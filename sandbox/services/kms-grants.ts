import { createHash, randomUUID } from 'node:crypto';
import type * as Kms from '@aws-sdk/client-kms';
import { formatArn } from '../../lib/domain/arn.ts';
import { ServiceError } from '../service-error.ts';
import { type Grant, type Key, regionState } from '../state.ts';
import { invalidState, keyOf, pageOf, requireBetween } from './kms-lookup.ts';
import type { Call } from './service.ts';

/** Assumptions: the texts, and that a repeated request makes a second grant, even one with the same name. */
export function createGrant(call: Call, input: Kms.CreateGrantRequest): Kms.CreateGrantResponse {
  const key = keyOf(call, input.KeyId, 'EVERY');
  if (key.KeyState === 'Disabled') throw new ServiceError('DisabledException', `${key.Arn} is disabled.`);
  if (key.KeyState !== 'Enabled' && key.KeyState !== 'Updating') throw invalidState(key);
  const { Operations = [], Constraints, Name, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal } = input;
  if (!GranteePrincipal === !GranteeServicePrincipal) {
    throw invalid('Exactly one of GranteePrincipal and GranteeServicePrincipal must be given.');
  }
  if (Operations.length === 0) throw invalid('Operations must not be empty.');
  if (GranteeServicePrincipal && !(Constraints?.SourceArn && (RetiringPrincipal || input.RetiringServicePrincipal))) {
    throw invalid('A grant to a service needs a SourceArn and a retiring principal.');
  }
  const { account, partition } = call;
  const IssuingAccount = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const GrantId = createHash('sha256').update(randomUUID()).digest('hex');
  const given = { Operations, Constraints, Name, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal };
  const made = { KeyId: key.Arn, GrantId, CreationDate: call.cloud.now(), IssuingAccount };
  grantsOf(call, key).set(GrantId, { ...given, ...made });
  return { GrantId, GrantToken: Buffer.from(GrantId).toString('base64') };
}

export function listGrants(call: Call, input: Kms.ListGrantsRequest): Kms.ListGrantsResponse {
  const { Limit = 50, Marker, GrantId, GranteePrincipal } = input;
  const key = keyOf(call, input.KeyId, 'EVERY');
  requireBetween(Limit, 'limit', 1, 100);
  const grants = [...grantsOf(call, key).values()].filter(
    (grant) =>
      grant.KeyId === key.Arn &&
      grant.GrantId === (GrantId ?? grant.GrantId) &&
      grant.GranteePrincipal === (GranteePrincipal ?? grant.GranteePrincipal),
  );
  const { page, mark } = pageOf(call, grants, Limit, Marker);
  return { Grants: page, ...mark };
}

export function revokeGrant(call: Call, { KeyId, GrantId = '' }: Kms.RevokeGrantRequest): void {
  const key = keyOf(call, KeyId, 'EVERY');
  const grants = grantsOf(call, key);
  // Assumption: the text.
  if (grants.get(GrantId)?.KeyId !== key.Arn) throw new ServiceError('NotFoundException', `Grant ${GrantId} not found`);
  grants.delete(GrantId);
}

function grantsOf({ cloud, region }: Call, { AWSAccountId }: Key): Map<string, Grant> {
  return regionState(cloud, AWSAccountId, region).grants;
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
