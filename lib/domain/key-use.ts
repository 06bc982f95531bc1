import { parseArn } from './arn.ts';
import type { KeyInspection } from './key.ts';
import { allowsNone } from './key-policy/verdict.ts';
import type { LogStore } from './log-store.ts';
import { problem, type Refusal } from './reasons.ts';
import { keyPolicyProblem, policySubjectOf } from './store-key-policy.ts';
import { representatives } from './stores/index.ts';
import type { Target } from './target.ts';

/**
 * Why a key can be attached to no log store of a target; none: there may be one that it can be attached to. What its policy
 * says depends on the log store, so the policy counts only if it certainly lets CloudWatch Logs use the key for none.
 */
export function whyUnattachable(key: KeyInspection, target: Target): Refusal[] {
  const unusable = policyRefusal(key, target);
  return unusable ? [...key.reasons, unusable] : [...key.reasons];
}

/** Whether a refusal says only that something could not be read, so that the key may be all right. */
export function isUnread({ code }: Refusal): boolean {
  return code === 'KEY_UNREADABLE' || code === 'KEY_POLICY_UNREADABLE';
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
      const stores = representatives(parseArn(keyArn ?? '')?.partition ?? '', target);
      const isRefused = (store: LogStore) => {
        const subject = policySubjectOf(store);
        return policy.status === 'MALFORMED' || (subject !== null && allowsNone(policy, subject));
      };
      const [first] = stores;
      return first && stores.every(isRefused) ? keyPolicyProblem(key, first) : null;
    }
  }
}
