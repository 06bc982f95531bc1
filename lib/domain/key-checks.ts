import { parseArn } from './arn.ts';
import { EXEMPT_FROM_DENY, evaluateNeed, type IdentityPolicies, type Need, toIdentity } from './caller-rights.ts';
import type { KeyInspection } from './key.ts';
import { REQUIRED_ACTIONS } from './key-policy/actions.ts';
import { standingOf } from './key-policy/caller.ts';
import { type EvaluatedEffect, evaluateKeyPolicy, type PolicyVerdict } from './key-policy/evaluate.ts';
import { logsService } from './key-policy/service-call.ts';
import { keyPolicyProblem, policySubjectOf } from './key-policy-problem.ts';
import type { LogStore } from './log-store.ts';
import type { KeyPolicyCode, ReasonCode, RefusalCode } from './reasons.ts';

/** What is looked at before a key may be attached, in this order. */
export type CheckName =
  | 'FOUND'
  | 'REGION'
  | 'ENABLED'
  | 'KEY_SPEC'
  | 'KEY_USAGE'
  | 'KEY_POLICY'
  | 'GRANTS'
  | 'CALLER_RIGHTS';

/** One check of the configured key and what came of it. */
export interface KeyCheck {
  readonly check: CheckName;
  /** The action that a policy or the caller's rights were asked for; null where the check is about none. */
  readonly action: string | null;
  /** `UNKNOWN`: it could not be found out, or AWS does not document what decides. Never to be treated as a PASS. */
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  /** Null under PASS. */
  readonly code: RefusalCode | null;
  readonly message: string;
  /** Ready to paste; null under PASS. */
  readonly fix: string | null;
}

/** Who may use a key for what without a statement of its policy. */
export interface Grant {
  /** An ARN, or a service principal such as `logs.eu-west-1.amazonaws.com`. */
  readonly grantee: string;
  /** As KMS names them, without `kms:`: `Encrypt`. */
  readonly operations: readonly string[];
}

/** Everything that was found out about a key and a log store that it is to be attached to. */
export interface KeyCheckFacts {
  /** As it was named. */
  readonly key: string;
  readonly store: LogStore;
  readonly inspection: KeyInspection;
  /** Read only where a policy is silent: elsewhere a grant changes nothing. */
  readonly grants: readonly Grant[] | { readonly unreadable: string } | null;
  readonly needs: readonly Need[];
  readonly identity: IdentityPolicies;
  readonly now: Date;
}

/** Every check with its result, not only the first that fails. */
export function keyChecks(facts: KeyCheckFacts): KeyCheck[] {
  return [...stateChecks(facts), ...policyChecks(facts), ...callerChecks(facts)];
}

/** The check that most probably explains a refusal by AWS: the first that fails, else the first that is not known. */
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
  return evaluateKeyPolicy(policy, policySubjectOf(store));
}

const STATE_CODES: readonly ReasonCode[] = [
  'KEY_DISABLED',
  'KEY_PENDING_DELETION',
  'KEY_PENDING_REPLICA_DELETION',
  'KEY_PENDING_IMPORT',
  'KEY_UNAVAILABLE',
  'KEY_CREATING',
];

function stateChecks({ key, store, inspection: { keyArn, reasons } }: KeyCheckFacts): KeyCheck[] {
  const unreadable = reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  const isElsewhere = reasons.some(({ code }) => code === 'KEY_WRONG_REGION');
  const unseen = unreadable ?? reasons.find(({ code }) => code === 'KEY_NOT_FOUND' || code === 'KEY_WRONG_REGION');
  const check = (name: CheckName, codes: readonly ReasonCode[], pass: string): KeyCheck => {
    const failed = reasons.find(({ code }) => codes.includes(code));
    if (failed) return { check: name, action: null, result: failed === unreadable ? 'UNKNOWN' : 'FAIL', ...failed };
    return unseen ? notKnown(name, unseen) : passed(name, null, pass);
  };
  return [
    check('FOUND', ['KEY_NOT_FOUND', 'KEY_UNREADABLE'], `${key} is ${keyArn}`),
    isElsewhere
      ? check('REGION', ['KEY_WRONG_REGION'], '')
      : passed('REGION', null, `it is looked for in ${store.region}, where the logs are`),
    check('ENABLED', STATE_CODES, 'it is enabled'),
    check('KEY_SPEC', ['KEY_NOT_SYMMETRIC'], 'it is symmetric'),
    check('KEY_USAGE', ['KEY_WRONG_USAGE'], 'it encrypts and decrypts'),
  ];
}

function policyChecks(facts: KeyCheckFacts): KeyCheck[] {
  const { inspection, store, grants, now } = facts;
  const verdict = verdictOf(facts);
  const problem = keyPolicyProblem(inspection, store, now);
  if (!verdict || verdict.verdict === 'MALFORMED') {
    const [unseen] = inspection.reasons;
    if (problem) {
      return [{ check: 'KEY_POLICY', action: null, result: verdict ? 'FAIL' : 'UNKNOWN', ...problem }];
    }
    return unseen ? [notKnown('KEY_POLICY', unseen)] : [];
  }
  const granted = grantedTo(grants, inspection.keyArn ?? '', now);
  const fix = problem?.fix ?? null;
  const actions = REQUIRED_ACTIONS.map((action): KeyCheck => {
    const { effect, because } = verdict.actions[action] ?? NOTHING_SAID;
    if (effect === 'ALLOW') return passed('KEY_POLICY', action, because);
    const mayBeGranted = effect === 'IMPLICIT_DENY' && (granted === null || granted.has(action));
    const result = effect === 'UNCERTAIN' || mayBeGranted ? 'UNKNOWN' : 'FAIL';
    return { check: 'KEY_POLICY', action, result, code: POLICY_CODES[effect], message: because, fix };
  });
  return [...actions, grantCheck(facts, verdict, granted, fix)];
}

