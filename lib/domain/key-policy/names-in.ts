import { parseArn } from '../arn.ts';
import type { Statement } from './parse.ts';
import { patternsOf, type RepairScope } from './repair-scope.ts';

/** The accounts that a statement of logseal's own is for, or the organizations: each once, in its order. */
export function namesIn(statement: Statement, type: RepairScope['type']): readonly string[] {
  const valuesOf = (wanted: string) =>
    statement.conditions.flatMap(({ key, values }) => (key === wanted ? values : []));
  const accountsOf = (arns: readonly string[]) => arns.map((arn) => parseArn(arn)?.account ?? '');
  switch (type) {
    case 'log-groups':
      return distinct(accountsOf(patternsOf(statement) ?? []));
    case 'query-results':
      return distinct(accountsOf(valuesOf('aws:sourcearn')));
    case 'readers-and-writers':
      return distinct(valuesOf('kms:calleraccount'));
    case 'organization':
      return distinct(valuesOf('aws:principalorgid'));
  }
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
