import type * as Kms from '@aws-sdk/client-kms';
import { parseKeyPolicy } from '../../lib/domain/key-policy/parse.ts';
import { matchesWildcard } from '../../lib/domain/key-policy/wildcard.ts';
import { accessDenied } from '../rights.ts';
import { ServiceError } from '../service-error.ts';
import { keyOf } from './kms-lookup.ts';
import type { Call } from './service.ts';

const MAX_POLICY_BYTES = 32_768;

export function getKeyPolicy(call: Call, input: Kms.GetKeyPolicyRequest): Kms.GetKeyPolicyResponse {
  const { policyText } = keyOf(call, input.KeyId);
  requireDefaultName(input.PolicyName);
  return { Policy: policyText, PolicyName: 'default' };
}

export function putKeyPolicy(call: Call, input: Kms.PutKeyPolicyRequest): void {
  const key = keyOf(call, input.KeyId);
  // "Change a key policy": only that of a customer managed key can be changed. Assumption: the error.
  if (key.KeyManager === 'AWS') throw accessDenied(call, call.name, key.Arn, 'resource');
  requireDefaultName(input.PolicyName);
  requireSoundPolicy(call, input.Policy, input.BypassPolicyLockoutSafetyCheck);
  key.policyText = input.Policy ?? '';
}

export function listKeyPolicies(call: Call, input: Kms.ListKeyPoliciesRequest): Kms.ListKeyPoliciesResponse {
  keyOf(call, input.KeyId);
  return { PolicyNames: ['default'], Truncated: false };
}

/** "The only valid value is default." */
function requireDefaultName(name = 'default'): void {
  if (name !== 'default') throw new ServiceError('NotFoundException', 'No such policy exists'); // Assumption: the text.
}

/**
 * Checks the size and the form of a policy and, unless that is bypassed, that the account can still change the policy.
 * Assumptions: the first two texts.
 * @throws ServiceError
 */
export function requireSoundPolicy(call: Call, policyText = '', bypassLockoutCheck = false): void {
  if (Buffer.byteLength(policyText) > MAX_POLICY_BYTES) {
    throw new ServiceError('LimitExceededException', `The policy is longer than ${MAX_POLICY_BYTES} bytes.`);
  }
  if (!parseKeyPolicy(policyText).ok) {
    throw new ServiceError('MalformedPolicyDocumentException', 'The policy is not valid.');
  }
  if (bypassLockoutCheck || admits(policyText, call.account, 'kms:PutKeyPolicy')) return;
  const lockout = 'The new key policy will not allow you to update the key policy in the future.';
  throw new ServiceError('MalformedPolicyDocumentException', lockout);
}

/**
 * Whether an Allow statement for the action names everybody, or the account by its id or an ARN. Deliberately simple,
 * since only the lock-out check uses it: Deny, conditions and identity policies are ignored.
 */
function admits(policyText: string, account: string, action: string): boolean {
  type Statement = { Effect?: string; Principal?: '*' | { AWS?: string | string[] }; Action?: string | string[] };
  const { Statement: statements } = JSON.parse(policyText) as { Statement?: Statement | Statement[] };
  return [statements ?? []].flat().some(({ Effect, Principal, Action }) => {
    const names = Principal === '*' ? ['*'] : [Principal?.AWS ?? []].flat();
    const actions = [Action ?? []].flat().map((pattern) => pattern.toLowerCase());
    const isNamed = names.some((name) => name === '*' || name === account || name.split(':')[4] === account);
    return Effect === 'Allow' && isNamed && actions.some((pattern) => matchesWildcard(pattern, action.toLowerCase()));
  });
}
