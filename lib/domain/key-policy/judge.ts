import { parseArn } from '../arn.ts';
import { ADVISORY_ACTIONS, JUDGED_ACTIONS, type JudgedAction, REQUIRED_ACTIONS } from './actions.ts';
import { becauseOf, nameOf, undocumented } from './explain.ts';
import { type KeyPolicy, parseKeyPolicy } from './parse.ts';
import { type RepairStatement, repairOf } from './repair.ts';
import { type PolicyQuestion, type ServiceCall, serviceCall } from './service-call.ts';
import { namesService, principalCovers } from './statement.ts';
import { type ActionEffect, type Effect, effectsOf, missingActions, summarize, type Verdict } from './verdict.ts';

/** Whether a key policy lets CloudWatch Logs use the key, action by action, and why. Never a bare boolean. */
export interface PolicyVerdict {
  readonly verdict: Verdict;
  /** The required actions that no statement allows; empty under any verdict but MISSING_ACTIONS. */
  readonly missingActions: readonly string[];
  /** Index of the first Deny that certainly fires on a required action. */
  readonly denyingStatement: number | null;
  /** Empty under MALFORMED. */
  readonly actions: Readonly<Partial<Record<JudgedAction, JudgedEffect>>>;
  readonly warnings: readonly PolicyWarning[];
  /** What to add to the policy, where adding one statement can cure it. */
  readonly repair: RepairStatement | null;
}

export interface JudgedEffect {
  readonly effect: Effect;
  readonly statement: { readonly index: number; readonly sid: string | null } | null;
  readonly because: string;
}

export interface PolicyWarning {
  readonly code:
    | 'MALFORMED_POLICY'
    | 'UNDOCUMENTED_RULE'
    | 'GLOBAL_SERVICE_PRINCIPAL'
    | 'SOURCE_CONDITION'
    | 'ADVISORY_ACTIONS_NOT_ALLOWED'
    | 'KEY_WRONG_REGION';
  readonly message: string;
}

/**
 * Judges any text by AWS's documented rules, and says UNCERTAIN where an undocumented one decides. Never throws.
 * Outside its view, as outside every policy's: grants, service control policies, the key's state and type, the rights of
 * the caller, and the minutes that a change of policy takes to spread.
 */
export function judgeKeyPolicy(policyText: string, question: PolicyQuestion): PolicyVerdict {
  const parsed = parseKeyPolicy(policyText);
  const regionWarnings = wrongRegion(question);
  if (!parsed.ok) {
    const warning: PolicyWarning = {
      code: 'MALFORMED_POLICY',
      message: `AWS would refuse this policy: ${parsed.because}`,
    };
    return {
      verdict: 'MALFORMED',
      missingActions: [],
      denyingStatement: null,
      actions: {},
      warnings: [warning, ...regionWarnings],
      repair: null,
    };
  }
  const { policy } = parsed;
  const call = serviceCall(question);
  const effects = effectsOf(policy, call);
  const verdict = summarize(new Set(REQUIRED_ACTIONS.map((action) => effects[action].effect)));
  return {
    verdict,
    missingActions: verdict === 'MISSING_ACTIONS' ? missingActions(effects) : [],
    denyingStatement: verdict === 'DENIED' ? firstDeny(effects) : null,
    actions: Object.fromEntries(
      JUDGED_ACTIONS.map((action) => [action, describe(policy, call, action, effects[action])]),
    ),
    warnings: [...regionWarnings, ...warningsOf(policy, call, effects)],
    repair: verdict === 'ALLOWED' ? null : repairOf(policyText, question),
  };
}

function firstDeny(effects: Record<JudgedAction, ActionEffect>): number {
  const denies = REQUIRED_ACTIONS.map((action) => effects[action]).filter(({ effect }) => effect === 'EXPLICIT_DENY');
  return Math.min(...denies.map(({ statement }) => statement?.index ?? Number.POSITIVE_INFINITY));
}

function describe(policy: KeyPolicy, call: ServiceCall, action: JudgedAction, effect: ActionEffect): JudgedEffect {
  const { statement } = effect;
  return {
    effect: effect.effect,
    statement: statement && { index: statement.index, sid: statement.sid },
    because: becauseOf(policy, call, action, effect),
  };
}

function wrongRegion({ keyArn, subject }: PolicyQuestion): PolicyWarning[] {
  const keyRegion = parseArn(keyArn)?.region;
  const region = subject.type === 'log-group' ? parseArn(subject.arn)?.region : keyRegion;
  if (keyRegion === region) return [];
  const message = `the key is in ${keyRegion}, the log group in ${region}: whatever the policy says, they must be in one Region`;
  return [{ code: 'KEY_WRONG_REGION', message }];
}

/** What the verdict leans on that AWS does not document. */
function warningsOf(
  policy: KeyPolicy,
  call: ServiceCall,
  effects: Record<JudgedAction, ActionEffect>,
): PolicyWarning[] {
  const warnings = new Map<string, PolicyWarning>();
  const warn = (code: PolicyWarning['code'], message: string) => warnings.set(message, { code, message });
  for (const action of REQUIRED_ACTIONS) {
    const { effect, statement } = effects[action];
    if (!statement) continue;
    if (effect === 'UNCERTAIN') {
      warn('UNDOCUMENTED_RULE', `${nameOf(statement)}: ${undocumented(policy, statement, call, action)}`);
    }
    const { not: inverted, names } = statement.principal;
    if (
      !inverted &&
      names !== '*' &&
      !namesService(names.Service, call.regionalName) &&
      namesService(names.Service, call.globalName)
    ) {
      warn(
        'GLOBAL_SERVICE_PRINCIPAL',
        `${nameOf(statement)} names ${call.globalName}, which works in the field; AWS documents ${call.regionalName}`,
      );
    }
  }
  for (const statement of policy.statements) {
    const decides =
      statement.effect === 'Deny' || REQUIRED_ACTIONS.some((action) => effects[action].statement === statement);
    const asksSource = statement.conditions.some(({ key }) => key === 'aws:sourcearn' || key === 'aws:sourceaccount');
    if (call.isLogGroup && asksSource && decides && principalCovers(statement, call) !== 'NO') {
      warn(
        'SOURCE_CONDITION',
        `${nameOf(statement)} asks for aws:SourceArn or aws:SourceAccount, which AWS documents for query results only; it works in the field`,
      );
    }
  }
  const unlisted = ADVISORY_ACTIONS.filter((action) => effects[action].effect !== 'ALLOW');
  const areRequiredAllowed = REQUIRED_ACTIONS.every((action) => effects[action].effect === 'ALLOW');
  if (areRequiredAllowed && unlisted.length > 0) {
    warn('ADVISORY_ACTIONS_NOT_ALLOWED', `AWS's own example also allows ${unlisted.join(', ')}`);
  }
  return [...warnings.values()];
}
