import { operatorHolds } from '../lib/domain/key-policy/operators.ts';
import { type Element, type KeyPolicy, parseKeyPolicy, type Statement } from '../lib/domain/key-policy/parse.ts';
import { matchesWildcard } from '../lib/domain/key-policy/wildcard.ts';
import { UsageError } from '../lib/errors.ts';

/** A request to evaluate against a policy. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** The service principal that a resource-based policy must name. */
  readonly service?: string;
  /** The principals that stand for the caller: `*`, the account id, ARNs. */
  readonly callers?: readonly string[];
}

export type Decision = 'ALLOW' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY';

/** The principal to add to an identity-based policy, which names none. */
export const ANYBODY = { Principal: '*' };

/** @param defaults elements for statements that lack them. @throws UsageError */
export function readPolicy(documents: readonly unknown[], at: string, defaults: object = {}): KeyPolicy {
  const statements = documents.flatMap((document) => (document as { Statement?: object | object[] }).Statement ?? []);
  const Statement = statements.map((statement) => ({ ...defaults, ...statement }));
  const parsed = parseKeyPolicy(JSON.stringify({ Version: '2012-10-17', Statement }));
  if (parsed.ok) return parsed.policy;
  throw new UsageError(parsed.mistakes.map((mistake) => `${at}: ${mistake}`));
}

/** IAM's rules: a request needs an Allow, and a Deny overrides it. An uncertain condition counts against the request. */
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

/** Whether a statement applies to a request, apart from its conditions. */
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
