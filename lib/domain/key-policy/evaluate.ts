import { EVALUATED_ACTIONS, type EvaluatedAction, REQUIRED_ACTIONS } from './actions.ts';
import { type RepairStatement, repairOf } from './build-statement.ts';
import { becauseOf } from './explain.ts';
import { parseKeyPolicy } from './parse.ts';
import { logsService, type PolicyQuestion, type ServiceCall, serviceCall } from './service-call.ts';
import { type BoundPolicy, bind } from './statement.ts';
import { type ActionEffect, type Effect, effectsOf, missingActions, summarize, type Verdict } from './verdict.ts';
import { type PolicyWarning, warningsOf, wrongRegion } from './warnings.ts';

/** Whether a key policy lets CloudWatch Logs use the key, action by action, and why. Never a bare boolean. */
export interface PolicyVerdict {
  readonly verdict: Verdict;
  /** The required actions that no statement allows; empty under any verdict but MISSING_ACTIONS. */
  readonly missingActions: readonly string[];
  /** Index of the first Deny that certainly fires on a required action. */
  readonly denyingStatement: number | null;
  readonly actions: Readonly<Partial<Record<EvaluatedAction, EvaluatedEffect>>>;
  readonly warnings: readonly PolicyWarning[];
  /** What to add to the policy, where adding one statement can fix it. */
  readonly repair: RepairStatement | null;
}

export interface EvaluatedEffect {
  readonly effect: Effect;
  readonly statement: { readonly index: number; readonly sid: string | null } | null;
  readonly because: string;
}

/**
 * Judges any text by AWS's documented rules, and says UNCERTAIN where an undocumented one decides. Never throws.
 * Outside its view, as outside every policy's: grants, service control policies, the key's state and type, the rights of
 * the caller, and the minutes that a change of policy takes to spread.
 */
export function evaluateKeyPolicy(policyText: string, question: PolicyQuestion): PolicyVerdict {
  const parsed = parseKeyPolicy(policyText);
  const regionWarnings = wrongRegion(question);
  if (!parsed.ok) {
    const warning: PolicyWarning = {
      code: 'MALFORMED_POLICY',
      message: `AWS would refuse this policy: ${parsed.mistakes.join('; ')}`,
    };
    return {
      verdict: 'MALFORMED',
      missingActions: [],
      denyingStatement: null,
      actions: Object.fromEntries(REQUIRED_ACTIONS.map((action) => [action, NOTHING_ALLOWED])),
      warnings: [warning, ...regionWarnings],
      repair: null,
    };
  }
  const { keyArn, subject, now } = question;
  const policy = bind(parsed.policy, logsService(keyArn, now));
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
    warnings: [...regionWarnings, ...warningsOf(policy, call, effects)],
    // In another Region nothing added to the policy helps.
    repair: verdict === 'ALLOWED' || regionWarnings.length > 0 ? null : repairOf(policy, subject),
  };
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
