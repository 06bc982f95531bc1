import { parseArn } from '../arn.ts';
import type { Element, KeyPolicy, PrincipalNames, Statement } from './parse.ts';
import { actionCovers, resourceCovers } from './statement.ts';
import { every } from './tri.ts';

/**
 * What a key policy by itself says of a caller. It counts only where it certainly reaches the caller: without conditions,
 * by the principal's exact name, the account or everybody. All else is said to be unknown, never guessed.
 */
export interface CallerStanding {
  /**
   * `DENIES`: a Deny reaches the caller for certain. `ALLOWS`: an Allow names the caller's principal exactly, or everybody.
   * `DELEGATES`: an Allow names the key's account, so identity policies decide. `SILENT`: no statement can reach the
   * caller. `UNKNOWN`: one may (conditions, wildcards, Not elements, principals that the caller may be a session of).
   */
  readonly says: 'DENIES' | 'ALLOWS' | 'DELEGATES' | 'SILENT' | 'UNKNOWN';
  /** The first that says so; null under SILENT. */
  readonly statement: PolicyPlace | null;
  /** Under DELEGATES: an Allow that may reach the caller where its identity policies are silent. */
  readonly mayAllow?: PolicyPlace;
}

/** Where in a policy a statement is. */
export type PolicyPlace = Pick<Statement, 'index' | 'sid'>;

/** Who calls, as policies name it. */
export interface PolicyCaller {
  /** ARN of the role with its path, or of the user. null: not known. */
  readonly principalArn: string | null;
  readonly account: string;
}

/** @param keyArn of a key in the caller's account: of others no policy can be read */
export function standingOf(policy: KeyPolicy, keyArn: string, caller: PolicyCaller, action: string): CallerStanding {
  const reached = policy.statements.map((statement) => ({
    place: { index: statement.index, sid: statement.sid },
    effect: statement.effect,
    reach: reachOf(policy, statement, keyArn, caller, action),
  }));
  const first = (effect: Statement['effect'], ...reaches: readonly Reach[]) =>
    reached.find((each) => each.effect === effect && reaches.includes(each.reach))?.place;

  const denies = first('Deny', 'NAMED', 'ACCOUNT');
  if (denies) return { says: 'DENIES', statement: denies };
  const mayDeny = first('Deny', 'MAYBE');
  if (mayDeny) return { says: 'UNKNOWN', statement: mayDeny };
  const allows = first('Allow', 'NAMED');
  if (allows) return { says: 'ALLOWS', statement: allows };
  const delegates = first('Allow', 'ACCOUNT');
  const mayAllow = first('Allow', 'MAYBE');
  if (delegates) return { says: 'DELEGATES', statement: delegates, ...(mayAllow && { mayAllow }) };
  return mayAllow ? { says: 'UNKNOWN', statement: mayAllow } : { says: 'SILENT', statement: null };
}

/** How a statement reaches the caller. `NAMED`: by its exact name, or as everybody. */
type Reach = 'NAMED' | 'ACCOUNT' | 'MAYBE' | 'NO';

function reachOf(policy: KeyPolicy, statement: Statement, keyArn: string, caller: PolicyCaller, action: string): Reach {
  const falls = every([actionCovers(statement, action), resourceCovers(policy, statement, keyArn)], (part) => part);
  const named = principalReach(statement.principal, caller);
  if (falls === 'NO' || named === 'NO') return 'NO';
  return falls === 'UNKNOWN' || statement.conditions.length > 0 ? 'MAYBE' : named;
}

/** Services are not the caller. Whom the other kinds stand for is not known here. */
function principalReach({ not: inverted, names }: Element<PrincipalNames>, caller: PolicyCaller): Reach {
  if (inverted) return 'MAYBE';
  if (names === '*') return 'NAMED';
  const reaches = (names.AWS ?? []).map((name) => awsReach(name, caller));
  if (names.Federated?.length || names.CanonicalUser?.length) reaches.push('MAYBE');
  return (['NAMED', 'ACCOUNT', 'MAYBE'] as const).find((reach) => reaches.includes(reach)) ?? 'NO';
}

const ACCOUNT_ID = /^\d{12}$/;

/** IAM User Guide, "AWS JSON policy elements: Principal". */
function awsReach(name: string, { principalArn, account }: PolicyCaller): Reach {
  if (name === '*' || name === principalArn) return 'NAMED';
  if (ACCOUNT_ID.test(name)) return name === account ? 'ACCOUNT' : 'NO';
  const arn = parseArn(name);
  // The id of a principal that was deleted, or what no guide describes.
  if (!arn || !ACCOUNT_ID.test(arn.account)) return 'MAYBE';
  if (arn.account !== account) return 'NO';
  if (arn.service === 'iam' && arn.resource === 'root') return 'ACCOUNT';
  if (principalArn === null || /[*?$]/.test(name)) return 'MAYBE';
  if (arn.service === 'iam') return 'NO';
  const [, role] = /^assumed-role\/([^/]+)\//.exec(arn.resource) ?? [];
  return role === undefined || principalArn.endsWith(`/${role}`) ? 'MAYBE' : 'NO';
}
