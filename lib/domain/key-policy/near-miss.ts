import { type EvaluatedAction, isNeedUncertain, NEED_UNCERTAIN, REQUIRED_ACTIONS } from './actions.ts';
import type { KeyValue } from './operators.ts';
import type { Condition, Statement } from './parse.ts';
import { LOGS_CONTEXT_KEY, type LogsService, type ServiceCall } from './service-call.ts';
import {
  type BoundPolicy,
  conditionHolds,
  conditionsHold,
  possibleValuesOf,
  type Reach,
  reachOf,
} from './statement.ts';
import { statementQuote } from './statement-name.ts';
import { matchesWildcard } from './wildcard.ts';

/** Why no statement allows an action: names the Allow that comes closest, and which rule it breaks. */
export function nearMiss(policy: BoundPolicy, call: ServiceCall, action: EvaluatedAction): string {
  const need = REQUIRED_ACTIONS.some((one) => one === action && isNeedUncertain(one)) ? ` (${NEED_UNCERTAIN})` : '';
  let closest: { statement: Statement; reach: Reach; parts: number } | undefined;
  for (const statement of policy.statements) {
    if (statement.effect === 'Deny') continue;
    const reach = reachOf(policy, statement, policy.service, action);
    if (reach.principal === 'NO' && similarServices(statement).length === 0) continue;
    const reached = [...Object.values(reach), conditionsHold(policy, statement, call, action)];
    const parts = reached.filter((part) => part !== 'NO').length + (reach.principal === 'NO' ? -2 : 0);
    if (!closest || parts > closest.parts) closest = { statement, reach, parts };
  }
  if (!closest) return `no statement allows ${policy.service.regionalName} to use the key${need}`;
  const { statement, reach } = closest;
  return `no statement allows it${need}; the closest, ${statementQuote(statement)}, ${whatItLacks(policy, statement, reach, call, action)}`;
}

/**
 * The service principals that stand where that of CloudWatch Logs should (docs/key-policy-rules.md#rule-12): of a statement
 * with the encryption context of CloudWatch Logs all of them, of another statement those with a similar name.
 */
function similarServices({ principal: { not: inverted, names }, conditions }: Statement): readonly string[] {
  const services = inverted || names === '*' ? [] : (names.Service ?? []);
  const isForLogs = conditions.some(({ key }) => key === LOGS_CONTEXT_KEY);
  return isForLogs ? services : services.filter((name) => /\blogs?\b|cloudwatch/i.test(name));
}

function whatItLacks(
  policy: BoundPolicy,
  statement: Statement,
  reach: Reach,
  call: ServiceCall,
  action: EvaluatedAction,
): string {
  if (reach.principal === 'NO') return wrongService(similarServices(statement), policy.service);
  if (reach.resource === 'NO') {
    const template = unrendered(statement.resource?.names ?? []);
    return `names another resource (in a key policy, "*" means this key)${template ? `: ${template}` : ''}`;
  }
  if (reach.action === 'NO') return 'does not list this action';
  const condition = statement.conditions.find(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'NO',
  );
  return condition
    ? whyItFails(condition, possibleValuesOf(policy, condition.key, statement, call, action))
    : 'does not apply';
}

function wrongService(services: readonly string[], { regionalName }: LogsService): string {
  const template = unrendered(services);
  const isLogs = services.some((name) => /^logs\./i.test(name));
  const why = isLogs ? '' : ', which is another service';
  return `names ${services.join(', ')}${template ? `: ${template}` : `${why}, not ${regionalName}`}`;
}

function whyItFails(condition: Condition, possibleValues: readonly KeyValue[]): string {
  const [possibleValue] = possibleValues;
  if (possibleValue === undefined && possibleValues.length === 1) {
    const hint = condition.key === 'kms:viaservice' ? ': remove that condition from the statement for a service' : '';
    return `requires ${show(condition)}, but this call by CloudWatch Logs does not carry that key${hint}`;
  }
  const [actual] = possibleValue ?? [];
  if (actual === undefined) return `requires ${show(condition)}`;
  if (typeof actual !== 'string') {
    return `requires ${show(condition)}${actual.beginning && `, but the value begins with ${actual.beginning}`}`;
  }
  const hint = brokenRule(condition, actual);
  return `requires ${show(condition)}, but the value is ${actual}${hint ? `: ${hint}` : ''}`;
}

/** Which rule a value breaks that comes close to matching. */
function brokenRule({ written, key, values }: Condition, actual: string): string | undefined {
  const template = unrendered(values);
  if (template) return template;
  for (const value of values) {
    // docs/key-policy-rules.md#rule-7
    if (/:log-group:\*:\*$/.test(value)) {
      return `${value} matches no log group, since nothing follows the name: end it in log-group:*`;
    }
    const isSuffixed = value.endsWith(':*') && matchesWildcard(value.slice(0, -2), actual);
    const name = isSuffixed ? value.slice(0, -2) : value;
    // docs/key-policy-rules.md#rule-5
    const isLiteral =
      /^(for\w+:)?string(not)?equals/i.test(written) && /[*?]/.test(name) && matchesWildcard(name, actual);
    const hints = [
      isSuffixed && `the value has no :* at its end, so ${value} does not match: remove :* from it`,
      isLiteral &&
        `${written.split(' ')[0]} takes the wildcard literally: use ${key.endsWith('arn') ? 'ArnLike' : 'StringLike'}`,
    ].filter(Boolean);
    if (hints.length > 0) return hints.join(', and ');
  }
  return undefined;
}

/**
 * What is said of `${…}` that stands for no policy variable: a template wrote it, and nothing replaced it
 * (docs/key-policy-rules.md#rule-19). IAM User Guide, "Policy elements: Variables and tags": a variable is `${prefix:name}`,
 * `${*}`, `${?}` or `${$}`.
 * @returns undefined where the texts have none
 */
export function unrendered(texts: readonly string[]): string | undefined {
  const variables = texts.flatMap((text) => [...text.matchAll(/\$\{([^}]*)\}?/g)]);
  const found = variables.find(([, name = '']) => !/^([*?$]|[\w.-]+:[^:].*)$/.test(name));
  return found && `a template variable was never rendered: ${found[0]}`;
}

/** A condition as the policy writes it. */
export function show({ written, values }: Condition): string {
  return `${written} = ${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}
