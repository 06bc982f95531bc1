import { parseArn } from '../arn.ts';
import { CATALOGUE } from '../catalogue.ts';
import type { Severity } from '../catalogue-entry.ts';
import { wrongRegion } from '../key-region.ts';
import type { VerdictCode } from '../reasons.ts';
import { ADVISORY_ACTIONS, type EvaluatedAction, REQUIRED_ACTIONS } from './actions.ts';
import { nameOf, undocumented } from './explain.ts';
import type { Statement } from './parse.ts';
import { type LogsService, type PolicySubject, regionOf, type ServiceCall } from './service-call.ts';
import { type BoundPolicy, conditionsHold, namesService, principalCovers } from './statement.ts';
import { every } from './tri.ts';
import type { ActionEffect } from './verdict.ts';

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
  const warnOfSource = (statement: Statement) =>
    warn(
      'SOURCE_CONDITION',
      `${nameOf(statement)} has a condition on aws:SourceArn or aws:SourceAccount; it works for log groups, but AWS documents it for query results only`,
    );
  for (const action of REQUIRED_ACTIONS) {
    const { effect, statement } = effects[action];
    if (!statement) continue;
    if (effect === 'UNCERTAIN') {
      warn('UNDOCUMENTED_RULE', `${nameOf(statement)}: ${undocumented(policy, statement, call, action)}`);
    }
    // If one of several equivalent statements needs no warning, the effect does not depend on the others.
    const equivalent = equivalentTo(policy, statement, call, action);
    if (equivalent.every((candidate) => namesGlobalOnly(candidate, service))) {
      warn(
        'GLOBAL_SERVICE_PRINCIPAL',
        `${nameOf(statement)} names ${service.globalName}, which works, but AWS documents ${service.regionalName}`,
      );
    }
    if (equivalent.every((candidate) => hasSourceCondition(candidate, call))) warnOfSource(statement);
  }
  for (const statement of policy.statements) {
    const isDeny = statement.effect === 'Deny' && principalCovers(statement, service) !== 'NO';
    if (isDeny && hasSourceCondition(statement, call)) warnOfSource(statement);
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
  if (inverted || names === '*') return false;
  return namesService(names.Service, service.globalName) && !namesService(names.Service, service.regionalName);
}

function hasSourceCondition({ conditions }: Statement, call: ServiceCall): boolean {
  return call.isLogGroup && conditions.some(({ key }) => key === 'aws:sourcearn' || key === 'aws:sourceaccount');
}
