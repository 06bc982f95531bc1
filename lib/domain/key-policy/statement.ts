import { carriesEncryptionContext, EVALUATED_ACTIONS, type EvaluatedAction } from './actions.ts';
import { type KeyValue, operatorHolds } from './operators.ts';
import type { Condition, Element, KeyPolicy, PrincipalNames, Statement } from './parse.ts';
import type { LogsService, ServiceCall } from './service-call.ts';
import { every, not, some, type Tri, tri } from './tri.ts';
import { matchesWildcard } from './wildcard.ts';

/** Whether a statement applies to an action, part by part. Conditions depend on the call and are evaluated apart. */
export interface Reach {
  readonly principal: Tri;
  readonly action: Tri;
  readonly resource: Tri;
}

/** Whether a statement covers the service, the action and the key, conditions aside. */
export function reachOf(policy: KeyPolicy, statement: Statement, service: LogsService, action: EvaluatedAction): Reach {
  return {
    principal: principalCovers(statement, service),
    action: actionCovers(statement, action),
    resource: resourceCovers(policy, statement, service.keyArn),
  };
}

/** A key policy with everything precomputed that is the same for every log store. */
export interface BoundPolicy extends KeyPolicy {
  readonly service: LogsService;
  readonly bound: readonly BoundStatement[];
}

export interface BoundStatement {
  readonly statement: Statement;
  /** Whether the statement applies to the action if its conditions hold. */
  readonly reach: Readonly<Record<EvaluatedAction, Tri>>;
}

/** Precomputes what a policy means for CloudWatch Logs. Done once for each key: a scan evaluates it for every log store. */
export function bind(policy: KeyPolicy, service: LogsService): BoundPolicy {
  const bound = policy.statements.map((statement) => {
    const reaches = EVALUATED_ACTIONS.map((action) => [
      action,
      every(Object.values(reachOf(policy, statement, service, action)), (part) => part),
    ]);
    return { statement, reach: Object.fromEntries(reaches) as BoundStatement['reach'] };
  });
  return { ...policy, service, bound };
}

/** Whether all conditions of a statement hold. */
export function conditionsHold(
  policy: BoundPolicy,
  statement: Statement,
  call: ServiceCall,
  action: EvaluatedAction,
): Tri {
  return every(statement.conditions, (condition) => conditionHolds(policy, statement, condition, call, action));
}

/** Whether a statement's principal covers CloudWatch Logs (docs/key-policy-rules.md#rule-10, #rule-11, #rule-12, #rule-13). */
export function principalCovers({ effect, principal }: Statement, service: LogsService): Tri {
  const { not: inverted, names } = principal;
  if (names === '*') return tri(!inverted);
  // A service principal is an exact string: no wildcard, no other letter case.
  const isNamed = some(names.Service ?? [], service.isNamed);
  if (!inverted) return isEverybody(names) ? 'YES' : isNamed;
  if (isNamed !== 'NO') return not(isNamed);
  return isEverybody(names) || effect === 'Allow' ? 'UNKNOWN' : 'YES';
}

/** `{"AWS": "*"}` is the same as `"*"`: everybody, services too (docs/key-policy-rules.md#rule-10). */
export function isEverybody(names: PrincipalNames): boolean {
  return names === '*' || (names.AWS?.includes('*') ?? false);
}

/** Actions ignore letter case and may hold wildcards (docs/key-policy-rules.md#rule-17). */
export function actionCovers({ action: element }: Statement, action: string): Tri {
  return covers(element, (pattern) => tri(matchesWildcard(pattern.toLowerCase(), action.toLowerCase())));
}

/** Whether a statement is about this key (docs/key-policy-rules.md#rule-16). A policy variable is never resolved (docs/key-policy-rules.md#rule-19). */
export function resourceCovers(policy: KeyPolicy, { resource }: Statement, keyArn: string): Tri {
  return covers(resource, (pattern) =>
    policy.hasVariables && pattern.includes('${') ? 'UNKNOWN' : tri(matchesWildcard(pattern, keyArn)),
  );
}

/** A missing or empty element has no effect. What an empty `Not…` element covers is not documented. */
function covers(element: Element<readonly string[]> | null, matches: (pattern: string) => Tri): Tri {
  if (!element) return 'NO';
  if (!element.not) return some(element.names, matches);
  return element.names.length === 0 ? 'UNKNOWN' : not(some(element.names, matches));
}

/** Whether a condition holds for CloudWatch Logs. */
export function conditionHolds(
  policy: BoundPolicy,
  statement: Statement,
  condition: Condition,
  call: ServiceCall,
  action: EvaluatedAction,
): Tri {
  return holdsForEach(policy, condition, possibleValuesOf(policy, condition.key, statement, call, action));
}

/** YES or NO only if every possible value of the condition key gives that answer. */
export function holdsForEach(
  { hasVariables }: KeyPolicy,
  { operator, values }: Condition,
  possibleValues: readonly KeyValue[],
): Tri {
  const holds = (possibleValue: KeyValue): Tri => operatorHolds(operator, values, possibleValue, hasVariables);
  if (possibleValues.length === 1) return holds(possibleValues[0]);
  const answers = new Set(possibleValues.map(holds));
  const [answer = 'UNKNOWN'] = answers;
  return answers.size === 1 ? answer : 'UNKNOWN';
}

const ABSENT: readonly KeyValue[] = [undefined];

/** Every value that a condition key may have for one statement and action. */
export function possibleValuesOf(
  { service }: BoundPolicy,
  key: string,
  statement: Statement,
  call: ServiceCall,
  action: EvaluatedAction,
): readonly KeyValue[] {
  if (key.startsWith('kms:encryptioncontext') && !carriesEncryptionContext(action)) return ABSENT;
  if (key === 'kms:calleraccount' && isAccountIdiom(statement, service)) return ABSENT;
  return call.possibleValues(key);
}

/** How AWS's managed keys give access to all identities of one account, and to no service (docs/key-policy-rules.md#rule-14). */
function isAccountIdiom({ effect, principal: { not: inverted, names } }: Statement, service: LogsService): boolean {
  const isAnyAws = effect === 'Allow' && !inverted && names !== '*' && isEverybody(names);
  return isAnyAws && some(names.Service ?? [], service.isNamed) === 'NO';
}
