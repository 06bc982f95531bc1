import { policyProblems } from './document.ts';
import type { Statement } from './parse.ts';
import { optInPrincipals } from './principal-form.ts';
import type { ReadPolicy, WellFormedPolicy } from './read.ts';
import { actionCovers } from './statement.ts';
import { statementQuote } from './statement-name.ts';

/**
 * Which statement of a policy KMS most probably means where it refuses the policy, since its message names none.
 * @param message the words of KMS
 * @param actor the ARN of who wrote the policy
 * @returns null where nothing suggests a statement
 */
export function likelyCause(policy: ReadPolicy, message: string, actor: string): string | null {
  const [known] = policyProblems(policy);
  if (known) return known.message;
  if (policy.status === 'MALFORMED') return null;
  if (/invalid (service )?principals?/i.test(message)) return principalCause(policy);
  if (/update the key policy in the future/i.test(message)) return lockoutCause(policy, actor);
  return null;
}

function principalCause(policy: WellFormedPolicy): string | null {
  const optIn = found(policy, (statement) => optInPrincipals(statement, policy.service));
  if (optIn) return `${optIn.quote} names ${optIn.names}, and this account may not have enabled that Region`;
  const identities = found(policy, namedIdentities);
  if (identities)
    return `${identities.quote} names ${identities.names}, and KMS refuses a role or user that does not exist`;
  return null;
}

/** The first statement in which there are such names. */
function found({ statements }: WellFormedPolicy, namesIn: (statement: Statement) => readonly string[]) {
  const statement = statements.find((each) => namesIn(each).length > 0);
  return statement && { quote: statementQuote(statement), names: namesIn(statement).join(', ') };
}

/** Roles, users and sessions; an account that KMS does not know cannot be told from its form. */
function namedIdentities({ principal: { names } }: Statement): readonly string[] {
  return names === '*' ? [] : (names.AWS ?? []).filter((name) => name.startsWith('arn:') && !name.endsWith(':root'));
}

function lockoutCause({ statements }: WellFormedPolicy, actor: string): string {
  const admitting = statements.filter(
    (statement) => statement.effect === 'Allow' && actionCovers(statement, 'kms:PutKeyPolicy') !== 'NO',
  );
  const quotes = admitting.map(statementQuote).join(' and ');
  return `only ${quotes} allow${admitting.length === 1 ? 's' : ''} kms:PutKeyPolicy, and ${actor} is not covered`;
}
