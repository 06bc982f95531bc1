import { formatArn, parseArn } from '../arn.ts';
import type { BuiltInExemption } from '../exemption.ts';
import { problem, type Reason } from '../reasons.ts';
import type { Target } from '../target.ts';
import type { LogStoreKind } from './kind.ts';

/**
 * The one log group below `aws/` whose key its account can set: AWS documents AssociateKmsKey for it (AWS X-Ray API Reference,
 * `CloudWatchLogsConfiguration`).
 */
export const SPANS_NAME = 'aws/spans';

/** Names that begin with `aws/`, without a leading slash, belong to AWS (landing-zone-accelerator-on-aws #751, #755). */
const AWS_RESERVED: BuiltInExemption = {
  id: 'aws-reserved',
  reason: 'log groups whose name begins with aws/ belong to AWS, and only AWS can change how they are encrypted',
  owner: 'AWS',
  expires: null,
  covers: ({ name }) => name.startsWith('aws/') && name !== SPANS_NAME,
};

/** Stands for log groups in general where a key policy is asked: a name that no policy lists. */
export const ANY_LOG_GROUP_NAME = 'any-log-group';

/** A log group of CloudWatch Logs. */
export const LOG_GROUP: LogStoreKind = {
  type: 'log-group',
  provider: 'aws',
  noun: 'log group',
  serviceName: 'AWS',
  readingRights: 'logs:DescribeLogGroups',
  isReadTogether: true,
  sealing: {
    each: { 'logs:AssociateKmsKey': 1 },
    together: 'logs:DescribeLogGroups',
    perSecond: 5,
  },
  configuresForGood: false,
  unsealedNote: null,
  neverConfigured: null,
  exemptions: [AWS_RESERVED],
  refusedFix: null,
  nameMistake: (name) =>
    isLogGroupName(name) ? undefined : `expected the name of a log group, got ${JSON.stringify(name)}${nameHint(name)}`,
  anyName: ANY_LOG_GROUP_NAME,
  arnOf: logGroupArn,
  whyNotSealed: ({ keyArn }) => (keyArn === null ? NO_KEY : undefined),
  fixedKey: () => null,
  whyUnchangeable: () => undefined,
  policySubject: ({ arn }) => ({ type: 'log-group', arn }),
};

/** CloudWatch Logs API, `CreateLogGroup`: a name has 1 to 512 of these characters. */
export function isLogGroupName(text: string): boolean {
  return /^[.\-_/#A-Za-z0-9]{1,512}$/.test(text);
}

/** Follows a text that should be the name of a log group, and is its ARN: the name in it. Empty for any other text. */
export function nameHint(text: string): string {
  const arn = parseArn(text);
  const [, name] = /^log-group:([^:]+)/.exec(arn?.service === 'logs' ? arn.resource : '') ?? [];
  return name === undefined ? '' : `: the name in this ARN is ${name}`;
}

/** The ARN of a log group without the `:*` that `DescribeLogGroups` puts at the end of `arn`. */
export function logGroupArn(partition: string, { region, account }: Target, name: string): string {
  return formatArn({ partition, service: 'logs', region, account, resource: `log-group:${name}` });
}

/** The encryption context and `resourceIdentifier` take the ARN without the `:*` that `DescribeLogGroups` adds. */
export function withoutStreamWildcard(logGroupArn: string): string {
  return logGroupArn.endsWith(':*') ? logGroupArn.slice(0, -2) : logGroupArn;
}

const NO_KEY: Reason = problem(
  'NO_KEY',
  'no KMS key is attached: the logs are encrypted with a key that AWS owns',
  'attach a key: logseal apply --key KEY',
);
