import { parseArn } from './arn.ts';
import {
  evaluateNeed,
  FIX_FOR_DENY,
  type IdentityPolicies,
  type Need,
  toIdentity,
  unsimulated,
} from './caller-rights.ts';
import type { KeyInspection } from './key.ts';
import { REQUIRED_ACTIONS } from './key-policy/actions.ts';
import { callerAccess } from './key-policy/caller.ts';
import { type EvaluatedEffect, evaluateKeyPolicy, type PolicyVerdict } from './key-policy/evaluate.ts';
import { keyPolicyProblem, policySubjectOf } from './key-policy-problem.ts';
import type { LogStore } from './log-store.ts';
import { KEY_STATE_CODES, type KeyPolicyCode, type ReasonCode, type RefusalCode } from './reasons.ts';

/** The checks that a key must pass before it may be attached, in this order. */
export type CheckName =
  | 'FOUND'
  | 'REGION'
  | 'ENABLED'
  | 'KEY_SPEC'
  | 'KEY_USAGE'
  | 'KEY_POLICY'
  | 'GRANTS'
  | 'CALLER_RIGHTS';

/** One check of the configured key and its result. */
export interface KeyCheck {
  readonly check: CheckName;
  /** The action that a policy or the caller's rights were checked for; null where the check is not about an action. */
  readonly action: string | null;
  /** `UNKNOWN`: it could not be found out, or depends on what AWS does not document. Never treated as a PASS. */
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  /** Null under PASS. */
  readonly code: RefusalCode | null;
  readonly message: string;
  /** A command or statement that can be pasted, or an instruction; null under PASS. */
  readonly fix: string | null;
}

/** A right to use a key that does not come from the key policy. */
export interface Grant {
  /** An ARN, or a service principal. */
  readonly grantee: string;
  /** As KMS names them, without the prefix `kms:`: `Encrypt`. */
  readonly operations: readonly string[];
  /** Whether it holds under constraints only, such as an encryption context. */
  readonly isConstrained?: boolean;
}

/** Everything that was found out about a key and the log store to attach it to. */
export interface KeyCheckFacts {
  /** As the user named it. */
  readonly key: string;
  readonly store: LogStore;
  readonly inspection: KeyInspection;
  /** null: not read. Grants matter only where no statement of a policy allows an action. */
  readonly grants: readonly Grant[] | { readonly unreadable: string } | null;
  readonly needs: readonly Need[];
  readonly identity: IdentityPolicies;
}

/** Runs every check, also after one has failed. */
export function keyChecks(facts: KeyCheckFacts): KeyCheck[] {
  return [...stateChecks(facts), ...policyChecks(facts), ...callerChecks(facts)];
}

/** The check that most probably explains why AWS refused a request: the first FAIL, or else the first UNKNOWN. */
export function probableCause(checks: readonly KeyCheck[]): KeyCheck | undefined {
  return checks.find(({ result }) => result === 'FAIL') ?? checks.find(({ result }) => result === 'UNKNOWN');
}

/** Whether CloudWatch Logs might use the key through a grant only: no statement of the key's policy allows all that it needs. */
export function mayNeedGrant(facts: Pick<KeyCheckFacts, 'inspection' | 'store'>): boolean {
  return verdictOf(facts)?.verdict === 'MISSING_ACTIONS';
}

function verdictOf({ inspection, store }: Pick<KeyCheckFacts, 'inspection' | 'store'>): PolicyVerdict | null {
  const { keyArn, policy } = inspection;
  if (keyArn === null || (policy?.status !== 'READ' && policy?.status !== 'MALFORMED')) return null;
  const subject = policySubjectOf(store);
  return subject && evaluateKeyPolicy(policy, subject);
}

function stateChecks({ key, store, inspection: { keyArn, reasons } }: KeyCheckFacts): KeyCheck[] {
  const unreadable = reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  const unread = unreadable ?? reasons.find(({ code }) => code === 'KEY_NOT_FOUND' || code === 'KEY_WRONG_REGION');
  const check = (name: CheckName, codes: readonly ReasonCode[], pass: string): KeyCheck => {
    const failed = reasons.find(({ code }) => codes.includes(code));
    if (failed) return found(name, failed === unreadable ? 'UNKNOWN' : 'FAIL', failed);
    return unread ? notKnown(name, unread) : passed(name, null, pass);
  };
  return [
    check('FOUND', ['KEY_NOT_FOUND', 'KEY_UNREADABLE'], `${key} is ${keyArn}`),
    // An ARN names the Region, also of a key that could not be read.
    unread === unreadable && keyArn !== null
      ? passed('REGION', null, `the key is in ${store.region}, where the logs are`)
      : check('REGION', ['KEY_WRONG_REGION'], ''),
    check('ENABLED', KEY_STATE_CODES, 'the key is enabled'),
    check('KEY_SPEC', ['KEY_NOT_SYMMETRIC'], 'the key is symmetric'),
    check('KEY_USAGE', ['KEY_WRONG_USAGE'], 'the key is for encryption and decryption'),
  ];
}

