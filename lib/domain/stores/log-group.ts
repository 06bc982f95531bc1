import { formatArn } from '../arn.ts';
import type { Reason, Refusal } from '../reasons.ts';
import { problem } from '../reasons.ts';
import type { Target } from '../target.ts';
import type { LogStoreKind } from './kind.ts';

/** A log group of CloudWatch Logs. */
export const LOG_GROUP: LogStoreKind = {
  type: 'log-group',
  provider: 'aws',
  noun: 'log group',
  serviceName: 'AWS',
  readingRights: 'logs:DescribeLogGroups',
  configuresForGood: false,
  unsealedNote: null,
  neverConfigured: null,
  refusedFix: null,
  nameMistake: (name) =>
    isLogGroupName(name) ? undefined : `expected the name of a log group, got ${JSON.stringify(name)}`,
  arnOf: logGroupArn,
  whyNotSealed: ({ keyArn }) => (keyArn === null ? NO_KEY : undefined),
  whyUnchangeable: ({ store }) => (isReserved(store.name) ? RESERVED : undefined),
  policySubject: ({ arn }) => ({ type: 'log-group', arn }),
};

/** CloudWatch Logs API, `CreateLogGroup`: a name has 1 to 512 of these characters. */
export function isLogGroupName(text: string): boolean {
  return /^[.\-_/#A-Za-z0-9]{1,512}$/.test(text);
}

/** Stands for log groups in general where a key policy is asked: a name that no policy lists. */
export const ANY_LOG_GROUP_NAME = 'any-log-group';

/** The ARN of a log group without the `:*` that `DescribeLogGroups` puts at the end of `arn`. */
export function logGroupArn(partition: string, { region, account }: Target, name: string): string {
  return formatArn({ partition, service: 'logs', region, account, resource: `log-group:${name}` });
}

/** The encryption context and `resourceIdentifier` take the ARN without the `:*` that `DescribeLogGroups` adds. */
export function withoutStreamWildcard(logGroupArn: string): string {
  return logGroupArn.endsWith(':*') ? logGroupArn.slice(0, -2) : logGroupArn;
}

/** AWS owns names that begin with `aws/`, without a leading slash (landing-zone-accelerator-on-aws #751, #755). */
function isReserved(name: string): boolean {
  return name.startsWith('aws/');
}

const NO_KEY: Reason = problem(
  'NO_KEY',
  'no KMS key is attached: the logs are encrypted with a key that AWS owns',
  'attach a key: logseal apply --key KEY',
);

const RESERVED: Refusal = problem(
  'STORE_RESERVED',
  'log groups whose name begins with aws/ belong to AWS and cannot be changed',
  'nothing to do: the service that owns the log group decides how it is encrypted',
);
