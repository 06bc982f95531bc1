import { callerChecks } from './caller-checks.ts';
import type { KeyInspection } from './key.ts';
import { type CheckName, found, type KeyCheck, type KeyCheckFacts, passed } from './key-check.ts';
import { NEED_UNCERTAIN, REQUIRED_ACTIONS } from './key-policy/actions.ts';
import { type EvaluatedEffect, evaluateKeyPolicy, type PolicyVerdict } from './key-policy/evaluate.ts';
import { KEY_STATE_CODES, type KeyPolicyCode, type ReasonCode, type RefusalCode } from './reasons.ts';
import { keyPolicyProblem, policySubjectOf } from './store-key-policy.ts';

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
  const problem = keyPolicyProblem(inspection, store, facts.isStoreNamed);
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
    // Under UNCERTAIN, an action without a statement is one of which it is not known whether it is needed.
    const isNeedless = effect === 'IMPLICIT_DENY' && verdict.verdict === 'UNCERTAIN';
    const result = effect === 'UNCERTAIN' || mayBeGranted || isNeedless ? 'UNKNOWN' : 'FAIL';
    const code = POLICY_CODES[isNeedless ? 'UNCERTAIN' : effect];
    const message = isNeedless ? `${because}; ${NEED_UNCERTAIN}` : because;
    return { check: 'KEY_POLICY', action, result, code, message, fix };
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

function notKnown(check: CheckName, { code, fix }: { code: RefusalCode; fix: string }): KeyCheck {
  const why = code === 'KEY_NOT_FOUND' ? 'does not exist' : 'could not be read';
  return found(check, 'UNKNOWN', { code, message: `not known, because the key ${why}`, fix });
}
