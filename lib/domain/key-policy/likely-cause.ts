import { parseArn } from '../arn.ts';
import { callerAccess } from './caller.ts';
import { documentProblems } from './document.ts';
import { mayCover } from './lockout.ts';
import type { Statement } from './parse.ts';
import { optInPrincipals } from './principal-form.ts';
import type { ReadPolicy, WellFormedPolicy } from './read.ts';
import { statementQuote } from './statement-name.ts';

/** Why KMS most probably refused a policy, and what to do. */
export interface LikelyCause {
  readonly what: string;
  readonly fix: string;
}

/**
 * Which statements of a policy KMS most probably means where it refuses the policy, since its message names none.
 * @param kind what KMS says of it: that a principal is invalid, or that nobody could change it again; null: neither
 * @param actor the ARN of who wrote the policy
 * @returns null where nothing suggests a statement
 */
export function likelyCause(
  policy: ReadPolicy,
  kind: 'PRINCIPAL' | 'LOCKOUT' | null,
  actor: string,
): LikelyCause | null {
  if (policy.status === 'MALFORMED') return null;
  const known = documentProblems(policy).find(({ code }) => {
    if (kind === 'LOCKOUT') return code === 'LOCKS_OUT';
    return kind === 'PRINCIPAL' ? PRINCIPAL_CODES.includes(code) : true;
  });
  if (known) return { what: known.message, fix: known.fix };
  if (kind === 'PRINCIPAL') return principalCause(policy);
  return kind === 'LOCKOUT' ? lockoutCause(policy, actor) : null;
}

const PRINCIPAL_CODES: readonly string[] = [
  'PRINCIPAL_PATTERN',
  'PRINCIPAL_ORPHAN',
  'PRINCIPAL_INVALID',
  'SERVICE_NAME',
];

function principalCause(policy: WellFormedPolicy): LikelyCause | null {
  const { keyArn, regionalName } = policy.service;
  const own = parseArn(keyArn)?.account;
  const isForeign = (name: string) => ACCOUNT.test(name) && !name.includes(`${own}`);
  const optIn = naming(
    policy,
    (statement) => optInPrincipals(statement, policy.service),
    'this account may not have enabled that Region',
  );
  const others = [
    naming(
      policy,
      (each) => identitiesOf(each).filter((name) => name.startsWith('arn:') && !ACCOUNT.test(name)),
      'KMS refuses a role or user that does not exist',
    ),
    naming(policy, (each) => identitiesOf(each).filter(isForeign), 'KMS refuses an account that does not exist'),
    naming(
      policy,
      (each) => servicesOf(each).filter((name) => name !== regionalName),
      'KMS refuses a service that does not exist',
    ),
  ].filter((cause) => cause !== null);
  if (optIn) return { what: optIn, fix: 'enable that Region in the account, or remove its service principal' };
  const fix = 'correct or remove the principals that do not exist';
  return others.length === 0 ? null : { what: others.join('; or '), fix };
}

/** An account by its id or its root. */
const ACCOUNT = /^(\d{12}|arn:.*:root)$/;

function identitiesOf({ principal: { names } }: Statement): readonly string[] {
  return names === '*' ? [] : (names.AWS ?? []);
}

function servicesOf({ principal: { names } }: Statement): readonly string[] {
  return names === '*' ? [] : (names.Service ?? []);
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

function lockoutCause(policy: WellFormedPolicy, actor: string): LikelyCause | null {
  const { keyArn } = policy.service;
  const { account = '', service } = parseArn(actor) ?? {};
  // The ARN of a session does not tell the path of its role.
  const caller = { principalArn: service === 'iam' ? actor : null, account };
  const { access, statement } = callerAccess(policy, keyArn, caller, PUT_KEY_POLICY);
  const quote = statement && statementQuote(statement);
  const asAnother = 'run the command as an identity that the policy lets change it';
  switch (access) {
    case 'DENIED':
      return { what: `${quote} denies ${actor} ${PUT_KEY_POLICY}`, fix: asAnother };
    case 'UNKNOWN': {
      const may = statement?.effect === 'Deny' ? 'may deny' : 'may not allow';
      return { what: `${quote} ${may} ${actor} ${PUT_KEY_POLICY}`, fix: asAnother };
    }
    case 'DELEGATED': {
      const what = `${quote} leaves it to the IAM policies of ${actor}, which may not allow ${PUT_KEY_POLICY}`;
      return { what, fix: `allow ${actor} ${PUT_KEY_POLICY} on ${keyArn}, or ${asAnother}` };
    }
    case 'NOT_MENTIONED': {
      const allows = mayCover(policy, 'Allow').map(statementQuote).join(' and ');
      return {
        what: `no statement lets ${actor} use ${PUT_KEY_POLICY}; others may, by ${allows}`,
        fix: asAnother,
      };
    }
    case 'ALLOWED':
      return null;
  }
}

const PUT_KEY_POLICY = 'kms:PutKeyPolicy';
