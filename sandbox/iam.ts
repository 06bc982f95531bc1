import { operatorHolds } from '../lib/domain/key-policy/operators.ts';
import { type Element, type KeyPolicy, parseKeyPolicy, type Statement } from '../lib/domain/key-policy/parse.ts';
import { matchesWildcard } from '../lib/domain/key-policy/wildcard.ts';
import { UsageError } from '../lib/errors.ts';

/** What a policy is asked. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** The service principal that a resource-based policy must name. */
  readonly service?: string;
  /** By what it may name the caller instead: `*`, the account's id, ARNs. */
  readonly callers?: readonly string[];
}

export type Decision = 'ALLOW' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY';

/** An identity-based policy names no principal: it is about whoever has it. */
export const ANYBODY = { Principal: '*' };

/** @param defaults what each statement has where it does not say otherwise. @throws UsageError */
export function readPolicy(documents: readonly unknown[], at: string, defaults: object = {}): KeyPolicy {
  const statements = documents.flatMap((document) => (document as { Statement?: object | object[] }).Statement ?? []);
  const Statement = statements.map((statement) => ({ ...defaults, ...statement }));
  const parsed = parseKeyPolicy(JSON.stringify({ Version: '2012-10-17', Statement }));
  if (parsed.ok) return parsed.policy;
  throw new UsageError(parsed.mistakes.map((mistake) => `${at}: ${mistake}`));
}

/** By IAM's rules: nothing is allowed but by an Allow, and a Deny overrides it. What is uncertain allows nothing. */
export function decide({ statements, hasVariables }: KeyPolicy, request: IamRequest): Decision {
  const holds = ({ conditions }: Statement) =>
    conditions.map(({ operator, key, values }) =>
      operatorHolds(operator, values, request.keys?.[key.toLowerCase()], hasVariables),
    );
  const reaching = statements.filter((statement) => reaches(statement, request));
  const denies = reaching.filter((statement) => statement.effect === 'Deny' && !holds(statement).includes('NO'));
  if (denies.length) return 'EXPLICIT_DENY';
  const isAllowed = reaching.some(
    (statement) => statement.effect === 'Allow' && holds(statement).every((answer) => answer === 'YES'),
  );
  return isAllowed ? 'ALLOW' : 'IMPLICIT_DENY';
}

/** Whether a statement is about a request, its conditions aside. */
export function reaches({ principal, action, resource }: Statement, request: IamRequest): boolean {
  const { names } = principal;
  const { service, callers } = request;
  const isNamed =
    names === '*'
      ? (callers?.includes(names) ?? true)
      : (service !== undefined && names.Service?.includes(service)) ||
        callers?.some((caller) => names.AWS?.includes(caller)) ||
        false;
  const isAction = (pattern: string) => matchesWildcard(pattern.toLowerCase(), request.action.toLowerCase());
  const isResource = (pattern: string) => matchesWildcard(pattern, request.resource);
  return isNamed !== principal.not && covers(action, isAction) && covers(resource, isResource);
}

function covers(element: Element<readonly string[]> | null, matches: (pattern: string) => boolean): boolean {
  return element !== null && element.names.some(matches) !== element.not;
}
