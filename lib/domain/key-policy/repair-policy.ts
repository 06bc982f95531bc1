import { parseArn } from '../arn.ts';
import { wrongRegion } from '../key-region.ts';
import { type PolicyRefusal, problem, type Refusal } from '../reasons.ts';
import { REQUIRED_ACTIONS } from './actions.ts';
import { ambiguityOf } from './ambiguity.ts';
import { type RepairStatement, SIDS, statementFor } from './build-statement.ts';
import { documentProblems } from './document.ts';
import { isOwnStatement } from './own-statement.ts';
import { withStatements } from './policy-text.ts';
import { type ReadPolicy, readKeyPolicy } from './read.ts';
import { repairGoal } from './repair-goal.ts';
import { NO_NOTES, notesOfAll, type RepairNotes, repairNotes } from './repair-notes.ts';
import { type RepairScope, type Scopes, subjectIn } from './repair-scope.ts';
import { regionOf } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

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
 * Adds the one statement that a policy lacks for a scope, or replaces logseal's own earlier statement with it. Everything else
 * stays as it is written, numbers and order included. Refused where the new policy would not be certainly ALLOWED, where KMS
 * would not accept it, or where it would lose something that somebody else wrote. Never throws.
 */
export function repairKeyPolicy(policy: ReadPolicy, scope: RepairScope): PolicyRepair {
  const { text, service } = policy;
  const { keyArn } = service;
  // No key policy makes a key work in another Region (docs/key-policy-rules.md#rule-20).
  const elsewhere = wrongRegion(keyArn, parseArn(keyArn)?.region, regionOf(subjectIn(scope), keyArn));
  if (elsewhere) return refused(elsewhere);
  const before = repairGoal(policy, scope);
  if (policy.status === 'MALFORMED' || before.verdict === 'DENIED') return refused(before.problem());
  if (before.verdict === 'ALLOWED') return { kind: 'NONE_NEEDED', notes: repairNotes(policy, scope, null) };
  const { statements } = policy;
  const ambiguity = ambiguityOf(policy);
  if (ambiguity) return refused(ambiguous(ambiguity.message, `${ambiguity.fix}, then run the repair again`));
  const own = statements.find(({ sid }) => sid === SIDS[scope.type]);
  if (own && !isOwnStatement(own, service, scope.type)) {
    const message = `${statementQuote(own)} of the key policy has logseal's Sid, but logseal would not write such a statement, and a repair would overwrite it`;
    return refused(ambiguous(message, `give ${statementQuote(own)} of the key policy of ${keyArn} another Sid`));
  }

  // Where no statement fixes the policy, evaluating it with the fullest one shows why.
  const statement = before.repair ?? statementFor(service, scope, REQUIRED_ACTIONS, own ? [own] : []);
  const repaired = withStatements(text, (all) => all.toSpliced(own?.index ?? statements.length, 1, statement));
  const after = readKeyPolicy(repaired, service);
  const reached = repairGoal(after, scope);
  if (after.status === 'MALFORMED' || reached.verdict !== 'ALLOWED') return refused(reached.problem());
  const refusal = documentRefusal(after, 'with the missing statement');
  if (refusal) return refused(refusal);
  return { kind: 'REPAIR', statement, text: repaired, notes: repairNotes(policy, scope, { statement, after }) };
}

/** Repairs a policy for each scope, one after the other: the first refusal, or what all of it comes to. Never throws. */
export function repairForAll(policy: ReadPolicy, scopes: Scopes): PolicyRepair {
  const [first, ...others] = scopes;
  let last = repairKeyPolicy(policy, first);
  const notes = [last.kind === 'REFUSED' ? NO_NOTES : last.notes];
  for (const scope of others) {
    if (last.kind === 'REFUSED') return last;
    const repaired = last.kind === 'REPAIR' ? readKeyPolicy(last.text, policy.service) : policy;
    const next = repairKeyPolicy(repaired, scope);
    if (next.kind !== 'REFUSED') notes.push(next.notes);
    if (next.kind !== 'NONE_NEEDED') last = next;
  }
  return last.kind === 'REFUSED' ? last : { ...last, notes: notesOfAll(notes, scopes) };
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
