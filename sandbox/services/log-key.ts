import type { GrantOperation } from '@aws-sdk/client-kms';
import { parseArn } from '../../lib/domain/arn.ts';
import { REQUIRED_ACTIONS } from '../../lib/domain/key-policy/actions.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import { logsEndpoint } from '../../lib/domain/partition.ts';
import { requireRight } from '../rights.ts';
import { invalidParameter, ServiceError } from '../service-error.ts';
import { findKey, type Key, regionState } from '../state.ts';
import type { Call } from './service.ts';

/**
 * The checks that CloudWatch Logs makes before it attaches a key to a log group or the query results. Assumptions: the
 * order, and every text except the two that cite an issue. An opaque world refuses every key with the second of these.
 * @throws ServiceError
 */
export function requireUsableKey(call: Call, keyId: string, storeArn: string): void {
  const arn = parseArn(keyId);
  // hashicorp/terraform-provider-aws #25258 for ids. Assumption: the same for an alias ARN.
  if (!arn?.resource.startsWith('key/')) throw invalidParameter('The specified KMS Key Id could not be found.');
  try {
    requireFitKey(call, keyId, storeArn);
  } catch (error) {
    throw call.cloud.opaque ? notAllowed(storeArn) : error;
  }
}

/** hashicorp/terraform-provider-aws #29282, aws/aws-cdk #28304 */
function notAllowed(storeArn: string): ServiceError {
  const text = `The specified KMS key does not exist or is not allowed to be used with Arn '${storeArn}'`;
  return new ServiceError('AccessDeniedException', text);
}

function requireFitKey(call: Call, keyId: string, storeArn: string): void {
  const refused = (why: string) => invalidParameter(`The specified KMS Key '${keyId}' ${why}.`);
  const key = findKey(call.cloud, keyId);
  if (!key) throw refused('does not exist');
  if (parseArn(key.Arn)?.region !== call.region) throw refused(`is not in ${call.region}`);
  if (key.KeyState !== 'Enabled' && key.KeyState !== 'Updating') throw refused(`is in the state ${key.KeyState}`);
  if (key.KeySpec !== 'SYMMETRIC_DEFAULT' || key.KeyUsage !== 'ENCRYPT_DECRYPT') throw refused('is not symmetric');
  // Assumption: it is refused whatever its policy says, which AWS writes for another service.
  if (key.KeyManager === 'AWS') throw notAllowed(storeArn);
  // AWS was seen to check kms:DescribeKey and kms:Encrypt (aws-secure-environment-accelerator PR 1293). Assumption: it
  // checks the others too, which its guide asks of callers. A caller without a role has every right in its own account.
  const service = logsService(key.Arn, { now: call.cloud.now(), logsPrincipal: call.cloud.logsPrincipal });
  const rights = call.role || key.AWSAccountId !== call.account ? ['kms:DescribeKey', ...REQUIRED_ACTIONS] : [];
  const viaLogs = { 'kms:viaservice': [logsEndpoint(call.partition, call.region)] };
  for (const action of rights) requireRight(call, action, key.Arn, viaLogs);
  const isGroup = parseArn(storeArn)?.resource.startsWith('log-group:');
  const subject = isGroup
    ? ({ type: 'log-group', arn: storeArn } as const)
    : ({ type: 'query-results', account: call.account } as const);
  const { verdict } = evaluateKeyPolicy(readKeyPolicy(key.policyText, service), subject);
  const isUncertain =
    verdict === 'UNCERTAIN' || (verdict === 'MISSING_ACTIONS' && isGranted(call, key, service.regionalName));
  if (verdict === 'ALLOWED' || (isUncertain && call.cloud.uncertain === 'allow')) return;
  throw notAllowed(storeArn);
}

/** Assumption: it is unknown whether CloudWatch Logs uses a grant. The grant's constraints are ignored. */
function isGranted({ cloud, region }: Call, { AWSAccountId, Arn }: Key, service: string): boolean {
  const required = REQUIRED_ACTIONS.map((action) => action.replace('kms:', '') as GrantOperation);
  const { grants } = regionState(cloud, AWSAccountId, region);
  return [...grants.values()].some(
    ({ KeyId, GranteeServicePrincipal, Operations = [] }) =>
      KeyId === Arn && GranteeServicePrincipal === service && required.every((one) => Operations.includes(one)),
  );
}
