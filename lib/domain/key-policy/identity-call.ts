import { parseArn } from '../arn.ts';
import { logsEndpoint } from '../partition.ts';
import type { PolicyCaller } from './caller.ts';
import { type KeyValue, SOME_VALUE } from './operators.ts';
import type { Statement } from './parse.ts';
import { LOGS_CONTEXT_KEY, type LogsService, type ServiceCall } from './service-call.ts';
import { type BoundPolicy, holdsForEach } from './statement.ts';
import { every, type Tri } from './tri.ts';

/** Keys that only calls by a service, or under a grant, carry. */
const ABSENT = /^(kms:grant.*|aws:source(arn|account|org.*)|aws:principalservicename.*)$/;
const UNKNOWN: readonly KeyValue[] = [undefined, [SOME_VALUE]];

/**
 * Every value that a condition key may have when a user or a role makes a call, whichever that is.
 * @param key in lower case
 * @param account of the user or role; default: that of the key
 */
export function identityValues(
  key: string,
  { keyArn, possibleValues }: LogsService,
  account = parseArn(keyArn)?.account ?? '',
): readonly KeyValue[] {
  if (ABSENT.test(key)) return [undefined];
  switch (key) {
    case 'kms:calleraccount':
    case 'aws:principalaccount':
      return [[account]];
    case 'aws:principalisawsservice':
      return [['false']];
    case 'aws:resourceaccount':
    case 'aws:securetransport':
    case 'aws:requestedregion':
    case 'aws:currenttime':
    case 'aws:epochtime':
      return possibleValues.get(key) ?? [undefined];
    default:
      return UNKNOWN;
  }
}

/**
 * Whether the conditions of a statement hold for a call that CloudWatch Logs makes on behalf of a user or a role, which writes
 * to a log group or reads it. AWS's managed policy CloudWatchLogsAPIKeyAccess shows the encryption context that such calls carry.
 * @param logs the call that CloudWatch Logs would make by itself, for its encryption context
 * @param caller whose ARN is null: any of the account
 * @param orgId the organization of the caller; default: that of the key
 */
export function throughLogs(
  policy: BoundPolicy,
  logs: ServiceCall,
  { principalArn, account }: PolicyCaller,
  orgId?: string,
): (statement: Statement, action: string) => Tri {
  const { service } = policy;
  const { partition = '', region = '' } = parseArn(service.keyArn) ?? {};
  const valuesOf = (key: string, action: string): readonly KeyValue[] => {
    if (key.startsWith('kms:encryptioncontext')) {
      if (action === 'kms:DescribeKey') return [undefined];
      return key === LOGS_CONTEXT_KEY || logs.isLogGroup ? logs.possibleValues(key) : UNKNOWN;
    }
    switch (key) {
      case 'kms:viaservice':
        return [[logsEndpoint(partition, region)]];
      case 'aws:viaawsservice':
        return [['true']];
      case 'aws:principalarn':
        return principalArn === null ? UNKNOWN : [[principalArn]];
      case 'aws:principalorgid':
        if (orgId !== undefined) return [[orgId]];
        return service.possibleValues.get('aws:resourceorgid') ?? UNKNOWN;
      default:
        return identityValues(key, service, account);
    }
  };
  return ({ conditions }, action) =>
    every(conditions, (condition) => holdsForEach(policy, condition, valuesOf(condition.key, action)));
}
