import { parseArn } from './arn.ts';
import type { KeyInspection } from './key.ts';
import type { KeyPolicy } from './key-policy/parse.ts';
import { keyPolicyProblem } from './key-policy-problem.ts';
import type { LogStore } from './log-store.ts';
import { problem, type Refusal } from './reasons.ts';
import { logStoreOf } from './stores/index.ts';
import { ANY_LOG_GROUP_NAME, isLogGroupName } from './stores/log-group.ts';
import { QUERY_RESULTS_NAME } from './stores/query-results.ts';
import type { Target } from './target.ts';

/**
 * Why a key can seal nothing at all in a target; none: there may be log stores that it can seal. What its policy says
 * depends on the log store, so the policy counts only if it lets CloudWatch Logs use the key for none.
 */
export function whyUseless(key: KeyInspection, target: Target): Refusal[] {
  const unusable = policyRefusal(key, target);
  return unusable ? [...key.reasons, unusable] : [...key.reasons];
}

function policyRefusal(key: KeyInspection, target: Target): Refusal | null {
  const { keyArn, policy } = key;
  switch (policy?.status) {
    case undefined:
      return null;
    case 'ROLE':
      return policy.problem;
    case 'UNREADABLE':
      return problem('KEY_POLICY_UNREADABLE', policy.message, policy.fix, policy.missingRight);
    case 'MALFORMED':
    case 'READ': {
      const partition = parseArn(keyArn ?? '')?.partition ?? '';
      const group = (name: string) => logStoreOf('log-group', partition, target, name);
      const any = group(ANY_LOG_GROUP_NAME);
      const named = policy.status === 'READ' ? namesIn(policy).map(group) : [];
      const results = logStoreOf('query-results', partition, target, QUERY_RESULTS_NAME);
      const isRefused = (store: LogStore) => keyPolicyProblem(key, store) !== null;
      return [any, ...named, results].every(isRefused) ? keyPolicyProblem(key, any) : null;
    }
  }
}

const LOG_GROUP_PATTERN = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:(.+)$/;

/** Names that log groups can have which the conditions of a policy are about. */
function namesIn({ statements }: KeyPolicy): string[] {
  const values = statements.flatMap(({ conditions }) => conditions.flatMap((condition) => condition.values));
  const names = values.map((value) => LOG_GROUP_PATTERN.exec(value)?.[1]?.replaceAll(/[*?]/g, 'x') ?? '');
  return [...new Set(names)].filter(isLogGroupName);
}
