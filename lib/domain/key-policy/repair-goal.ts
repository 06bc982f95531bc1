import { parseArn } from '../arn.ts';
import { type PolicyRefusal, problem } from '../reasons.ts';
import { type AccountAccess, accountAccess, exclusionFix, type Principals } from './account-access.ts';
import type { RepairStatement } from './build-statement.ts';
import { evaluateKeyPolicy } from './evaluate.ts';
import type { ReadPolicy } from './read.ts';
import { type RepairScope, subjectIn } from './repair-scope.ts';
import { serviceCall } from './service-call.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { problemOf } from './verdict-problem.ts';

/** How far a policy is from what a repair wants to reach: the verdict ALLOWED. */
export interface RepairGoal {
  readonly verdict: Verdict;
  /** The smallest statement that reaches it; null: every statement of the repair is the same, or none does. */
  readonly repair: () => RepairStatement | null;
  /** What keeps the policy from it. */
  readonly problem: () => PolicyRefusal;
}

/** Evaluates a policy for the scope of a repair: for CloudWatch Logs itself, or for the principals that call through it. */
export function repairGoal(policy: ReadPolicy, scope: RepairScope): RepairGoal {
  const subject = subjectIn(scope);
  const principals = principalsIn(scope);
  if (principals && policy.status === 'READ') {
    const access = accountAccess(policy, serviceCall(policy.service, subject), principals);
    const isForeign = principals.account !== parseArn(policy.service.keyArn)?.account;
    // A key policy never suffices for the principals of another account: each needs a policy of its own, too.
    const verdict = access.access === 'IAM' && isForeign ? 'ALLOWED' : VERDICTS[access.access];
    return { verdict, repair: () => null, problem: () => problemOfAccess(access, policy) };
  }
  // The explanation costs far more than the verdict, and a repair for hundreds of accounts needs few.
  const evaluated = () => evaluateKeyPolicy(policy, subject, scope);
  return {
    verdict: policy.status === 'READ' ? verdictOf(policy, subject) : 'MALFORMED',
    repair: () => evaluated().repair,
    problem: () => problemOf(policy, subject, evaluated()),
  };
}

/** Whom a scope is for; null: CloudWatch Logs itself. Of an organization, an account that no policy names. */
function principalsIn(scope: RepairScope): Principals | null {
  switch (scope.type) {
    case 'log-groups':
    case 'query-results':
      return null;
    case 'readers-and-writers':
      return { account: parseArn(scope.pattern)?.account ?? '' };
    case 'organization':
      return { account: '', orgId: scope.orgId };
  }
}

const VERDICTS: Readonly<Record<AccountAccess['access'], Verdict>> = {
  ALL: 'ALLOWED',
  IAM: 'MISSING_ACTIONS',
  NONE: 'MISSING_ACTIONS',
  DENIED: 'DENIED',
  UNCERTAIN: 'UNCERTAIN',
};

/** With the statement in the policy, only a Deny is in the way. */
function problemOfAccess({ access, message, deny }: AccountAccess, { service: { keyArn } }: ReadPolicy): PolicyRefusal {
  const code = access === 'DENIED' ? 'KEY_POLICY_DENIES' : 'KEY_POLICY_UNCERTAIN';
  return problem(code, message, exclusionFix(deny ?? 'a Deny', keyArn));
}
