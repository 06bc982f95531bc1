import { parseArn } from './arn.ts';
import { evaluateNeed, FIX_FOR_DENY, type Need, toIdentity, unsimulated } from './caller-rights.ts';
import type { KeyInspection } from './key.ts';
import { found, type Grant, type KeyCheck, type KeyCheckFacts, passed } from './key-check.ts';
import { callerAccess } from './key-policy/caller.ts';
import { throughLogs } from './key-policy/identity-call.ts';
import { type PolicySubject, type ServiceCall, serviceCall } from './key-policy/service-call.ts';
import type { BoundPolicy } from './key-policy/statement.ts';
import type { ReasonCode } from './reasons.ts';
import { policySubjectOf } from './store-key-policy.ts';

/** One check for each right that the caller needs; one for all of them where only a simulation could have told. */
export function callerChecks({ store, inspection, needs, identity, grants }: KeyCheckFacts): KeyCheck[] {
  const unusable = inspection.reasons.find(({ code }) => UNUSABLE_KEY[code] !== undefined);
  const policy = inspection.policy?.status === 'READ' ? inspection.policy : null;
  const subject = policySubjectOf(store);
  const caller = { principalArn: identity.principalArn, account: store.account };
  const conditionsHold = policy && subject ? throughLogs(policy, attaching(policy, subject), caller) : undefined;
  const checks = needs.map((need, index): KeyCheck => {
    const { action, resource } = need;
    const isOfKey = parseArn(resource)?.service === 'kms';
    if (action === 'kms:DescribeKey' && wasDescribed(inspection)) {
      return passed('CALLER_RIGHTS', action, 'the caller has just used this right');
    }
    if (isOfKey && unusable) {
      const message = `not checked, because this key ${UNUSABLE_KEY[unusable.code]}`;
      return { ...found('CALLER_RIGHTS', 'UNKNOWN', { ...unusable, message }), action };
    }
    const access = isOfKey && policy ? callerAccess(policy, resource, caller, action, conditionsHold) : null;
    const decision = identity.decisions?.[index] ?? null;
    const isForeign = isOfKey && parseArn(resource)?.account !== store.account;
    const unread = isForeign ? ({ access: 'FOREIGN', account: store.account } as const) : 'UNREAD';
    const evaluation = evaluateNeed(need, decision, isOfKey ? (access ?? unread) : null);
    const refused = inspection.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
    if (refused && inspection.missingRight?.action === action) {
      const fix = inspection.missingRight.isExplicitDeny ? FIX_FOR_DENY : toIdentity(need);
      return { ...LACKING, action, result: 'FAIL', message: refused.message, fix };
    }
    const isDenied = decision === 'EXPLICIT_DENY' || access?.access === 'DENIED';
    const own =
      evaluation.result === 'FAIL' && !isDenied && isOfKey ? grantsOf(grants, identity.principalArn, action) : [];
    if (own.some(({ isConstrained }) => !isConstrained)) {
      return passed('CALLER_RIGHTS', action, `a grant allows the caller ${action}`);
    }
    if (own.length > 0) {
      const message = `a grant allows the caller ${action}, but only under its constraints`;
      return { ...LACKING, action, result: 'UNKNOWN', message, fix: evaluation.fix };
    }
    return { ...LACKING, action, ...evaluation, ...(evaluation.result === 'PASS' && { code: null }) };
  });
  return identity.decisions === null ? withoutSimulation(checks, needs, identity.because) : checks;
}

/** AWS does not document whether the calls that check the caller's rights carry an encryption context. */
function attaching(policy: BoundPolicy, subject: PolicySubject): ServiceCall {
  const { possibleValues } = serviceCall(policy.service, subject);
  return {
    isLogGroup: false,
    possibleValues: (key) => [undefined, ...possibleValues(key)],
  };
}

/** Why the caller's rights on a key do not matter. */
const UNUSABLE_KEY: Readonly<Partial<Record<ReasonCode, string>>> = {
  KEY_NOT_FOUND: 'does not exist',
  KEY_WRONG_REGION: 'cannot encrypt the logs anyway',
  KEY_AWS_MANAGED: 'cannot encrypt the logs anyway',
};

const LACKING = { check: 'CALLER_RIGHTS', code: 'CALLER_MISSING_RIGHTS' } as const;

/** What is certain all the same, and one check for all that only the simulation could have told. */
function withoutSimulation(checks: readonly KeyCheck[], needs: readonly Need[], because: string | null): KeyCheck[] {
  const certain = checks.filter(({ result, code }) => result !== 'UNKNOWN' || code !== LACKING.code);
  const open = needs.filter(({ action }) => !certain.some((check) => check.action === action));
  if (open.length === 0) return certain;
  return [...certain, { ...LACKING, action: null, result: 'UNKNOWN', ...unsimulated(open, because) }];
}

function grantsOf(grants: KeyCheckFacts['grants'], principalArn: string | null, action: string): readonly Grant[] {
  if (!grants || 'unreadable' in grants) return [];
  return grants.filter(
    ({ grantee, operations }) =>
      grantee === principalArn && operations.some((operation) => `kms:${operation}` === action),
  );
}

function wasDescribed({ keyArn, reasons }: KeyInspection): boolean {
  const undescribed: readonly ReasonCode[] = ['KEY_NOT_FOUND', 'KEY_UNREADABLE', 'KEY_WRONG_REGION'];
  return keyArn !== null && !reasons.some(({ code }) => undescribed.includes(code));
}
