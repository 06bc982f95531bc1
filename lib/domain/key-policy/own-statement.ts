import { parseArn } from '../arn.ts';
import { logsEndpoint } from '../partition.ts';
import { namesIn } from './names-in.ts';
import type { Condition, Statement } from './parse.ts';
import { patternsOf, type RepairScope } from './repair-scope.ts';
import type { LogsService } from './service-call.ts';

/**
 * logseal only writes Allows of the actions that CloudWatch Logs needs: to CloudWatch Logs, limited to log groups or to query
 * results, or to all principals of some accounts or of an organization that call through it. Any other statement with its Sid
 * was written by somebody else, and a repair must not overwrite it.
 */
export function isOwnStatement(statement: Statement, service: LogsService, type: RepairScope['type']): boolean {
  const { effect, principal, action, conditions } = statement;
  const { not: inverted, names } = principal;
  const isForPrincipals = type === 'readers-and-writers' || type === 'organization';
  const isWritten = (kind: string, name: string) =>
    isForPrincipals ? kind === 'AWS' && name === '*' : kind === 'Service' && service.isNamed(name) !== 'NO';
  const isForWhom =
    names !== '*' && Object.entries(names).every(([kind, named]) => named.every((name) => isWritten(kind, name)));
  if (effect === 'Deny' || inverted || !isForWhom) return false;
  if (action?.not || action?.names.some((name) => !OWN_ACTIONS.test(name))) return false;
  switch (type) {
    case 'log-groups':
      return patternsOf(statement) !== null;
    case 'query-results':
      return conditions.some(isForQueryResults);
    case 'readers-and-writers':
    case 'organization':
      return isThroughLogs(statement, service, type);
  }
}

/** A repair writes these, and Describe* has no effect under an encryption context (docs/key-policy-rules.md#rule-2). */
const OWN_ACTIONS = /^kms:(Encrypt|Decrypt|ReEncrypt(\*|From|To)|GenerateDataKey(\w*|\*)|Describe(Key|\*))$/i;

/** How a statement for principals names them. */
const NAMED_BY = {
  'readers-and-writers': { key: 'kms:calleraccount', form: /^\d{12}$/ },
  organization: { key: 'aws:principalorgid', form: /^o-[a-z0-9]{10,32}$/ },
} as const;

function isThroughLogs(statement: Statement, { keyArn }: LogsService, type: keyof typeof NAMED_BY): boolean {
  const { partition = '', region = '' } = parseArn(keyArn) ?? {};
  const { key, form } = NAMED_BY[type];
  const names = namesIn(statement, type);
  const written = statement.conditions.map((each) => `${each.written.toLowerCase()} ${each.values.join()}`);
  const expected = [
    `stringequals ${key} ${names.join()}`,
    `stringequals kms:viaservice ${logsEndpoint(partition, region)}`,
  ];
  return names.length > 0 && names.every((name) => form.test(name)) && written.sort().join() === expected.sort().join();
}

function isForQueryResults({ key, written, values }: Condition): boolean {
  return (
    key === 'aws:sourcearn' &&
    /^Arn(Like|Equals) /i.test(written) &&
    values.every((value) => /:query-result:/.test(value))
  );
}
