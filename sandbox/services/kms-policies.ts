import type * as Kms from '@aws-sdk/client-kms';
import { callerAccess } from '../../lib/domain/key-policy/caller.ts';
import { documentProblems, MAX_POLICY_BYTES } from '../../lib/domain/key-policy/document.ts';
import { optInPrincipals } from '../../lib/domain/key-policy/principal-form.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import type { DocumentCode } from '../../lib/domain/reasons.ts';
import { accessDenied } from '../rights.ts';
import { brokenConstraint, ServiceError } from '../service-error.ts';
import { recordKeyChange } from '../writers.ts';
import { keyOf } from './kms-lookup.ts';
import type { Call } from './service.ts';

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
  requireSoundPolicy(call, key.Arn, input.Policy, input.BypassPolicyLockoutSafetyCheck);
  key.policyText = input.Policy ?? '';
  recordKeyChange(call.cloud, ({ kmsKeyId }) => kmsKeyId === key.Arn);
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
 * Checks that KMS would accept a policy for a key: first the document, then the caller's part of the lockout safety check.
 * Assumptions: the names and texts of errors other than those of the lockout and of invalid principals, and that a world
 * which refuses what is uncertain has enabled no opt-in Region but the key's own.
 * @throws ServiceError
 */
export function requireSoundPolicy(call: Call, keyArn: string, policyText = '', bypassLockoutCheck = false): void {
  const { logsPrincipal } = call.cloud;
  const policy = readKeyPolicy(policyText, logsService(keyArn, { now: call.cloud.now(), logsPrincipal }));
  const problems = documentProblems(policy).filter(({ code }) => code !== 'LOCKS_OUT' || !bypassLockoutCheck);
  const [first] = problems;
  if (first) throw REFUSALS[first.code]();
  if (policy.status === 'MALFORMED') throw malformed('The policy is not valid.');
  const hasUnknownRegion = policy.statements.some((statement) => optInPrincipals(statement, policy.service).length > 0);
  if (hasUnknownRegion && call.cloud.uncertain === 'refuse') throw invalidPrincipal();
  if (bypassLockoutCheck) return;
  const { role, account } = call;
  const who = { principalArn: role?.arn ?? call.callerArn, account };
  const { access } = callerAccess(policy, keyArn, who, 'kms:PutKeyPolicy');
  if (access === 'DENIED' || access === 'NOT_MENTIONED') throw lockedOut();
}

function malformed(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocumentException', message);
}

/** landing-zone-accelerator-on-aws #1054 */
function invalidPrincipal(): ServiceError {
  return malformed('Policy contains a statement with one or more invalid principals.');
}

function lockedOut(): ServiceError {
  return malformed('The new key policy will not allow you to update the key policy in the future.');
}

function unacceptedCharacters(): ServiceError {
  const expected = 'satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+';
  return new ServiceError('ValidationException', brokenConstraint('…', 'policy', expected));
}

const REFUSALS: Readonly<Record<DocumentCode, () => ServiceError>> = {
  TOO_LARGE: () => new ServiceError('LimitExceededException', `The policy is longer than ${MAX_POLICY_BYTES} bytes.`),
  CHARACTERS: unacceptedCharacters,
  PRINCIPAL_PATTERN: invalidPrincipal,
  PRINCIPAL_ORPHAN: invalidPrincipal,
  PRINCIPAL_INVALID: invalidPrincipal,
  SERVICE_NAME: invalidPrincipal,
  LOCKS_OUT: lockedOut,
};
