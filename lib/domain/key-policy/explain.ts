import { parseArn } from '../arn.ts';
import type { EvaluatedAction } from './actions.ts';
import { nearMiss, show, unrendered } from './near-miss.ts';
import type { KeyValue } from './operators.ts';
import type { Condition, Statement } from './parse.ts';
import { type LogsService, ORGANIZATION_KEYS, PRINCIPAL_VARIABLE, type ServiceCall } from './service-call.ts';
import { type BoundPolicy, conditionHolds, possibleValuesOf, reachOf } from './statement.ts';
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
  const { name } = statement;
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

function whyItHolds(possibleValues: readonly KeyValue[], condition: Condition): string {
  const absent = possibleValues.every((possibleValue) => possibleValue === undefined);
  return `${show(condition)} holds${absent ? ', because this call by CloudWatch Logs does not carry that condition key' : ''}`;
}

/** Which part of a statement makes it uncertain. */
export function undocumented(
  policy: BoundPolicy,
  statement: Statement,
  call: ServiceCall,
  action: EvaluatedAction,
): string {
  const { service } = policy;
  const reach = reachOf(policy, statement, service, action);
  if (reach.principal === 'UNKNOWN') return uncertainPrincipal(statement, service);
  if (reach.resource === 'UNKNOWN') {
    return (
      unrendered(statement.resource?.names ?? []) ??
      'its Resource contains a policy variable, or its NotResource is empty'
    );
  }
  if (reach.action === 'UNKNOWN') return 'its NotAction is empty';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'UNKNOWN',
  );
  return condition ? uncertainCondition(condition, service) : 'AWS does not document it';
}

function uncertainPrincipal({ principal: { not: inverted, names } }: Statement, { keyArn }: LogsService): string {
  if (inverted && (names === '*' || !names.Service?.length)) {
    return 'it is not certain whether its NotPrincipal covers a service';
  }
  if (inverted) return 'AWS does not support NotPrincipal in an Allow, so what it covers is not certain';
  const partition = parseArn(keyArn)?.partition;
  return `AWS does not document the service principal of CloudWatch Logs in the partition ${partition}; ${PRINCIPAL_VARIABLE} says which one it is`;
}

function uncertainCondition(condition: Condition, { possibleValues }: LogsService): string {
  const { key, values } = condition;
  const template = unrendered(values);
  if (template) return template;
  if (ORGANIZATION_KEYS.includes(key)) {
    const holds = `whether ${show(condition)} holds depends on`;
    if (possibleValues.has(key)) return `${holds} the organizational unit of the account, which is not known`;
    const isBelow = values.some((value) => /^o-[^/]+\/[^*]/.test(value));
    return `${holds} the organization: --org-id o-… ${isBelow ? 'may settle' : 'settles'} it`;
  }
  const short = key.endsWith('arn') ? values.find((value) => value.split(':').length < 6) : undefined;
  if (short !== undefined) {
    return `what the ARN pattern ${short} of ${condition.written} matches is not documented, since it has fewer than six parts`;
  }
  return `whether ${show(condition)} holds is not documented, or cannot be known from outside AWS`;
}