const NOTHING_SAID: EvaluatedEffect = { effect: 'IMPLICIT_DENY', statement: null, because: 'no statement allows it' };

const POLICY_CODES: Readonly<Record<Exclude<EvaluatedEffect['effect'], 'ALLOW'>, KeyPolicyCode>> = {
  EXPLICIT_DENY: 'KEY_POLICY_DENIES',
  IMPLICIT_DENY: 'KEY_POLICY_MISSING_ACTIONS',
  UNCERTAIN: 'KEY_POLICY_UNCERTAIN',
};

/**
 * The actions that grants give CloudWatch Logs; null: they could not be read. Service principals can be grantees since
 * 2026. Whether CloudWatch Logs uses a grant is not documented.
 */
function grantedTo(grants: KeyCheckFacts['grants'], keyArn: string, now: Date): ReadonlySet<string> | null {
  if (grants && 'unreadable' in grants) return null;
  const { regionalName, globalName } = logsService(keyArn, now);
  const own = (grants ?? []).filter(({ grantee }) => grantee === regionalName || grantee === globalName);
  return new Set(own.flatMap(({ operations }) => operations.map((operation) => `kms:${operation}`)));
}

function grantCheck(
  { grants }: KeyCheckFacts,
  { verdict }: PolicyVerdict,
  granted: ReadonlySet<string> | null,
  fix: string | null,
): KeyCheck {
  const code = 'KEY_POLICY_MISSING_ACTIONS';
  const found = (result: 'FAIL' | 'UNKNOWN', message: string): KeyCheck => {
    return { check: 'GRANTS', action: null, result, code, message, fix };
  };
  if (verdict !== 'MISSING_ACTIONS') return passed('GRANTS', null, 'none is needed where the key policy is not silent');
  if (grants && 'unreadable' in grants) return found('UNKNOWN', grants.unreadable);
  if (granted && granted.size > 0) {
    const what = [...granted].join(', ');
    return found('UNKNOWN', `grants give CloudWatch Logs ${what}; whether it uses them is not documented`);
  }
  return found('FAIL', 'no grant gives CloudWatch Logs what the key policy does not');
}

function callerChecks({ store, inspection, needs, identity, grants }: KeyCheckFacts): KeyCheck[] {
  const elsewhere = inspection.reasons.find(({ code }) => code === 'KEY_WRONG_REGION');
  const policy = inspection.policy?.status === 'READ' ? inspection.policy : null;
  return needs.map((need, index): KeyCheck => {
    const { action, resource } = need;
    const isOfKey = parseArn(resource)?.service === 'kms';
    if (isOfKey && elsewhere) return { ...notKnown('CALLER_RIGHTS', elsewhere), action };
    const caller = { principalArn: identity.principalArn, account: store.account };
    const standing = isOfKey && policy ? standingOf(policy, resource, caller, action) : null;
    const decision = identity.decisions?.[index] ?? null;
    const isForeign = isOfKey && parseArn(resource)?.account !== store.account;
    const unread = isForeign ? ({ says: 'FOREIGN', account: store.account } as const) : 'UNREAD';
    const judged = evaluateNeed(need, decision, isOfKey ? (standing ?? unread) : null);
    if (action === 'kms:DescribeKey' && wasDescribed(inspection)) {
      return passed('CALLER_RIGHTS', action, 'the caller has just made use of it');
    }
    const refused = inspection.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
    if (refused && inspection.missingRight?.action === action) {
      const { message } = refused;
      const fix = inspection.missingRight.isExplicitDeny ? EXEMPT_FROM_DENY : toIdentity(need);
      return { check: 'CALLER_RIGHTS', action, result: 'FAIL', code: 'CALLER_MISSING_RIGHTS', message, fix };
    }
    const isDenied = decision === 'EXPLICIT_DENY' || standing?.says === 'DENIES';
    if (judged.result === 'FAIL' && !isDenied && isOfKey && isGranted(grants, identity.principalArn, action)) {
      return passed('CALLER_RIGHTS', action, `a grant gives the caller ${action}`);
    }
    const why = decision === null && identity.because ? ` (${identity.because})` : '';
    return {
      check: 'CALLER_RIGHTS',
      action,
      result: judged.result,
      code: judged.result === 'PASS' ? null : 'CALLER_MISSING_RIGHTS',
      message: `${judged.message}${judged.result === 'PASS' ? '' : why}`,
      fix: judged.fix,
    };
  });
}

function isGranted(grants: KeyCheckFacts['grants'], principalArn: string | null, action: string): boolean {
  if (!grants || 'unreadable' in grants) return false;
  return grants.some(
    ({ grantee, operations }) =>
      grantee === principalArn && operations.some((operation) => `kms:${operation}` === action),
  );
}

function wasDescribed({ keyArn, reasons }: KeyInspection): boolean {
  const unseen: readonly ReasonCode[] = ['KEY_NOT_FOUND', 'KEY_UNREADABLE', 'KEY_WRONG_REGION'];
  return keyArn !== null && !reasons.some(({ code }) => unseen.includes(code));
}

function passed(check: CheckName, action: string | null, message: string): KeyCheck {
  return { check, action, result: 'PASS', code: null, message, fix: null };
}

function notKnown(check: CheckName, { code, fix }: { code: RefusalCode; fix: string }): KeyCheck {
  return {
    check,
    action: null,
    result: 'UNKNOWN',
    code,
    message: 'not known, since the key could not be looked at',
    fix,
  };
}
