import { formatArn } from '../lib/domain/arn.ts';
import { type KeyPolicy, parseKeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { type Decision, decide, type IamRequest } from './iam.ts';
import { ask } from './role.ts';
import { ServiceError } from './service-error.ts';
import type { Call } from './services/service.ts';
import { findKey, type Key, organizationKeys, regionState } from './state.ts';

/** Who needs a right, and where. */
export type Caller = Pick<Call, 'cloud' | 'role' | 'account' | 'region' | 'partition' | 'callerArn'>;

/** Checks that the caller has a right, as `missingRight` does. @throws ServiceError in AWS's words */
export function requireRight(caller: Caller, action: string, resource: string, keys?: IamRequest['keys']): void {
  const error = missingRight(caller, action, resource, keys);
  if (error) throw error;
}

/**
 * Finds out whether a caller lacks a right. A role has the rights that its policies give; any other caller may do
 * everything in its own account. For a key the key policy counts too: a Deny in it wins, an Allow that names the caller or
 * everybody is enough within the account, and an Allow for the account leaves it to the caller's own policies.
 * @param more condition keys that only this request has, in lower case
 * @returns AWS's error, or undefined when the caller has the right
 */
export function missingRight(
  caller: Caller,
  action: string,
  resource: string,
  more?: IamRequest['keys'],
): ServiceError | undefined {
  const { role, account, region } = caller;
  const key = findKey(caller.cloud, resource);
  const keys = {
    'aws:requestedregion': [region],
    'aws:principalaccount': [account],
    'aws:principalarn': [role?.arn ?? caller.callerArn],
    ...organizationKeys(caller.cloud, 'aws:principalorgid', account),
    ...(key && { 'kms:resourcealiases': aliasesOf(caller, key), 'kms:calleraccount': [account] }),
    ...more,
  };
  const request = { action, resource, keys };
  const own = role ? ask(role, request) : 'ALLOW';
  const doesKeyPolicyCount = key && (role || key.AWSAccountId !== account);
  const parsed = doesKeyPolicyCount ? parseKeyPolicy(key.policyText) : undefined;
  const byKey = parsed ? admissionOf(caller, parsed.ok ? parsed.policy : null, request) : 'DELEGATED';
  if (own === 'EXPLICIT_DENY') return accessDenied(caller, action, resource, 'identity', own);
  if (byKey === 'EXPLICIT_DENY') return accessDenied(caller, action, resource, 'resource', byKey);
  const isAllowed = own === 'ALLOW' || (byKey === 'ALLOW' && key?.AWSAccountId === account);
  if (!isAllowed) return accessDenied(caller, action, resource, 'identity');
  return byKey === 'IMPLICIT_DENY' ? accessDenied(caller, action, resource, 'resource') : undefined;
}

/**
 * Evaluates a key policy, or the trust of a role, for a caller. An Allow for everybody needs no other permissions within the
 * account (IAM User Guide, "AWS JSON policy elements: Principal"). Assumptions: the ARN of a session stands for the caller,
 * as that of its role does; NotPrincipal compares the same names.
 * @param policy null: it cannot be read, or there is none
 */
export function admissionOf(caller: Caller, policy: KeyPolicy | null, request: IamRequest): Decision | 'DELEGATED' {
  const { role, account, partition, callerArn } = caller;
  if (policy === null) return 'IMPLICIT_DENY';
  const named = ['*', callerArn, ...(role ? [role.arn] : [])];
  const root = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const decision = decide(policy, { ...request, callers: [...named, account, root] });
  if (decision !== 'ALLOW') return decision;
  return decide(policy, { ...request, callers: named }) === 'ALLOW' ? 'ALLOW' : 'DELEGATED';
}

function aliasesOf({ cloud, region }: Caller, { AWSAccountId, KeyId }: Key): string[] {
  const { aliases } = regionState(cloud, AWSAccountId, region);
  return [...aliases.values()].filter(({ TargetKeyId }) => TargetKeyId === KeyId).map(({ AliasName }) => AliasName);
}

/** AWS's error when policies of a kind deny a right, or do not give it. */
export function accessDenied(
  { callerArn }: Caller,
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
