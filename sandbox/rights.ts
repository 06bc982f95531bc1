import type { KeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { decide, type IamRequest } from './iam.ts';
import { ServiceError } from './service-error.ts';
import { admits } from './services/kms-policies.ts';
import type { Call } from './services/service.ts';
import { findKey, type Key, regionState } from './state.ts';

/** One right that a role was asked for. */
export interface Right {
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** What a function may do: its role in the template. Permissions boundaries are not read. */
export interface Role {
  /** As GetCallerIdentity names the function's session. */
  readonly sessionArn: string;
  readonly policy: KeyPolicy;
  /** Every right that was asked for, once each. */
  readonly used: Map<string, Right>;
}

/** Asks a role for a right, and records that it was asked. */
export function isAllowed(role: Role, request: IamRequest): boolean {
  const { action, resource } = request;
  const allowed = decide(role.policy, request) === 'ALLOW';
  role.used.set(`${action} ${resource} ${allowed}`, { action, resource, allowed });
  return allowed;
}

/**
 * Functions act by their role, everybody else may do what they like in their own account. For a key its policy must
 * admit the caller's account as well; that a key policy names a role alone, without a right of its own, is not read.
 * @param viaService the service that calls KMS for the caller
 * @throws ServiceError in AWS's words
 */
export function requireRight(call: Call, action: string, resource: string, viaService?: string): void {
  const { role, account, region } = call;
  const key = findKey(call.cloud, resource);
  const keys = {
    'aws:requestedregion': [region],
    'aws:principalaccount': [account],
    ...(viaService && { 'kms:viaservice': [viaService] }),
    ...(key && { 'kms:resourcealiases': aliasesOf(call, key), 'kms:calleraccount': [account] }),
  };
  if (role && !isAllowed(role, { action, resource, keys })) throw accessDenied(call, action, resource, 'identity');
  const isJudgedByKey = key && (role || key.AWSAccountId !== account);
  if (isJudgedByKey && !admits(key.policyText, account, action)) throw accessDenied(call, action, resource, 'resource');
}

function aliasesOf({ cloud, region }: Call, { AWSAccountId, KeyId }: Key): string[] {
  const { aliases } = regionState(cloud, AWSAccountId, region);
  return [...aliases.values()].filter(({ TargetKeyId }) => TargetKeyId === KeyId).map(({ AliasName }) => AliasName);
}

/** AWS's words for a right that a kind of policy does not give. */
export function accessDenied({ callerArn }: Call, action: string, resource: string, kind: 'identity' | 'resource') {
  const denied = `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource}`;
  const because = `because no ${kind}-based policy allows the ${action} action`;
  return new ServiceError('AccessDeniedException', `${denied} ${because}`);
}
