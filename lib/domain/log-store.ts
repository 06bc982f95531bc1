import { formatArn } from './arn.ts';
import { type Target, targetOf } from './target.ts';

/** A log group, an account's stored Logs Insights results, or an SLS Logstore. */
export type LogStoreType = 'log-group' | 'query-results' | 'logstore';

/** One container of logs that a key can be attached to. */
export interface LogStore extends Target {
  readonly type: LogStoreType;
  readonly name: string;
  /** Without the `:*` that `DescribeLogGroups` puts at the end of `arn`. */
  readonly arn: string;
}

/** A log store as it was read: which key is attached to it, if any. */
export interface FoundLogStore {
  readonly store: LogStore;
  /** What encrypts it: a key ARN of KMS, for a Logstore the id of a CMK or `SERVICE_KEY`; null: nothing of the kind. */
  readonly keyArn: string | null;
  /** Of a Logstore whose encryption was configured, be it on or off: type and key can never be changed. */
  readonly fixed?: FixedEncryption;
}

/** What SLS encrypts a Logstore with since its encryption was configured, and for good. */
export interface FixedEncryption {
  /** The id of a CMK, or `SERVICE_KEY`. */
  readonly keyArn: string;
  /** Of the key; null: not told. */
  readonly region: string | null;
}

/** `DescribeLogGroups` answers with `:*` at the end; the encryption context and `resourceIdentifier` go without. */
export function withoutStreamWildcard(logGroupArn: string): string {
  return logGroupArn.endsWith(':*') ? logGroupArn.slice(0, -2) : logGroupArn;
}

/** The ARN of a log group, in the form without `:*`. */
export function logGroupArn(partition: string, target: Target, name: string): string {
  return formatArn({
    partition,
    service: 'logs',
    region: target.region,
    account: target.account,
    resource: `log-group:${name}`,
  });
}

/** A log group as a log store. */
export function logGroupOf(partition: string, target: Target, name: string): LogStore {
  return { ...targetOf(target), type: 'log-group', name, arn: logGroupArn(partition, target, name) };
}

/** `resourceIdentifier` of the stored results of all future Logs Insights queries of an account in a Region. */
export function queryResultsArn(partition: string, target: Target): string {
  return formatArn({
    partition,
    service: 'logs',
    region: target.region,
    account: target.account,
    resource: 'query-result:*',
  });
}

/** The stored results of all future Logs Insights queries as a log store. Its name cannot be a log group's. */
export function queryResultsOf(partition: string, target: Target): LogStore {
  const arn = queryResultsArn(partition, target);
  return { ...targetOf(target), type: 'query-results', name: QUERY_RESULTS_NAME, arn };
}

export const QUERY_RESULTS_NAME = 'query-result:*';

/** A log store of AWS by the name that findings and the journal give it. */
export function awsStoreNamed(partition: string, target: Target, name: string): LogStore {
  return name === QUERY_RESULTS_NAME ? queryResultsOf(partition, target) : logGroupOf(partition, target, name);
}

/** Stands for log groups in general where a key policy is asked: one that no policy names. */
export const ANY_LOG_GROUP_NAME = 'any-log-group';

/** CloudWatch Logs: names have 1 to 512 of these characters. */
export function isLogGroupName(text: string): boolean {
  return /^[.\-_/#A-Za-z0-9]{1,512}$/.test(text);
}

/**
 * Log groups whose name begins with `aws/` (no leading slash) belong to AWS and cannot be changed
 * (landing-zone-accelerator-on-aws #751, #755).
 */
export function isReserved(store: LogStore): boolean {
  return store.type === 'log-group' && store.name.startsWith('aws/');
}
