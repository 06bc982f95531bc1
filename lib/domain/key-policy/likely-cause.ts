import { parseArn } from '../arn.ts';
import { policyProblems } from './document.ts';
import { mayCover } from './lockout.ts';
import type { Statement } from './parse.ts';
import { optInPrincipals } from './principal-form.ts';
import type { ReadPolicy, WellFormedPolicy } from './read.ts';
import { statementQuote } from './statement-name.ts';

/**
 * Which statements of a policy KMS most probably means where it refuses the policy, since its message names none.
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
  const own = parseArn(policy.service.keyArn)?.account;
  const isForeign = (name: string) => ACCOUNT.test(name) && !name.includes(`${own}`);
  return (
    naming(
      policy,
      (statement) => optInPrincipals(statement, policy.service),
      'this account may not have enabled that Region',
    ) ??
    naming(
      policy,
      (each) => identitiesOf(each).filter((name) => name.startsWith('arn:') && !ACCOUNT.test(name)),
      'KMS refuses a role or user that does not exist',
    ) ??
    naming(policy, (each) => identitiesOf(each).filter(isForeign), 'KMS refuses an account that does not exist')
  );
}

/** An account by its id or its root. */
const ACCOUNT = /^(\d{12}|arn:.*:root)$/;

function identitiesOf({ principal: { names } }: Statement): readonly string[] {
  return names === '*' ? [] : (names.AWS ?? []);
}

/** The statements in which there are such names, and why KMS may refuse these; null: there are none. */
function naming(
  { statements }: WellFormedPolicy,
  namesIn: (statement: Statement) => readonly string[],
  why: string,
): string | null {
  const found = statements.flatMap((statement) => {
    const names = namesIn(statement);
    return names.length > 0 ? [`${statementQuote(statement)} names ${names.join(', ')}`] : [];
  });
  return found.length > 0 ? `${found.join(', ')}, and ${why}` : null;
}

function lockoutCause(policy: WellFormedPolicy, actor: string): string {
  const quotesOf = (effect: Statement['effect']) => mayCover(policy, effect).map(statementQuote);
  const denies = quotesOf('Deny');
  if (denies.length > 0) return `${denies.join(' or ')} may deny kms:PutKeyPolicy to ${actor}`;
  const allows = quotesOf('Allow');
  return `only ${allows.join(' and ')} allow${allows.length === 1 ? 's' : ''} kms:PutKeyPolicy, and ${actor} is not covered`;
}
