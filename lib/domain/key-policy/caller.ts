import { parseArn } from '../arn.ts';
import type { Element, KeyPolicy, PrincipalNames, Statement } from './parse.ts';
import { actionCovers, resourceCovers } from './statement.ts';
import { every, type Tri } from './tri.ts';

/**
 * What a key policy alone means for a caller. A statement counts as certain only if its conditions certainly hold and it names
 * the caller exactly, its account, or everybody. Everything else is UNKNOWN, never a guess.
 */
export interface CallerAccess {
  /**
   * `DENIED`: a Deny certainly applies to the caller. `ALLOWED`: an Allow names the caller exactly, or everybody.
   * `DELEGATED`: an Allow names the caller's account, so the identity-based policies of the caller apply; for a caller of
   * another account than the key's, those always apply too (KMS Developer Guide, "Allowing users in other accounts to use a KMS
   * key"). `NOT_MENTIONED`: no statement can apply to the caller. `UNKNOWN`: a statement may apply to the caller (conditions,
   * wildcards, `Not…` elements, principals that the caller may be a session of).
   */
  readonly access: 'DENIED' | 'ALLOWED' | 'DELEGATED' | 'NOT_MENTIONED' | 'UNKNOWN';
  /** The first statement with this result; null under NOT_MENTIONED. */
  readonly statement: Statement | null;
  /** Under DELEGATED: an Allow that may apply to the caller even if its identity-based policies do not allow the action. */
  readonly mayAllow?: Statement;
  /** The account of a caller that is not in the account of the key. */
  readonly foreignAccount?: string;
}

/** A caller as policies name it. */
export interface PolicyCaller {
  /** ARN of the user, or of the role with its path. null: not known. */
  readonly principalArn: string | null;
  readonly account: string;
}

/** Whether all conditions of a statement hold. Nothing is known of the call, so any condition may hold, or not. */
const UNKNOWN_CALL = ({ conditions }: Statement): Tri => (conditions.length > 0 ? 'UNKNOWN' : 'YES');

/**
 * Evaluates a key policy for a caller in whichever account.
 * @param action as IAM names it: `kms:Encrypt`
 * @param conditionsHold for the call; default: nothing is known of it
 */
export function callerAccess(
  policy: KeyPolicy,
  keyArn: string,
  caller: PolicyCaller,
  action: string,
  conditionsHold: (statement: Statement, action: string) => Tri = UNKNOWN_CALL,
): CallerAccess {
  const reached = policy.statements.map((statement) => {
    const covers = every(
      [actionCovers(statement, action), resourceCovers(policy, statement, keyArn), conditionsHold(statement, action)],
      (part) => part,
    );
    return { statement, reach: reachOf(covers, principalReach(statement.principal, caller)) };
  });
  const access = accessBy(reached);
  return caller.account === parseArn(keyArn)?.account ? access : ofForeigner(access, caller.account);
}

/** Across accounts an Allow of the key policy never suffices, whomever it names. */
function ofForeigner({ access, statement }: CallerAccess, foreignAccount: string): CallerAccess {
  return { access: access === 'ALLOWED' ? 'DELEGATED' : access, statement, foreignAccount };
}

function accessBy(reached: readonly { readonly statement: Statement; readonly reach: Reach }[]): CallerAccess {
  const first = (effect: Statement['effect'], ...reaches: readonly Reach[]) =>
    reached.find((each) => each.statement.effect === effect && reaches.includes(each.reach))?.statement;

  const denies = first('Deny', 'NAMED', 'ACCOUNT');
  if (denies) return { access: 'DENIED', statement: denies };
  const mayDeny = first('Deny', 'MAYBE');
  if (mayDeny) return { access: 'UNKNOWN', statement: mayDeny };
  const allows = first('Allow', 'NAMED');
  if (allows) return { access: 'ALLOWED', statement: allows };
  const delegates = first('Allow', 'ACCOUNT');
  const mayAllow = first('Allow', 'MAYBE');
  if (delegates) return { access: 'DELEGATED', statement: delegates, ...(mayAllow && { mayAllow }) };
  return mayAllow ? { access: 'UNKNOWN', statement: mayAllow } : { access: 'NOT_MENTIONED', statement: null };
}

/** How a statement applies to the caller. `NAMED`: by its exact name, or because it is for everybody. */
type Reach = 'NAMED' | 'ACCOUNT' | 'MAYBE' | 'NO';

function reachOf(covers: Tri, named: Reach): Reach {
  if (covers === 'NO' || named === 'NO') return 'NO';
  return covers === 'UNKNOWN' ? 'MAYBE' : named;
}

/** The caller is never a service. Who stands behind a federated or canonical user is not known here. */
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
  // The unique id of a deleted principal, or a form that the guide does not describe.
  if (!arn || !ACCOUNT_ID.test(arn.account)) return 'MAYBE';
  if (arn.account !== account) return 'NO';
  if (arn.service === 'iam' && arn.resource === 'root') return 'ACCOUNT';
  if (principalArn === null || /[*?$]/.test(name)) return 'MAYBE';
  if (arn.service === 'iam') return 'NO';
  const [, role] = /^assumed-role\/([^/]+)\//.exec(arn.resource) ?? [];
  return role === undefined || principalArn.endsWith(`/${role}`) ? 'MAYBE' : 'NO';
}
