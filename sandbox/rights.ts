import { formatArn } from '../lib/domain/arn.ts';
import { parseKeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { type Decision, decide, type IamRequest } from './iam.ts';
import { ask } from './role.ts';
import { ServiceError } from './service-error.ts';
import type { Call } from './services/service.ts';
import { findKey, type Key, regionState } from './state.ts';

/**
 * Roles have the rights of their policies, everybody else may do what they like in their own account. Of a key its policy
 * decides as well: a Deny in it wins, an Allow that names the caller is enough within the account, an Allow for the
 * account leaves it to the caller's own policies.
 * @param viaService the service that calls KMS for the caller
 * @throws ServiceError in AWS's words
 */
export function requireRight(call: Call, action: string, resource: string, viaService?: string): void {
  const { role, account, region } = call;
  const key = findKey(call.cloud, resource);
  const keys = {
    'aws:requestedregion': [region],
    'aws:principalaccount': [account],
    'aws:principalarn': [role?.arn ?? call.callerArn],
    ...(viaService && { 'kms:viaservice': [viaService] }),
    ...(key && { 'kms:resourcealiases': aliasesOf(call, key), 'kms:calleraccount': [account] }),
  };
  const request = { action, resource, keys };
  const own = role ? ask(role, request) : 'ALLOW';
  const isJudgedByKey = key && (role || key.AWSAccountId !== account);
  const byKey = isJudgedByKey ? admissionOf(call, key.policyText, request) : 'DELEGATED';
  if (own === 'EXPLICIT_DENY') throw accessDenied(call, action, resource, 'identity', own);
  if (byKey === 'EXPLICIT_DENY') throw accessDenied(call, action, resource, 'resource', byKey);
  const isLetIn = own === 'ALLOW' || (byKey === 'ALLOW' && key?.AWSAccountId === account);
  if (!isLetIn) throw accessDenied(call, action, resource, 'identity');
  if (byKey === 'IMPLICIT_DENY') throw accessDenied(call, action, resource, 'resource');
}

/**
 * What a key policy says of a caller. Assumption: `*` leaves it to the caller's own policies, as the account's name does;
 * a session is named by its own ARN too, and NotPrincipal compares the same names.
 */
function admissionOf(call: Call, policyText: string, request: IamRequest): Decision | 'DELEGATED' {
  const { role, account, partition, callerArn } = call;
  const parsed = parseKeyPolicy(policyText);
  if (!parsed.ok) return 'IMPLICIT_DENY';
  const named = role ? [role.arn, callerArn] : [callerArn];
  const root = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const decision = decide(parsed.policy, { ...request, callers: [...named, '*', account, root] });
  if (decision !== 'ALLOW') return decision;
  return decide(parsed.policy, { ...request, callers: named }) === 'ALLOW' ? 'ALLOW' : 'DELEGATED';
}

function aliasesOf({ cloud, region }: Call, { AWSAccountId, KeyId }: Key): string[] {
  const { aliases } = regionState(cloud, AWSAccountId, region);
  return [...aliases.values()].filter(({ TargetKeyId }) => TargetKeyId === KeyId).map(({ AliasName }) => AliasName);
}

/** AWS's words for a right that a kind of policy denies, or does not give. */
export function accessDenied(
  { callerArn }: Call,
  action: string,
  resource: string,
  kind: 'identity' | 'resource',
  decision: Decision = 'IMPLICIT_DENY',
) {
  const denied = `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource}`;
  const because =
    decision === 'EXPLICIT_DENY'
      ? `with an explicit deny in ${kind === 'identity' ? 'an' : 'a'} ${kind}-based policy`
      : `because no ${kind}-based policy allows the ${action} action`;
  return new ServiceError('AccessDeniedException', `${denied} ${because}`);
}
