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
        ? `${name} denies it: ${fires(possibleValuesOf(policy, condition.key, statement, call, action), condition)}`
        : `${name} denies it without a condition`;
    }
    default:
      return `${name} ${statement.effect === 'Deny' ? 'may deny' : 'may allow'} it: ${undocumented(policy, statement, call, action)}`;
  }
}

export function nameOf(statement: Statement): string {
  return `statement ${statement.index}${statement.sid === null ? '' : ` (${JSON.stringify(statement.sid)})`}`;
}

function fires(possibleValues: readonly KeyValue[], condition: Condition): string {
  const absent = possibleValues.every((possibleValue) => possibleValue === undefined);
  return `${show(condition)} holds${absent ? ', since this call by CloudWatch Logs does not carry that key' : ''}`;
}

/** What no documentation settles about a statement that is UNKNOWN, part by part. */
export function undocumented(
  policy: BoundPolicy,
  statement: Statement,
  call: ServiceCall,
  action: EvaluatedAction,
): string {
  const reach = reachOf(policy, statement, policy.service, action);
  if (reach.principal === 'UNKNOWN') {
    return statement.principal.not
      ? 'whether its NotPrincipal covers a service is not documented'
      : 'whether {"AWS": "*"} covers a service is not documented';
  }
  if (reach.resource === 'UNKNOWN') return 'its Resource holds a policy variable, or is an empty NotResource';
  if (reach.action === 'UNKNOWN') return 'its NotAction is empty';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'UNKNOWN',
  );
  return condition
    ? `how AWS decides ${show(condition)} is not documented or not known here`
    : 'AWS does not document it';
}

/** The Allow that comes closest, and what keeps it from reaching the action. */
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
  return `no statement allows it; the closest, ${nameOf(statement)}, ${whatKeeps(policy, statement, reach, call, action)}`;
}

function namesLogs({ principal: { not: inverted, names } }: Statement): boolean {
  return !inverted && names !== '*' && (names.Service ?? []).some((name) => /^logs\./i.test(name));
}

function whatKeeps(
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
  if (reach.resource === 'NO') return 'names another resource: in a key policy "*" means this key';
  if (reach.action === 'NO') return 'does not list this action';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'NO',
  );
  return condition
    ? misses(condition, possibleValuesOf(policy, condition.key, statement, call, action))
    : 'does not reach it';
}

function misses(condition: Condition, possibleValues: readonly KeyValue[]): string {
  const [possibleValue] = possibleValues;
  if (possibleValue === undefined && possibleValues.length === 1) {
    return `asks for ${show(condition)}, but this call by CloudWatch Logs does not carry that key`;
  }
  const actual = possibleValue?.map(String).join(', ');
  return `asks for ${show(condition)}${actual === undefined ? '' : `, but the value is ${actual}`}`;
}

function show({ written, values }: Condition): string {
  return `${written} = ${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}
