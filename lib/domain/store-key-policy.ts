import type { KeyInspection } from './key.ts';
import { statementFor } from './key-policy/build-statement.ts';
import { documentProblems } from './key-policy/document.ts';
import type { DocumentProblem } from './key-policy/document-problem.ts';
import { evaluateKeyPolicy } from './key-policy/evaluate.ts';
import { publicProblem } from './key-policy/public.ts';
import { onlyScope, subjectIn, wholeScope } from './key-policy/repair-scope.ts';
import type { PolicySubject } from './key-policy/service-call.ts';
import { verdictOf } from './key-policy/verdict.ts';
import { problemOf } from './key-policy/verdict-problem.ts';
import type { LogStore } from './log-store.ts';
import { type KeyPolicyCode, type Problem, problem, type Warning } from './reasons.ts';
import { kindOf } from './stores/index.ts';

/**
 * What is wrong with a key's policy for one log store; null when it certainly lets CloudWatch Logs use the key.
 * @param isStoreNamed whether the fix is for this log store alone; otherwise it is for all of the account, if they need it
 */
export function keyPolicyProblem(
  { keyArn, policy }: KeyInspection,
  store: LogStore,
  isStoreNamed = false,
): Problem<KeyPolicyCode> | null {
  if (keyArn === null || policy === null) return null;
  if (policy.status === 'ROLE') return policy.problem;
  const subject = policySubjectOf(store);
  if (!subject) return null;
  switch (policy.status) {
    case 'UNREADABLE': {
      const statement = JSON.stringify(statementFor(policy.service, wholeScope(subject)));
      return problem('KEY_POLICY_UNREADABLE', policy.message, `${policy.fix}: ${statement}`, policy.missingRight);
    }
    case 'MALFORMED':
      return problemOf(policy, subject, evaluateKeyPolicy(policy, subject));
    case 'READ': {
      // Explanations are built only for a policy that has a problem: a scan comes here for every log store.
      if (verdictOf(policy, subject) === 'ALLOWED') return null;
      // Where other log groups are allowed, the repair command must name this one.
      const isOnlyThis =
        subject.type === 'log-group' &&
        (isStoreNamed || verdictOf(policy, subjectIn(wholeScope(subject))) === 'ALLOWED');
      const scope = isOnlyThis ? onlyScope(subject) : wholeScope(subject);
      return problemOf(policy, subject, evaluateKeyPolicy(policy, subject, scope), isOnlyThis ? store.name : null);
    }
  }
}

/** What makes the policy of a key dangerous, whatever it allows CloudWatch Logs. */
export function keyPolicyWarnings({ keyArn, policy }: KeyInspection): Warning[] {
  if (keyArn === null || policy?.status !== 'READ' || !policy.publicStatement) return [];
  return [publicProblem(keyArn, policy.publicStatement)];
}

/** What the next PutKeyPolicy of the key would be refused for; it keeps no key from being used. */
export function keyDocumentProblems({ policy }: KeyInspection): DocumentProblem[] {
  return policy?.status === 'READ' || policy?.status === 'MALFORMED' ? documentProblems(policy) : [];
}

/** What a key policy is evaluated for, given a log store; null: no key policy decides for its kind. */
export function policySubjectOf(store: LogStore): PolicySubject | null {
  return kindOf(store).policySubject(store);
}