function policyChecks(facts: KeyCheckFacts): KeyCheck[] {
  const { inspection, store, grants } = facts;
  const managed = inspection.reasons.find(({ code }) => code === 'KEY_AWS_MANAGED');
  if (managed) return [found('KEY_POLICY', 'FAIL', managed)];
  const verdict = verdictOf(facts);
  const problem = keyPolicyProblem(inspection, store);
  if (!verdict || verdict.verdict === 'MALFORMED') {
    const [unread] = inspection.reasons;
    if (problem) {
      return [found('KEY_POLICY', verdict ? 'FAIL' : 'UNKNOWN', problem)];
    }
    return unread ? [notKnown('KEY_POLICY', unread)] : [];
  }
  const granted = grantedTo(grants, inspection);
  const fix = problem?.fix ?? null;
  const actions = REQUIRED_ACTIONS.map((action): KeyCheck => {
    const { effect, because } = verdict.actions[action] ?? NO_STATEMENT;
    if (effect === 'ALLOW') return passed('KEY_POLICY', action, because);
    const mayBeGranted = effect === 'IMPLICIT_DENY' && (granted === null || granted.has(action));
    const result = effect === 'UNCERTAIN' || mayBeGranted ? 'UNKNOWN' : 'FAIL';
    return { check: 'KEY_POLICY', action, result, code: POLICY_CODES[effect], message: because, fix };
  });
  return [...actions, grantCheck(facts, verdict, granted, fix)];
}

const NO_STATEMENT: EvaluatedEffect = { effect: 'IMPLICIT_DENY', statement: null, because: 'no statement allows it' };

const POLICY_CODES: Readonly<Record<Exclude<EvaluatedEffect['effect'], 'ALLOW'>, KeyPolicyCode>> = {
  EXPLICIT_DENY: 'KEY_POLICY_DENIES',
  IMPLICIT_DENY: 'KEY_POLICY_MISSING_ACTIONS',
  UNCERTAIN: 'KEY_POLICY_UNCERTAIN',
};

/**
 * The actions that grants allow CloudWatch Logs; null: the grants could not be read. A service principal can be a grantee
 * since 2026, but AWS does not document whether CloudWatch Logs uses grants.
 */
function grantedTo(grants: KeyCheckFacts['grants'], { policy }: KeyInspection): ReadonlySet<string> | null {
  if (grants && 'unreadable' in grants) return null;
  const isOfLogs = (grantee: string) => policy?.status === 'READ' && policy.service.isNamed(grantee) !== 'NO';
  const own = (grants ?? []).filter(({ grantee }) => isOfLogs(grantee));
  return new Set(own.flatMap(({ operations }) => operations.map((operation) => `kms:${operation}`)));
}

function grantCheck(
  { grants }: KeyCheckFacts,
  { verdict }: PolicyVerdict,
  granted: ReadonlySet<string> | null,
  fix: string | null,
): KeyCheck {
  const code = 'KEY_POLICY_MISSING_ACTIONS';
  const open = (result: 'FAIL' | 'UNKNOWN', message: string) => found('GRANTS', result, { code, message, fix });
  if (verdict !== 'MISSING_ACTIONS')
    return passed(
      'GRANTS',
      null,
      'no grant is needed: grants matter only where no statement of the key policy allows an action',
    );
  if (grants && 'unreadable' in grants) return open('UNKNOWN', grants.unreadable);
  if (granted && granted.size > 0) {
    const what = [...granted].join(', ');
    return open('UNKNOWN', `grants allow CloudWatch Logs ${what}, but AWS does not document whether it uses grants`);
  }
  return open('FAIL', 'no grant allows CloudWatch Logs what the key policy does not allow');
}

function callerChecks({ store, inspection, needs, identity, grants }: KeyCheckFacts): KeyCheck[] {
  const unusable = inspection.reasons.find(({ code }) => code === 'KEY_WRONG_REGION' || code === 'KEY_AWS_MANAGED');
  const policy = inspection.policy?.status === 'READ' ? inspection.policy : null;
  const checks = needs.map((need, index): KeyCheck => {
    const { action, resource } = need;
    const isOfKey = parseArn(resource)?.service === 'kms';
    if (action === 'kms:DescribeKey' && wasDescribed(inspection)) {
      return passed('CALLER_RIGHTS', action, 'the caller has just used this right');
    }
    if (isOfKey && unusable) {
      const message = 'not checked, because this key cannot encrypt the logs anyway';
      return { ...found('CALLER_RIGHTS', 'UNKNOWN', { ...unusable, message }), action };
    }
    const caller = { principalArn: identity.principalArn, account: store.account };
    const access = isOfKey && policy ? callerAccess(policy, resource, caller, action) : null;
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

function passed(check: CheckName, action: string | null, message: string): KeyCheck {
  return { check, action, result: 'PASS', code: null, message, fix: null };
}

/** A check is not a reason, so its document has no severity. */
function found(
  check: CheckName,
  result: 'FAIL' | 'UNKNOWN',
  { code, message, fix }: Pick<KeyCheck, 'code' | 'message' | 'fix'>,
): KeyCheck {
  return { check, action: null, result, code, message, fix };
}

function notKnown(check: CheckName, { code, fix }: { code: RefusalCode; fix: string }): KeyCheck {
  const why = code === 'KEY_NOT_FOUND' ? 'does not exist' : 'could not be read';
  return found(check, 'UNKNOWN', { code, message: `not known, because the key ${why}`, fix });
}
