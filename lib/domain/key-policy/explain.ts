import type { EvaluatedAction } from './actions.ts';
import type { KeyValue } from './operators.ts';
import type { Condition, Statement } from './parse.ts';
import type { ServiceCall } from './service-call.ts';
import {
  type BoundPolicy,
  conditionHolds,
  conditionsHold,
  possibleValuesOf,
  type Reach,
  reachOf,
} from './statement.ts';
import type { ActionEffect } from './verdict.ts';

/** One sentence: why the action has this effect. */
export function becauseOf(
  policy: BoundPolicy,
  call: ServiceCall,
  action: EvaluatedAction,
  effect: ActionEffect,
): string {
  const { statement } = effect;
  if (!statement) return nearMiss(policy, call, action);
  const name = nameOf(statement);
  switch (effect.effect) {
    case 'ALLOW':
      return `${name} allows it`;
    case 'EXPLICIT_DENY': {
      const [condition] = statement.conditions;
      return condition
        ? `${name} denies it: ${whyItHolds(possibleValuesOf(policy, condition.key, statement, call, action), condition)}`
        : `${name} denies it without a condition`;
    }
    default:
      return `${name} ${statement.effect === 'Deny' ? 'may deny' : 'may allow'} it: ${undocumented(policy, statement, call, action)}`;
  }
}

/** A statement as messages name it: `statement 1 ("Logs")`. */
export function nameOf(statement: Statement): string {
  return `statement ${statement.index}${statement.sid === null ? '' : ` (${JSON.stringify(statement.sid)})`}`;
}

function whyItHolds(possibleValues: readonly KeyValue[], condition: Condition): string {
  const absent = possibleValues.every((possibleValue) => possibleValue === undefined);
  return `${show(condition)} holds${absent ? ', because this call by CloudWatch Logs does not carry that key' : ''}`;
}

/** Which part of a statement makes it uncertain. */
export function undocumented(
  policy: BoundPolicy,
  statement: Statement,
  call: ServiceCall,
  action: EvaluatedAction,
): string {
  const reach = reachOf(policy, statement, policy.service, action);
  if (reach.principal === 'UNKNOWN') {
    return `it is not certain that ${statement.principal.not ? 'its NotPrincipal' : '{"AWS": "*"}'} covers a service`;
  }
  if (reach.resource === 'UNKNOWN') return 'its Resource contains a policy variable, or its NotResource is empty';
  if (reach.action === 'UNKNOWN') return 'its NotAction is empty';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'UNKNOWN',
  );
  return condition
    ? `whether ${show(condition)} holds is not documented, or cannot be known from outside AWS`
    : 'AWS does not document it';
}

/** Names the Allow that comes closest to the action, and what it lacks. */
function nearMiss(policy: BoundPolicy, call: ServiceCall, action: EvaluatedAction): string {
  let closest: { statement: Statement; reach: Reach; parts: number } | undefined;
  for (const statement of policy.statements) {
    if (statement.effect === 'Deny') continue;
    const reach = reachOf(policy, statement, policy.service, action);
    if (reach.principal === 'NO' && !namesLogs(statement)) continue;
    const reached = [...Object.values(reach), conditionsHold(policy, statement, call, action)];
    const parts = reached.filter((part) => part !== 'NO').length + (reach.principal === 'NO' ? -2 : 0);
    if (!closest || parts > closest.parts) closest = { statement, reach, parts };
  }
  if (!closest) return `no statement allows ${policy.service.regionalName} to use the key`;
  const { statement, reach } = closest;
  return `no statement allows it; the closest, ${nameOf(statement)}, ${whatItLacks(policy, statement, reach, call, action)}`;
}

function namesLogs({ principal: { not: inverted, names } }: Statement): boolean {
  return !inverted && names !== '*' && (names.Service ?? []).some((name) => /^logs\./i.test(name));
}

function whatItLacks(
  policy: BoundPolicy,
  statement: Statement,
  reach: Reach,
  call: ServiceCall,
  action: EvaluatedAction,
): string {
  if (reach.principal === 'NO') {
    const { names } = statement.principal;
    const services = names === '*' ? [] : (names.Service ?? []).filter((name) => /^logs\./i.test(name));
    return `names ${services.join(', ')}, not ${policy.service.regionalName}`;
  }
  if (reach.resource === 'NO') return 'names another resource (in a key policy, "*" means this key)';
  if (reach.action === 'NO') return 'does not list this action';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'NO',
  );
  return condition
    ? whyItFails(condition, possibleValuesOf(policy, condition.key, statement, call, action))
    : 'does not apply';
}

function whyItFails(condition: Condition, possibleValues: readonly KeyValue[]): string {
  const [possibleValue] = possibleValues;
  if (possibleValue === undefined && possibleValues.length === 1) {
    return `requires ${show(condition)}, but this call by CloudWatch Logs does not carry that key`;
  }
  const actual = possibleValue?.map(String).join(', ');
  return `requires ${show(condition)}${actual === undefined ? '' : `, but the value is ${actual}`}`;
}

function show({ written, values }: Condition): string {
  return `${written} = ${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}
