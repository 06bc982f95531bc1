import type { GrantOperation } from '@aws-sdk/client-kms';
import { parseArn } from '../../lib/domain/arn.ts';
import { REQUIRED_ACTIONS } from '../../lib/domain/key-policy/actions.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import { requireRight } from '../rights.ts';
import { invalidParameter, ServiceError } from '../service-error.ts';
import { findKey, type Key, regionState } from '../state.ts';
import type { Call } from './service.ts';

/**
 * What CloudWatch Logs checks before it takes a key for a log group or the query results. Assumptions: the order, and
 * every text but the two that name an issue. In an opaque world every key is refused in the words of the last one.
 * @throws ServiceError
 */
export function requireUsableKey(call: Call, keyId: string, storeArn: string): void {
  const arn = parseArn(keyId);
  // hashicorp/terraform-provider-aws #25258 for ids. Assumption: an alias ARN is refused alike.
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
  // kms:DescribeKey and kms:Encrypt were seen in the field (aws-secure-environment-accelerator PR 1293). Assumption: the
  // others, which AWS's guide asks of whoever works with the group. Whoever acts by no role has every right.
  const service = `logs.${call.region}.${call.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  const rights = call.role ? ['kms:DescribeKey', ...REQUIRED_ACTIONS] : [];
  for (const action of rights) requireRight(call, action, key.Arn, service);
  const isGroup = parseArn(storeArn)?.resource.startsWith('log-group:');
  const subject = isGroup
    ? ({ type: 'log-group', arn: storeArn } as const)
    : ({ type: 'query-results', account: call.account } as const);
  const policy = readKeyPolicy(key.policyText, logsService(key.Arn, call.cloud.now()));
  const { verdict } = evaluateKeyPolicy(policy, subject);
  const isUncertain = verdict === 'UNCERTAIN' || (verdict === 'MISSING_ACTIONS' && isGranted(call, key, service));
  if (verdict === 'ALLOWED' || (isUncertain && call.cloud.uncertain === 'allow')) return;
  throw notAllowed(storeArn);
}

/** Assumption: CloudWatch Logs may or may not use a grant, and its constraints are not read. */
function isGranted({ cloud, region }: Call, { AWSAccountId, Arn }: Key, service: string): boolean {
  const required = REQUIRED_ACTIONS.map((action) => action.replace('kms:', '') as GrantOperation);
  const { grants } = regionState(cloud, AWSAccountId, region);
  return [...grants.values()].some(
    ({ KeyId, GranteeServicePrincipal, Operations = [] }) =>
      KeyId === Arn && GranteeServicePrincipal === service && required.every((one) => Operations.includes(one)),
  );
}
