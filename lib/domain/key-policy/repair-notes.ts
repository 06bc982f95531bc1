import type { RepairStatement } from './build-statement.ts';
import type { Condition } from './parse.ts';
import type { WellFormedPolicy } from './read.ts';
import { repairGoal } from './repair-goal.ts';
import type { RepairScope, Scopes } from './repair-scope.ts';
import { LOGS_CONTEXT_KEY } from './service-call.ts';
import { principalCovers } from './statement.ts';
import { matchesWildcard } from './wildcard.ts';

/** What a repair means for log groups that its scope does not show, each list as ARN patterns. */
export interface RepairNotes {
  /** What the policy was for so far, where the statement is for more. */
  readonly narrowerBefore: readonly string[];
  /** What logseal's earlier statement was for: the new one allows its actions there too. */
  readonly alsoCovers: readonly string[];
  /** What the policy names inside the scope, and denies or may deny all the same. */
  readonly stillDenied: readonly string[];
}

export const NO_NOTES: RepairNotes = { narrowerBefore: [], alsoCovers: [], stillDenied: [] };

/**
 * @param before the policy as it is
 * @param repair the statement, and the policy with it; null: none is needed
 */
export function repairNotes(
  before: WellFormedPolicy,
  scopes: Scopes,
  repair: { readonly statement: RepairStatement; readonly after: WellFormedPolicy } | null,
): RepairNotes {
  const ofAll = (patterns: (scope: RepairScope) => string[]) => [...new Set(scopes.flatMap(patterns))];
  return {
    narrowerBefore: repair ? ofAll((scope) => narrowerPatterns(before, scope)) : [],
    alsoCovers: repair ? otherPatterns(repair.statement, scopes) : [],
    stillDenied: ofAll((scope) => deniedPatterns(repair?.after ?? before, scope)),
  };
}

function narrowerPatterns(policy: WellFormedPolicy, scope: RepairScope): string[] {
  if (scope.type !== 'log-groups') return [];
  const allows = policy.statements.filter(
    (statement) => statement.effect === 'Allow' && principalCovers(statement, policy.service) !== 'NO',
  );
  const conditions = allows.flatMap((statement) => statement.conditions);
  return patternsInside(
    scope,
    conditions.filter(({ operator }) => !operator.base?.negated),
  );
}

function otherPatterns({ Condition: conditions }: RepairStatement, scopes: Scopes): string[] {
  const asked = scopes.flatMap((scope) => (scope.type === 'log-groups' ? [scope.pattern] : []));
  if (asked.length === 0) return [];
  const patterns = Object.values(conditions).flatMap((keys) => Object.values(keys).flat());
  return patterns.filter((pattern) => !asked.includes(pattern));
}

function deniedPatterns(policy: WellFormedPolicy, scope: RepairScope): string[] {
  if (scope.type === 'query-results') return [];
  const denies = policy.statements.filter(({ effect }) => effect === 'Deny');
  const conditions = denies.flatMap((statement) => statement.conditions);
  // `…:log-group:NAME:*` stands for log streams.
  const named = patternsInside(scope, conditions).filter((pattern) => /:log-group:[^:]+$/.test(pattern));
  return named.filter((pattern) => {
    const { verdict } = repairGoal(policy, { ...scope, pattern });
    return verdict === 'DENIED' || verdict === 'UNCERTAIN';
  });
}

/** The values of conditions that stand for a part of a scope. */
function patternsInside({ pattern }: { readonly pattern: string }, conditions: readonly Condition[]): string[] {
  const values = conditions.flatMap(({ key, values: some }) => (ARN_KEYS.includes(key) ? some : []));
  return [...new Set(values)].filter((value) => value !== pattern && matchesWildcard(pattern, value));
}

/** The condition keys that hold the ARN of a log group. */
const ARN_KEYS: readonly string[] = [LOGS_CONTEXT_KEY, 'aws:sourcearn'];
