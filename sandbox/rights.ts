import { formatArn } from '../lib/domain/arn.ts';
import { parseKeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { type Decision, decide, type IamRequest } from './iam.ts';
import { ask } from './role.ts';
import { ServiceError } from './service-error.ts';
import type { Call } from './services/service.ts';
import { findKey, type Key, regionState } from './state.ts';

/**
 * Checks that the caller has a right. A role has the rights that its policies give; any other caller may do everything
 * in its own account. For a key the key policy counts too: a Deny in it wins, an Allow that names the caller is enough
 * within the account, and an Allow for the account leaves it to the caller's own policies.
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
  const doesKeyPolicyCount = key && (role || key.AWSAccountId !== account);
  const byKey = doesKeyPolicyCount ? admissionOf(call, key.policyText, request) : 'DELEGATED';
  if (own === 'EXPLICIT_DENY') throw accessDenied(call, action, resource, 'identity', own);
  if (byKey === 'EXPLICIT_DENY') throw accessDenied(call, action, resource, 'resource', byKey);
  const isAllowed = own === 'ALLOW' || (byKey === 'ALLOW' && key?.AWSAccountId === account);
  if (!isAllowed) throw accessDenied(call, action, resource, 'identity');
  if (byKey === 'IMPLICIT_DENY') throw accessDenied(call, action, resource, 'resource');
}

/**
 * Evaluates a key policy for a caller. Assumptions: like the account, `*` leaves it to the caller's own policies; the
 * ARN of a session stands for the caller, as that of its role does; NotPrincipal compares the same names.
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

/** AWS's error when policies of a kind deny a right, or do not give it. */
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
