import { parseArn } from '../arn.ts';
import type { Condition, Statement } from './parse.ts';
import { patternsOf, type RepairScope, subjectIn } from './repair-scope.ts';
import { accountOf, type LogsService } from './service-call.ts';

/**
 * logseal only writes Allows to CloudWatch Logs for one account, of the actions that it needs, limited to log groups or to
 * query results. Any other statement with its Sid was written by somebody else, and a repair must not overwrite it.
 */
export function isOwnStatement(statement: Statement, service: LogsService, scope: RepairScope): boolean {
  const { effect, principal, action, conditions } = statement;
  const { not: inverted, names } = principal;
  const isForLogs =
    names !== '*' &&
    Object.entries(names).every(
      ([kind, named]) => kind === 'Service' && named.every((name) => service.isNamed(name) !== 'NO'),
    );
  if (effect === 'Deny' || inverted || !isForLogs) return false;
  if (action?.not || action?.names.some((name) => !OWN_ACTIONS.test(name))) return false;
  if (scope.type === 'log-groups' && patternsOf(statement) === null) return false;
  if (scope.type === 'query-results' && !conditions.some(isForQueryResults)) return false;
  const account = accountOf(subjectIn(scope));
  const accounts = conditions.flatMap(({ values }) => values.map((value) => parseArn(value)?.account ?? value));
  return !accounts.some((named) => /^\d{12}$/.test(named) && named !== account);
}

/** A repair writes these, and Describe* has no effect under an encryption context (docs/key-policy-rules.md#rule-2). */
const OWN_ACTIONS = /^kms:(Encrypt|Decrypt|ReEncrypt(\*|From|To)|GenerateDataKey(\w*|\*)|Describe(Key|\*))$/i;

function isForQueryResults({ key, written, values }: Condition): boolean {
  return (
    key === 'aws:sourcearn' &&
    /^Arn(Like|Equals) /i.test(written) &&
    values.every((value) => /:query-result:/.test(value))
  );
}
