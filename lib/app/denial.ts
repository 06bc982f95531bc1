import type { IdentityPolicies } from '../domain/caller-rights.ts';
import { probableCause } from '../domain/key-check.ts';
import type { Step } from '../domain/plan.ts';
import type { Refusal } from '../domain/reason.ts';
import type { CloudError } from '../errors.ts';
import { checkKey, keyNeeds } from './key-check.ts';
import { keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';

/** Names the most probable cause of a refusal by AWS, and keeps AWS's words. */
export type ExplainDenial = (step: Step, error: CloudError) => Promise<Refusal>;

/**
 * AWS says the same of a key that is gone, disabled or elsewhere, of a policy that is silent or denies, and of a caller
 * who lacks a right. So all of it is looked at again, as it is after the refusal. The caller's rights are asked for once a
 * key, since IAM answers slowly.
 */
export function denialExplainer(cloud: Cloud, clock: () => Date): ExplainDenial {
  const known = new Map<string, Promise<IdentityPolicies>>();
  return async ({ store, toKeyArn }, error) => {
    const named = namedRight(error);
    if (named || toKeyArn === null) return named ?? unexplained(error);
    const identityPolicies: Cloud['identityPolicies'] = (needs) => {
      const asked = known.get(toKeyArn) ?? cloud.identityPolicies(needs);
      known.set(toKeyArn, asked);
      return asked;
    };
    const look = await keyRing(store, cloud.keys, clock()).configured(toKeyArn);
    const checks = await checkKey(toKeyArn, look, store, { keys: cloud.keys, identityPolicies }, clock(), keyNeeds);
    const cause = probableCause(checks);
    if (!cause?.code) return unexplained(error);
    const what = cause.action === null ? cause.message : `${cause.action}: ${cause.message}`;
    return cause.result === 'FAIL'
      ? { code: cause.code, message: `${what}. AWS: ${error.message}`, cure: cause.cure ?? '' }
      : { code: 'ACCESS_DENIED', message: `${error.message}. Not ruled out: ${what}`, cure: cause.cure ?? '' };
  };
}

/** Some refusals name the right themselves. */
function namedRight({ code, message }: CloudError): Refusal | undefined {
  const [, right] = /not authorized to perform: (\S+)/.exec(message) ?? [];
  if (code !== 'ACCESS_DENIED' || !right) return undefined;
  const cure = /explicit deny/.test(message)
    ? 'have the Deny that is named spare the caller: no Allow outweighs it'
    : `allow the caller ${right}`;
  return { code: 'CALLER_MISSING_RIGHTS', message, cure };
}

function unexplained({ code, message }: CloudError): Refusal {
  const cure =
    code === 'INVALID_REQUEST'
      ? 'plan again: the key or the log group may have changed since'
      : 'look for a service control policy, or a change of the key policy that is minutes old';
  return { code: 'ACCESS_DENIED', message, cure };
}
