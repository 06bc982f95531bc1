import { EVALUATED_ACTIONS, type EvaluatedAction, REQUIRED_ACTIONS } from './actions.ts';
import { type RepairStatement, repairOf } from './build-statement.ts';
import { becauseOf } from './explain.ts';
import { publicProblem } from './public.ts';
import type { ReadPolicy, WellFormedPolicy } from './read.ts';
import { onlyScope, type RepairScope } from './repair-scope.ts';
import { type PolicySubject, type ServiceCall, serviceCall } from './service-call.ts';
import type { BoundPolicy } from './statement.ts';
import { type ActionEffect, type Effect, effectsOf, missingActions, summarize, type Verdict } from './verdict.ts';
import { type PolicyWarning, policyWarning, regionWarnings, warningsOf } from './warnings.ts';

/** Whether a key policy lets CloudWatch Logs use the key, and why, action by action. */
export interface PolicyVerdict {
  readonly verdict: Verdict;
  /** The required actions that no statement allows; empty unless the verdict is MISSING_ACTIONS. */
  readonly missingActions: readonly string[];
  /** Index of the first Deny that certainly applies to a required action; null unless the verdict is DENIED. */
  readonly denyingStatement: number | null;
  readonly actions: Readonly<Partial<Record<EvaluatedAction, EvaluatedEffect>>>;
  readonly warnings: readonly PolicyWarning[];
  /** The statement to add; null where none is needed, or where no added statement can fix the policy. */
  readonly repair: RepairStatement | null;
}

export interface EvaluatedEffect {
  readonly effect: Effect;
  readonly statement: { readonly index: number; readonly sid: string | null } | null;
  readonly because: string;
}

/**
 * Evaluates a key policy for one log store by the rules in docs/key-policy-rules.md. The verdict is UNCERTAIN where AWS
 * does not document the behaviour that decides. Never throws.
 *
 * No key policy shows everything (docs/key-policy-rules.md#rule-20): grants, service control policies, the state and type
 * of the key and the caller's rights are checked elsewhere.
 * @param scope what the suggested statement is for; by default the subject alone
 * @example
 * const policy = readKeyPolicy(text, logsService(keyArn, now));
 * const { verdict } = evaluateKeyPolicy(policy, { type: 'log-group', arn: logGroupArn });
 */
export function evaluateKeyPolicy(
  policy: ReadPolicy,
  subject: PolicySubject,
  scope: RepairScope = onlyScope(subject),
): PolicyVerdict {
  const elsewhere = regionWarnings(policy.service.keyArn, subject);
  if (policy.status === 'MALFORMED') {
    const message = `AWS would refuse this policy: ${policy.mistakes.join('; ')}`;
    return {
      verdict: 'MALFORMED',
      missingActions: [],
      denyingStatement: null,
      actions: Object.fromEntries(REQUIRED_ACTIONS.map((action) => [action, NOTHING_ALLOWED])),
      warnings: [policyWarning('MALFORMED_POLICY', message), ...elsewhere],
      repair: null,
    };
  }
  const call = serviceCall(policy.service, subject);
  const effects = effectsOf(policy, call, EVALUATED_ACTIONS);
  const verdict = summarize(effects);
  return {
    verdict,
    missingActions: verdict === 'MISSING_ACTIONS' ? missingActions(effects) : [],
    denyingStatement: verdict === 'DENIED' ? firstDeny(effects) : null,
    actions: Object.fromEntries(
      EVALUATED_ACTIONS.map((action) => [action, describe(policy, call, action, effects[action])]),
    ),
    warnings: [...elsewhere, ...publicWarnings(policy), ...warningsOf(policy, call, effects)],
    // No statement helps a key in another Region.
    repair: verdict === 'ALLOWED' || elsewhere.length > 0 ? null : repairOf(policy, subject, scope),
  };
}

function publicWarnings({ service, publicStatement }: WellFormedPolicy): PolicyWarning[] {
  if (!publicStatement) return [];
  const { code, message } = publicProblem(service.keyArn, publicStatement);
  return [policyWarning(code, message)];
}

const NOTHING_ALLOWED: EvaluatedEffect = {
  effect: 'IMPLICIT_DENY',
  statement: null,
  because: 'a malformed policy allows nothing',
};

function firstDeny(effects: Record<EvaluatedAction, ActionEffect>): number {
  const denies = REQUIRED_ACTIONS.map((action) => effects[action]).filter(({ effect }) => effect === 'EXPLICIT_DENY');
  return Math.min(...denies.map(({ statement }) => statement?.index ?? Number.POSITIVE_INFINITY));
}

function describe(
  policy: BoundPolicy,
  call: ServiceCall,
  action: EvaluatedAction,
  effect: ActionEffect,
): EvaluatedEffect {
  const { statement } = effect;
  return {
    effect: effect.effect,
    statement: statement && { index: statement.index, sid: statement.sid },
    because: becauseOf(policy, call, action, effect),
  };
}
