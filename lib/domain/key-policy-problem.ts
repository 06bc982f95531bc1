import type { KeyInspection } from './key.ts';
import { statementFor } from './key-policy/build-statement.ts';
import { evaluateKeyPolicy } from './key-policy/evaluate.ts';
import { problemOf } from './key-policy/problem.ts';
import { logsService, type PolicySubject } from './key-policy/service-call.ts';
import { verdictOf } from './key-policy/verdict.ts';
import type { LogStore } from './log-store.ts';
import { type KeyPolicyCode, type Problem, problem } from './reasons.ts';
import { kindOf } from './stores/index.ts';
import { ANY_LOG_GROUP_NAME } from './stores/log-group.ts';

/** What is wrong with a key's policy for one log store; null when it certainly lets CloudWatch Logs use the key. */
export function keyPolicyProblem(
  { keyArn, policy }: KeyInspection,
  store: LogStore,
  now: Date,
): Problem<KeyPolicyCode> | null {
  if (keyArn === null || policy === null) return null;
  if (policy.status === 'ROLE') return policy.problem;
  const subject = policySubjectOf(store);
  if (!subject) return null;
  switch (policy.status) {
    case 'UNREADABLE': {
      const statement = JSON.stringify(statementFor(logsService(keyArn, now), subject));
      return problem('KEY_POLICY_UNREADABLE', policy.message, `${policy.fix}: ${statement}`, policy.missingRight);
    }
    case 'MALFORMED':
      return problemOf(keyArn, subject, evaluateKeyPolicy(policy, subject));
    case 'READ': {
      // Explanations are built only for a policy that has a problem: a scan comes here for every log store.
      if (verdictOf(policy, subject) === 'ALLOWED') return null;
      // Where other log groups are allowed, the repair command must name this one.
      const isOnlyThis = subject.type === 'log-group' && verdictOf(policy, anyLogGroup(store)) === 'ALLOWED';
      return problemOf(keyArn, subject, evaluateKeyPolicy(policy, subject), isOnlyThis ? store.name : null);
    }
  }
}

/** A log group that no policy names. */
function anyLogGroup({ arn }: LogStore): PolicySubject {
  return { type: 'log-group', arn: arn.replace(/:log-group:.*$/, `:log-group:${ANY_LOG_GROUP_NAME}`) };
}

/** What a key policy is evaluated for, given a log store; null: no key policy decides for its kind. */
export function policySubjectOf(store: LogStore): PolicySubject | null {
  return kindOf(store).policySubject(store);
}
