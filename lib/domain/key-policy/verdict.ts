import { JUDGED_ACTIONS, type JudgedAction, REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import type { KeyPolicy, ParsedKeyPolicy, Statement } from './parse.ts';
import type { ServiceCall } from './service-call.ts';
import { reaches } from './statement.ts';

/**
 * May CloudWatch Logs use the key? `DENIED`: an explicit Deny certainly fires on a required action.
 * `MISSING_ACTIONS`: a required action that no statement allows. `UNCERTAIN`: undocumented behaviour of AWS decides;
 * never to be treated as allowed. `MALFORMED`: AWS would not take the document as a key policy.
 */
export type Verdict = 'ALLOWED' | 'DENIED' | 'MISSING_ACTIONS' | 'UNCERTAIN' | 'MALFORMED';

export type Effect = 'ALLOW' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY' | 'UNCERTAIN';

/** What becomes of one action, and the statement that decides it: none under IMPLICIT_DENY. */
export interface ActionEffect {
  readonly effect: Effect;
  readonly statement: Statement | null;
}

/**
 * Rule 1: explicit Deny beats Allow beats silence. Of several statements the one with the lowest index is named.
 * A Deny that may fire matters only where an Allow reaches the action, and likewise an Allow that may.
 */
export function effectOf(policy: KeyPolicy, call: ServiceCall, action: JudgedAction): ActionEffect {
  let allow: Statement | null = null;
  let maybeAllow: Statement | null = null;
  let maybeDeny: Statement | null = null;
  for (const statement of policy.statements) {
    const reach = reaches(policy, statement, call, action);
    if (reach === 'NO') continue;
    if (statement.effect === 'Deny') {
      if (reach === 'YES') return { effect: 'EXPLICIT_DENY', statement };
      maybeDeny ??= statement;
    } else if (reach === 'YES') {
      allow ??= statement;
    } else {
      maybeAllow ??= statement;
    }
  }
  if (!allow && !maybeAllow) return { effect: 'IMPLICIT_DENY', statement: null };
  if (maybeDeny) return { effect: 'UNCERTAIN', statement: maybeDeny };
  return allow ? { effect: 'ALLOW', statement: allow } : { effect: 'UNCERTAIN', statement: maybeAllow };
}

/** What becomes of every action that CloudWatch Logs may call. */
export function effectsOf(policy: KeyPolicy, call: ServiceCall): Record<JudgedAction, ActionEffect> {
  return Object.fromEntries(JUDGED_ACTIONS.map((action) => [action, effectOf(policy, call, action)])) as Record<
    JudgedAction,
    ActionEffect
  >;
}

/** The verdict alone: enough where nobody reads why. */
export function verdictOf(parsed: ParsedKeyPolicy, call: ServiceCall): Verdict {
  if (!parsed.ok) return 'MALFORMED';
  return summarize(new Set(REQUIRED_ACTIONS.map((action) => effectOf(parsed.policy, call, action).effect)));
}

/** Several may hold: the first of DENIED, MISSING_ACTIONS, UNCERTAIN is the verdict. */
export function summarize(effects: ReadonlySet<Effect>): Verdict {
  if (effects.has('EXPLICIT_DENY')) return 'DENIED';
  if (effects.has('IMPLICIT_DENY')) return 'MISSING_ACTIONS';
  return effects.has('UNCERTAIN') ? 'UNCERTAIN' : 'ALLOWED';
}

/** The required actions that no statement allows. */
export function missingActions(effects: Record<JudgedAction, ActionEffect>): RequiredAction[] {
  return REQUIRED_ACTIONS.filter((action) => effects[action].effect === 'IMPLICIT_DENY');
}
