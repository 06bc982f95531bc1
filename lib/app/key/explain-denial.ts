import { EXEMPT_FROM_DENY, type IdentityPolicies, toIdentity } from '../../domain/caller-rights.ts';
import { probableCause } from '../../domain/key-checks.ts';
import type { Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { whyIrreversible } from '../../domain/stores/logstore.ts';
import { CloudError } from '../../errors.ts';
import type { Cloud } from '../ports.ts';
import { keyCache } from './key-cache.ts';
import { checkKey, keyNeeds } from './run-key-checks.ts';

/** Names the most probable cause of a refusal by AWS, and keeps AWS's words. */
export type ExplainDenial = (step: Step, error: CloudError) => Promise<Refusal>;

/**
 * AWS says the same of a key that is gone, disabled or elsewhere, of a policy that is silent or denies, and of a caller
 * who lacks a right. So all of it is looked at again, as it is after the refusal. The caller's rights are asked for once a
 * key, since IAM answers slowly.
 */
export function denialExplainer(cloud: Cloud, clock: () => Date): ExplainDenial {
  const known = new Map<string, Promise<IdentityPolicies>>();
  return async (step, error) => {
    const { store, toKeyArn } = step;
    if (store.provider === 'alibaba') return explainLogstore(step, error, cloud);
    const named = namedRight(error);
    if (named || toKeyArn === null) return named ?? unexplained(error);
    const askOnce: Cloud['identityPolicies'] = (needs) => {
      const asked = known.get(toKeyArn) ?? cloud.identityPolicies(needs);
      known.set(toKeyArn, asked);
      return asked;
    };
    const inspection = await keyCache(store, cloud.keys, clock()).configured(toKeyArn);
    // What is wrong with a request is no matter of rights.
    const isOfRights = error.code === 'ACCESS_DENIED';
    const source = { keys: cloud.keys, identityPolicies: isOfRights ? askOnce : cloud.identityPolicies };
    const checks = await checkKey(toKeyArn, inspection, store, source, clock(), isOfRights ? keyNeeds : NO_NEEDS);
    const cause = probableCause(checks);
    if (!cause?.code) return unexplained(error);
    const what = cause.action === null ? cause.message : `${cause.action}: ${cause.message}`;
    return cause.result === 'FAIL'
      ? { code: cause.code, message: `${what}. AWS: ${error.message}`, fix: cause.fix ?? '' }
      : { code: 'ACCESS_DENIED', message: `${error.message}. Not ruled out: ${what}`, fix: cause.fix ?? '' };
  };
}

const NO_NEEDS = () => [];

/** SLS names no cause either; that the configuration is fixed the Logstore itself tells. */
async function explainLogstore({ store, toKeyArn }: Step, error: CloudError, { logStores }: Cloud): Promise<Refusal> {
  const { message } = error;
  const found = toKeyArn === null ? null : (await logStores.read([store])).get(store.arn);
  if (found && !(found instanceof CloudError)) {
    const irreversible = whyIrreversible({ fixed: found.fixed, reasons: [], region: store.region }, toKeyArn);
    if (irreversible) return { ...irreversible, message: `${irreversible.message}. SLS: ${message}` };
  }
  const fix =
    'see that the caller has log:UpdateLogStoreEncryption on the Logstore and ram:PassRole on the role, and that SLS may use the key by the role';
  return { code: 'ACCESS_DENIED', message, fix };
}

/** Explains a refusal that names the missing right itself. */
function namedRight({ message, missingRight }: CloudError): Refusal | undefined {
  if (!missingRight) return undefined;
  const { action, resource, isExplicitDeny } = missingRight;
  const fix = isExplicitDeny
    ? EXEMPT_FROM_DENY
    : `allow the caller ${action}: ${toIdentity({ action, resource: resource ?? '*' })}`;
  return { code: 'CALLER_MISSING_RIGHTS', message, fix };
}

function unexplained({ code, message }: CloudError): Refusal {
  const fix =
    code === 'INVALID_REQUEST'
      ? 'plan again: the key or the log store may have changed since'
      : 'look for a service control policy, or a change of the key policy that is minutes old';
  return { code: 'ACCESS_DENIED', message, fix };
}
