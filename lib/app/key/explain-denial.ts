import { FIX_FOR_DENY, type IdentityPolicies, toIdentity } from '../../domain/caller-rights.ts';
import { probableCause } from '../../domain/key-checks.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { ChangeStep } from '../../domain/plan-step.ts';
import { OWN_PART, problem, type Refusal } from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import { kindOf } from '../../domain/stores/index.ts';
import type { Authorization, CloudError } from '../../errors.ts';
import type { Cloud } from '../ports.ts';
import { keyCache } from './key-cache.ts';
import { checkKey, keyNeeds } from './run-key-checks.ts';

/** Names the most probable reason for a refusal by the cloud, and keeps the cloud's words. */
export type ExplainDenial = (step: ChangeStep, error: CloudError) => Promise<Refusal>;

interface RunFacts {
  readonly rules: Rules;
  readonly clock: () => Date;
}

/**
 * AWS returns the same error for a key that is gone, disabled or in another Region, for a policy that does not allow or that
 * denies, and for a caller who lacks a right. So everything is checked again, as it is after the refusal. The caller's
 * rights are asked for once a key, since IAM answers slowly.
 * @param run its rules decide in key policies what they decided before the change, at the time of the refusal
 */
export function denialExplainer(cloud: Cloud, { rules, clock }: RunFacts): ExplainDenial {
  const known = new Map<string, Promise<IdentityPolicies>>();
  return async (step, error) => {
    const { store, toKeyArn } = step;
    const { configuresForGood, refusedFix, serviceName } = kindOf(store);
    const unchangeable = configuresForGood && toKeyArn !== null ? await whyUnchangeable(step, error, cloud) : null;
    if (unchangeable) return unchangeable;
    if (refusedFix !== null) return problem('ACCESS_DENIED', error.message, refusedFix);
    const named = namedRight(error);
    if (named || toKeyArn === null) return named ?? unexplained(error, store);
    const askOnce: Cloud['identityPolicies'] = (needs) => {
      const asked = known.get(toKeyArn) ?? cloud.identityPolicies(needs);
      known.set(toKeyArn, asked);
      return asked;
    };
    const inspection = await keyCache(store, cloud.keys, { ...rules, now: clock() }).configured(toKeyArn);
    // An invalid request is not a matter of rights.
    const isOfRights = error.code === 'ACCESS_DENIED';
    const source = { keys: cloud.keys, identityPolicies: isOfRights ? askOnce : cloud.identityPolicies };
    const checks = await checkKey(toKeyArn, inspection, store, source, {
      needsOf: isOfRights ? keyNeeds : NO_NEEDS,
    });
    const probable = probableCause(checks);
    if (!probable?.code) return unexplained(error, store);
    const what = probable.action === null ? probable.message : `${probable.action}: ${probable.message}`;
    const fix = probable.fix ?? '';
    return probable.result === 'FAIL'
      ? problem(probable.code, `${what}. ${serviceName}: ${error.message}`, fix)
      : problem('ACCESS_DENIED', `${error.message}. A possible cause: ${what}`, fix);
  };
}

const NO_NEEDS = () => [];

/** The service may not say that a configuration is fixed; reading the store again shows it. */
async function whyUnchangeable(
  { store, toKeyArn }: ChangeStep,
  { message }: CloudError,
  { logStores }: Cloud,
): Promise<Refusal | null> {
  const [reading] = await logStores.read([store]);
  if (reading?.status !== 'FOUND') return null;
  const { serviceName, ...kind } = kindOf(store);
  const refusal = kind.whyUnchangeable(reading.found, toKeyArn, []);
  return refusal ? { ...refusal, message: `${refusal.message}. ${serviceName}: ${message}` } : null;
}

/** Explains a refusal that names the missing right itself. */
function namedRight({ message, missingRight }: CloudError): Refusal | undefined {
  if (!missingRight) return undefined;
  const { action, resource, isExplicitDeny } = missingRight;
  if (isExplicitDeny) return problem('CALLER_MISSING_RIGHTS', message, FIX_FOR_DENY);
  const fix = `allow the caller ${action}: ${toIdentity({ action, resource: resource ?? '*' })}`;
  return problem('CALLER_MISSING_RIGHTS', message, fix, resource === null ? undefined : { action, resource });
}

/** What no fact that could be read explains: policies outside the caller's account, or on the way to AWS. */
function unexplained({ code, message, authorization }: CloudError, { region }: LogStore): Refusal {
  if (code === 'INVALID_REQUEST') {
    const fix = 'plan again: the key or the log store may have changed since';
    return problem('ACCESS_DENIED', message, fix);
  }
  const where =
    'check whether a service control policy, a resource control policy or a VPC endpoint policy denies it, or whether the key policy was changed in the last few minutes';
  if (!authorization) return problem('ACCESS_DENIED', message, where);
  const fix = `${where}; AWS says which policy it was: ${detailsCommand(authorization, region)}`;
  return { ...problem('ACCESS_DENIED', message, fix), [OWN_PART]: authorization.text };
}

/** The details of an id are kept in the Region of the refusal, for at least 24 hours (IAM Toolbox API, `GetRequestAuthorizationDetails`). */
function detailsCommand({ kind, text }: Authorization, region: string): string {
  return kind === 'MESSAGE'
    ? `aws sts decode-authorization-message --encoded-message ${text}`
    : `aws iam-toolbox get-request-authorization-details --region ${region} --authorization-id ${text}`;
}
