import { parseArn } from '../domain/arn.ts';
import { accountMistake, regionMistake } from '../domain/providers/aws.ts';
import type { Mistake } from '../domain/providers/provider.ts';
import { isLogGroupName } from '../domain/stores/log-group.ts';

/** The ARN of a log group, with or without the `:*` at its end. */
export function logGroupArnMistake(text: string): Mistake {
  const arn = parseArn(text);
  const isLogs = arn?.service === 'logs' && !regionMistake(arn.region) && !accountMistake(arn.account);
  const [, name] = /^log-group:([^:]*)(?::\*)?$/.exec(arn?.resource ?? '') ?? [];
  if (isLogs && name !== undefined && isLogGroupName(name)) return undefined;
  return `expected a log group ARN such as arn:aws:logs:eu-west-1:111122223333:log-group:NAME, got ${JSON.stringify(text)}`;
}
