import {
  carriesEncryptionContext,
  type EvaluatedAction,
  isNeedUncertain,
  REQUIRED_ACTIONS,
  type RequiredAction,
} from './actions.ts';
import type { Statement } from './parse.ts';
import { anyServiceCall, type PolicySubject, type ServiceCall, serviceCall } from './service-call.ts';
import { type BoundPolicy, conditionsHold } from './statement.ts';
import type { Tri } from './tri.ts';

/**
 * Whether CloudWatch Logs may use the key. `DENIED`: an explicit Deny certainly applies to a required action.
 * `MISSING_ACTIONS`: no statement allows a required action. `UNCERTAIN`: it depends on behaviour that AWS does not
 * document, and is never treated as allowed. `MALFORMED`: AWS would not accept the document as a key policy.
 */
export type Verdict = 'ALLOWED' | 'DENIED' | 'MISSING_ACTIONS' | 'UNCERTAIN' | 'MALFORMED';

export type Effect = 'ALLOW' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY' | 'UNCERTAIN';

/** The effect on one action, and the statement that it comes from: none under IMPLICIT_DENY. */
export interface ActionEffect {
  readonly effect: Effect;
  readonly statement: Statement | null;
}

/** The effect on each of the actions. */
export function effectsOf<Action extends EvaluatedAction>(
  policy: BoundPolicy,
  call: ServiceCall,
  actions: readonly Action[],
): Record<Action, ActionEffect> {
  // Conditions depend on the action only in whether it carries an encryption context.
  const withContext: Tri[] = [];
  const withoutContext: Tri[] = [];
  const effects: Partial<Record<Action, ActionEffect>> = {};
  for (const action of actions) {
    const known = carriesEncryptionContext(action) ? withContext : withoutContext;
    effects[action] = effectOf(policy, call, action, known);
  }
  return effects as Record<Action, ActionEffect>;
}

/**
 * An explicit Deny overrides every Allow (docs/key-policy-rules.md#rule-1). Of several statements, the first one is named. A statement that only may
 * apply makes the effect uncertain only where it changes the result.
 * @param known results of earlier calls: whether the conditions of a statement hold, by its index
 */
function effectOf(policy: BoundPolicy, call: ServiceCall, action: EvaluatedAction, known: Tri[]): ActionEffect {
  let allow: Statement | null = null;
  let maybeAllow: Statement | null = null;
  let maybeDeny: Statement | null = null;
  for (const { statement, reach } of policy.bound) {
    if (reach[action] === 'NO') continue;
    const conditions = known[statement.index] ?? conditionsHold(policy, statement, call, action);
    known[statement.index] = conditions;
    if (conditions === 'NO') continue;
    const isCertain = reach[action] === 'YES' && conditions === 'YES';
    if (statement.effect === 'Deny') {
      if (isCertain) return { effect: 'EXPLICIT_DENY', statement };
      maybeDeny ??= statement;
    } else if (isCertain) {
      allow ??= statement;
    } else {
      maybeAllow ??= statement;
    }
  }
  if (!allow && !maybeAllow) return { effect: 'IMPLICIT_DENY', statement: null };
  if (maybeDeny) return { effect: 'UNCERTAIN', statement: maybeDeny };
  return allow ? { effect: 'ALLOW', statement: allow } : { effect: 'UNCERTAIN', statement: maybeAllow };
}

/** The verdict without explanations, which take longer to build. */
export function verdictOf(policy: BoundPolicy, subject: PolicySubject): Verdict {
  return summarize(effectsOf(policy, serviceCall(policy.service, subject), REQUIRED_ACTIONS));
}

/** Whether the policy certainly lets CloudWatch Logs use the key for no log store of the subject's kind, account and Region. */
export function allowsNone(policy: BoundPolicy, subject: PolicySubject): boolean {
  const verdict = summarize(effectsOf(policy, anyServiceCall(policy.service, subject), REQUIRED_ACTIONS));
  return verdict === 'DENIED' || verdict === 'MISSING_ACTIONS';
}

/**
 * Of DENIED, MISSING_ACTIONS and UNCERTAIN, the first that applies is the verdict. Where only actions are missing of which it
 * is not known whether they are needed, it is UNCERTAIN.
 */
export function summarize(effects: Readonly<Record<RequiredAction, ActionEffect>>): Verdict {
  const some = (wanted: Effect) => REQUIRED_ACTIONS.some((action) => effects[action].effect === wanted);
  if (some('EXPLICIT_DENY')) return 'DENIED';
  const missing = missingActions(effects);
  if (!missing.every(isNeedUncertain)) return 'MISSING_ACTIONS';
  return missing.length > 0 || some('UNCERTAIN') ? 'UNCERTAIN' : 'ALLOWED';
}

/** The required actions that no statement allows. */
export function missingActions(effects: Readonly<Record<RequiredAction, ActionEffect>>): RequiredAction[] {
  return REQUIRED_ACTIONS.filter((action) => effects[action].effect === 'IMPLICIT_DENY');
}
