import { parseArn } from '../arn.ts';
import { wrongRegion } from '../key-region.ts';
import { type PolicyRefusal, problem, type Refusal } from '../reasons.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { ambiguityOf } from './ambiguity.ts';
import { type RepairStatement, SIDS, statementForAll } from './build-statement.ts';
import { documentProblems } from './document.ts';
import { isOwnStatement } from './own-statement.ts';
import type { Statement } from './parse.ts';
import { withStatements } from './policy-text.ts';
import { type ReadPolicy, readKeyPolicy } from './read.ts';
import { type RepairGoal, repairGoal } from './repair-goal.ts';
import { type RepairNotes, repairNotes } from './repair-notes.ts';
import { type RepairScope, type Scopes, subjectIn } from './repair-scope.ts';
import { type LogsService, regionOf } from './service-call.ts';
import { statementQuote } from './statement-name.ts';
import { matchesWildcard } from './wildcard.ts';

/** What `key repair` would do to a key policy. */
export type PolicyRepair =
  | { readonly kind: 'NONE_NEEDED'; readonly notes: RepairNotes }
  | { readonly kind: 'REFUSED'; readonly refusal: PolicyRefusal }
  | {
      readonly kind: 'REPAIR';
      readonly statement: RepairStatement;
      /** The whole new policy. */
      readonly text: string;
      readonly notes: RepairNotes;
    };

/**
 * Adds the one statement that a policy lacks for some scopes, or replaces logseal's own earlier statement with it. Everything else
 * stays as it is written, numbers and order included. Refused where the new policy would not be certainly ALLOWED for each of
 * them, where KMS would not accept it, or where it would lose something that somebody else wrote. Never throws.
 */
export function repairKeyPolicy(policy: ReadPolicy, scopes: Scopes): PolicyRepair {
  const [{ type }] = scopes;
  const { text, service } = policy;
  const { keyArn } = service;
  // No key policy makes a key work in another Region (docs/key-policy-rules.md#rule-20).
  const elsewhere = wrongRegion(keyArn, parseArn(keyArn)?.region, regionOf(subjectIn(scopes[0]), keyArn));
  if (elsewhere) return refused(elsewhere);
  const before = scopes.map((scope) => ({ scope, goal: repairGoal(policy, scope) }));
  const hopeless = before.find(({ goal: { verdict } }) => verdict === 'MALFORMED' || verdict === 'DENIED');
  if (policy.status === 'MALFORMED' || hopeless) {
    return refused((hopeless?.goal ?? repairGoal(policy, scopes[0])).problem());
  }
  const [first, ...others] = before.filter(({ goal }) => goal.verdict !== 'ALLOWED');
  if (!first) return { kind: 'NONE_NEEDED', notes: repairNotes(policy, scopes, null) };
  const { statements } = policy;
  const ambiguity = ambiguityOf(policy);
  if (ambiguity) return refused(ambiguous(ambiguity.message, `${ambiguity.fix}, then run the repair again`));
  const own = statements.find(({ sid }) => sid === SIDS[type]);
  if (own && !isOwnStatement(own, service, type)) {
    const message = `${statementQuote(own)} of the key policy has logseal's Sid, but logseal would not write such a statement, and a repair would overwrite it`;
    return refused(ambiguous(message, `give ${statementQuote(own)} of the key policy of ${keyArn} another Sid`));
  }

  const statement = missingStatement(service, [first, ...others], own ? [own] : []);
  const repaired = withStatements(text, (all) => all.toSpliced(own?.index ?? statements.length, 1, statement));
  const after = readKeyPolicy(repaired, service);
  const unreached = scopes.map((scope) => repairGoal(after, scope)).find(({ verdict }) => verdict !== 'ALLOWED');
  if (after.status === 'MALFORMED' || unreached) {
    return refused((unreached ?? repairGoal(after, scopes[0])).problem());
  }
  const refusal = documentRefusal(after, 'with the missing statement');
  if (refusal) return refused(refusal);
  return { kind: 'REPAIR', statement, text: repaired, notes: repairNotes(policy, scopes, { statement, after }) };
}

interface Missing {
  readonly scope: RepairScope;
  readonly goal: RepairGoal;
}

/** The statement for all that is missing. Where no statement fixes the policy, evaluating it with the fullest one shows why. */
function missingStatement(
  service: LogsService,
  missing: readonly [Missing, ...Missing[]],
  own: readonly Statement[],
): RepairStatement {
  const [{ scope, goal }, ...others] = missing;
  const repair = goal.repair();
  if (others.length === 0 && repair) return repair;
  const repairs = [repair, ...others.map((each) => each.goal.repair())];
  const named = repairs.flatMap((each) => each?.Action ?? []);
  const isMissing = (action: RequiredAction) => named.some((name) => matchesWildcard(name, action));
  const actions = repairs.includes(null) ? REQUIRED_ACTIONS : REQUIRED_ACTIONS.filter(isMissing);
  return statementForAll(service, [scope, ...others.map((each) => each.scope)], actions, own);
}

/**
 * What keeps KMS from accepting a policy, all of it in one; null: nothing.
 * @param how what is new about the policy, as in `with the missing statement`
 */
export function documentRefusal(policy: ReadPolicy, how: string): PolicyRefusal | null {
  const problems = documentProblems(policy);
  const [first] = problems;
  if (!first) return null;
  const message = problems.map((each) => each.message).join('; ');
  const fix = [...new Set(problems.map((each) => each.fix))].join('; ');
  return problem(
    first.code,
    `KMS would not accept the key policy ${how}: ${message}`,
    `in the key policy of ${policy.service.keyArn}: ${fix}`,
  );
}

function refused(refusal: PolicyRefusal): PolicyRepair {
  return { kind: 'REFUSED', refusal };
}

function ambiguous(message: string, fix: string): Refusal {
  return problem('KEY_POLICY_AMBIGUOUS', message, fix);
}
