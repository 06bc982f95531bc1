import { parseArn } from '../arn.ts';
import { CATALOGUE } from '../catalogue.ts';
import type { Severity } from '../catalogue-entry.ts';
import { wrongRegion } from '../key-region.ts';
import type { VerdictCode } from '../reasons.ts';
import {
  ADVISORY_ACTIONS,
  type EvaluatedAction,
  isNeedUncertain,
  NEED_UNCERTAIN,
  REQUIRED_ACTIONS,
} from './actions.ts';
import { undocumented } from './explain.ts';
import type { Statement } from './parse.ts';
import { optInPrincipals } from './principal-form.ts';
import { type LogsService, ORGANIZATION_KEYS, type PolicySubject, regionOf, type ServiceCall } from './service-call.ts';
import { type BoundPolicy, conditionsHold, isEverybody, principalCovers } from './statement.ts';
import { statementQuote } from './statement-name.ts';
import { every } from './tri.ts';
import { type ActionEffect, missingActions } from './verdict.ts';

/** What a verdict depends on, or does not cover, that a user should know. */
export interface PolicyWarning {
  readonly code: VerdictCode;
  readonly severity: Severity;
  readonly message: string;
}

/** A warning with the severity that the catalogue gives its code. */
export function policyWarning(code: VerdictCode, message: string): PolicyWarning {
  return { code, severity: CATALOGUE[code].severity, message };
}

/** No key policy makes a key work in another Region (docs/key-policy-rules.md#rule-20). */
export function regionWarnings(keyArn: string, subject: PolicySubject): PolicyWarning[] {
  const elsewhere = wrongRegion(keyArn, parseArn(keyArn)?.region, regionOf(subject, keyArn));
  return elsewhere ? [policyWarning('KEY_WRONG_REGION', elsewhere.message)] : [];
}

/** Warns where the effects depend on behaviour that AWS does not document, and of actions that AWS's example allows too. */
export function warningsOf(
  policy: BoundPolicy,
  call: ServiceCall,
  effects: Readonly<Record<EvaluatedAction, ActionEffect>>,
): PolicyWarning[] {
  const { service } = policy;
  const warnings = new Map<string, PolicyWarning>();
  const warn = (code: VerdictCode, message: string) => warnings.set(message, policyWarning(code, message));
  const notes = [
    {
      code: 'SOURCE_CONDITION',
      says: 'has a condition on aws:SourceArn or aws:SourceAccount; it works for log groups, but AWS documents it for query results only',
      applies: ({ conditions }: Statement) =>
        call.isLogGroup && conditions.some(({ key }) => SOURCE_KEYS.includes(key)),
    },
    {
      code: 'ORGANIZATION_CONDITION',
      says: 'has a condition on the organization; it was evaluated for the one that you named, but AWS documents these condition keys nowhere for calls by CloudWatch Logs',
      applies: ({ conditions }: Statement) =>
        conditions.some(({ key }) => ORGANIZATION_KEYS.includes(key) && service.possibleValues.has(key)),
    },
  ] as const;
  const missing = missingActions(effects);
  for (const action of REQUIRED_ACTIONS) {
    const { effect, statement } = effects[action];
    if (!statement) {
      if (missing.every(isNeedUncertain)) warn('UNDOCUMENTED_RULE', `${action}: ${NEED_UNCERTAIN}`);
      continue;
    }
    if (effect === 'UNCERTAIN') {
      warn('UNDOCUMENTED_RULE', `${statement.name}: ${undocumented(policy, statement, call, action)}`);
    }
    // If one of several equivalent statements needs no warning, the effect does not depend on the others.
    const equivalent = equivalentTo(policy, statement, call, action);
    if (equivalent.every((candidate) => namesGlobalOnly(candidate, service))) {
      warn(
        'GLOBAL_SERVICE_PRINCIPAL',
        `${statement.name} names ${service.globalName}, which works, but AWS documents ${service.regionalName}`,
      );
    }
    for (const { code, says, applies } of notes) {
      if (effect !== 'UNCERTAIN' && equivalent.every(applies)) warn(code, `${statement.name} ${says}`);
    }
  }
  for (const statement of policy.statements) {
    const isDeny = statement.effect === 'Deny' && principalCovers(statement, service) !== 'NO';
    for (const { code, says, applies } of notes) {
      if (isDeny && applies(statement)) warn(code, `${statement.name} ${says}`);
    }
    const optIn = optInPrincipals(statement, service);
    if (optIn.length > 0) {
      const what = `names ${optIn.join(', ')}, of a Region that an account must enable first, if it exists: KMS refuses the policy where it is not enabled`;
      warn('PRINCIPAL_OPT_IN_REGION', `${statementQuote(statement)} ${what}`);
    }
  }
  const unlisted = ADVISORY_ACTIONS.filter((action) => effects[action].effect !== 'ALLOW');
  if (unlisted.length > 0 && REQUIRED_ACTIONS.every((action) => effects[action].effect === 'ALLOW')) {
    warn('ADVISORY_ACTIONS_NOT_ALLOWED', `AWS's example policy also allows ${unlisted.join(', ')}`);
  }
  return [...warnings.values()];
}

/** The statements that apply to an action just as the one that is named does. */
function equivalentTo(policy: BoundPolicy, named: Statement, call: ServiceCall, action: EvaluatedAction): Statement[] {
  const answers = new Map(
    policy.bound.map(({ statement, reach }) => [
      statement,
      every([reach[action], conditionsHold(policy, statement, call, action)], (part) => part),
    ]),
  );
  return policy.statements.filter(
    (statement) => statement.effect === named.effect && answers.get(statement) === answers.get(named),
  );
}

function namesGlobalOnly({ principal: { not: inverted, names } }: Statement, service: LogsService): boolean {
  if (inverted || names === '*' || isEverybody(names)) return false;
  const services = names.Service ?? [];
  return services.includes(service.globalName) && !services.includes(service.regionalName);
}

const SOURCE_KEYS: readonly string[] = ['aws:sourcearn', 'aws:sourceaccount'];
