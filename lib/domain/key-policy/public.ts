import { formatArn, parseArn } from '../arn.ts';
import { type Problem, problem } from '../reasons.ts';
import type { Condition, KeyPolicy, Statement } from './parse.ts';
import { isEverybody, resourceCovers } from './statement.ts';
import { statementQuote } from './statement-name.ts';
import { matchesWildcard } from './wildcard.ts';

/** Conditions that practically every caller meets, so they do not narrow who may use a key. In lower case. */
const NOT_NARROWING: ReadonlySet<string> = new Set([
  'aws:securetransport',
  'aws:currenttime',
  'aws:epochtime',
  'aws:requestedregion',
  'aws:useragent',
  'aws:referer',
]);

/** The first Allow to everybody that no condition narrows (docs/key-policy-rules.md#rule-10); null: there is none. */
export function publicStatement(policy: KeyPolicy, keyArn: string): Statement | null {
  return (
    policy.statements.find(
      (statement) =>
        statement.effect === 'Allow' &&
        !statement.principal.not &&
        isEverybody(statement.principal.names) &&
        isForKms(statement) &&
        resourceCovers(policy, statement, keyArn) === 'YES' &&
        !statement.conditions.some(narrows),
    ) ?? null
  );
}

/** Whether a statement is for any action of KMS: in a key policy, the others have no effect. */
function isForKms({ action }: Statement): boolean {
  const names = action?.names.map((name) => name.toLowerCase()) ?? [];
  if (action?.not) return !names.some((name) => name === '*' || name === 'kms:*');
  return names.some((name) => matchesWildcard(name.split(':')[0] ?? '', 'kms'));
}

/** A condition that excludes some, that takes any value, or that holds where its key is absent leaves it at everybody. */
function narrows({ operator: { base, ifExists, set }, key, values, written }: Condition): boolean {
  const takesAny = /like(ifexists)? /i.test(written) && values.some((value) => /^\*+$/.test(value));
  const isOfWhoHasKey = base !== null && !base.negated && !ifExists && set !== 'forallvalues';
  return isOfWhoHasKey && !NOT_NARROWING.has(key) && !takesAny;
}

/** What is wrong with an Allow to everybody. */
export function publicProblem(keyArn: string, statement: Statement): Problem<'KEY_POLICY_PUBLIC'> {
  const { partition = 'aws', account = '' } = parseArn(keyArn) ?? {};
  const root = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const quote = statementQuote(statement);
  return problem(
    'KEY_POLICY_PUBLIC',
    `${quote} of the key policy lets everybody use the key, in every account, since no condition narrows it`,
    `in ${quote} of the key policy of ${keyArn}, name the account (${root}) instead, or add a condition on kms:CallerAccount`,
  );
}
