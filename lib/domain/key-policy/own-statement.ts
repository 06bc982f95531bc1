import { parseArn } from '../arn.ts';
import { logsEndpoint } from '../partition.ts';
import type { Condition, Statement } from './parse.ts';
import { patternsOf, type RepairScope, subjectIn } from './repair-scope.ts';
import { accountOf, type LogsService } from './service-call.ts';

/**
 * logseal only writes Allows of the actions that CloudWatch Logs needs: to CloudWatch Logs for one account, limited to log groups
 * or to query results, or to all principals of one account that call through it. Any other statement with its Sid was written
 * by somebody else, and a repair must not overwrite it.
 */
export function isOwnStatement(statement: Statement, service: LogsService, scope: RepairScope): boolean {
  const { effect, principal, action, conditions } = statement;
  const { not: inverted, names } = principal;
  const isWritten = (kind: string, name: string) =>
    scope.type === 'readers-and-writers'
      ? kind === 'AWS' && name === '*'
      : kind === 'Service' && service.isNamed(name) !== 'NO';
  const isForWhom =
    names !== '*' && Object.entries(names).every(([kind, named]) => named.every((name) => isWritten(kind, name)));
  if (effect === 'Deny' || inverted || !isForWhom) return false;
  if (action?.not || action?.names.some((name) => !OWN_ACTIONS.test(name))) return false;
  if (scope.type === 'log-groups' && patternsOf(statement) === null) return false;
  if (scope.type === 'query-results' && !conditions.some(isForQueryResults)) return false;
  if (scope.type === 'readers-and-writers' && !isThroughLogs(conditions, scope.pattern)) return false;
  const account = accountOf(subjectIn(scope));
  const accounts = conditions.flatMap(({ values }) => values.map((value) => parseArn(value)?.account ?? value));
  return !accounts.some((named) => /^\d{12}$/.test(named) && named !== account);
}

/** A repair writes these, and Describe* has no effect under an encryption context (docs/key-policy-rules.md#rule-2). */
const OWN_ACTIONS = /^kms:(Encrypt|Decrypt|ReEncrypt(\*|From|To)|GenerateDataKey(\w*|\*)|Describe(Key|\*))$/i;

/** @param pattern an ARN of log groups, whose account and Region are meant */
function isThroughLogs(conditions: readonly Condition[], pattern: string): boolean {
  const { partition = '', region = '', account = '' } = parseArn(pattern) ?? {};
  const written = conditions.map((condition) => `${condition.written.toLowerCase()} ${condition.values.join()}`).sort();
  const expected = [
    `stringequals kms:calleraccount ${account}`,
    `stringequals kms:viaservice ${logsEndpoint(partition, region)}`,
  ];
  return written.join() === expected.join();
}

function isForQueryResults({ key, written, values }: Condition): boolean {
  return (
    key === 'aws:sourcearn' &&
    /^Arn(Like|Equals) /i.test(written) &&
    values.every((value) => /:query-result:/.test(value))
  );
}
