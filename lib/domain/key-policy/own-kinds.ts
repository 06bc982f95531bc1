import { type Arn, formatArn, parseArn } from '../arn.ts';
import { SIDS } from './build-statement.ts';
import { isOwnStatement } from './own-statement.ts';
import type { Statement } from './parse.ts';
import { type ReadPolicy, readKeyPolicy } from './read.ts';
import { type PolicyRepair, repairKeyPolicy } from './repair-policy.ts';
import { isLogGroupsPattern, patternsOf, type RepairScope } from './repair-scope.ts';
import type { LogsService } from './service-call.ts';

/** One kind of statement that logseal writes into key policies. */
export interface OwnKind {
  readonly sid: string;
  readonly type: RepairScope['type'];
  /** Whether logseal may have written a statement with this Sid into the policy of this key. */
  isOwn(statement: Statement, service: LogsService): boolean;
  /**
   * What `key repair` would do now for all that a statement of this kind is for; null: it writes no statement for that.
   * @param policy the key policy without a statement of this kind
   */
  repairAgain(policy: ReadPolicy, statement: Statement): PolicyRepair | null;
}

/** Every kind, each with a Sid of its own. What is not in here, undo neither takes out of a key policy nor puts into it. */
export const OWN_KINDS: readonly OwnKind[] = (Object.keys(SIDS) as RepairScope['type'][]).map((type) => ({
  sid: SIDS[type],
  type,
  isOwn: (statement, service) => isOwnStatement(statement, service, ofWholeAccount(type, service)),
  repairAgain: (policy, statement) => {
    const scopes = scopesOf(type, statement, policy.service);
    return scopes && repairAll(policy, scopes);
  },
}));

/** A repair is for the account and the Region of the key, and for no other. */
function ofWholeAccount(type: RepairScope['type'], { keyArn }: LogsService): RepairScope {
  const key = parseArn(keyArn) as Arn;
  if (type === 'query-results') return { type, account: key.account };
  return { type, pattern: formatArn({ ...key, service: 'logs', resource: 'log-group:*' }) };
}

/** What `key repair` would have to be asked for, one after the other, to get such a statement; null: it takes no such names. */
function scopesOf(
  type: RepairScope['type'],
  statement: Statement,
  service: LogsService,
): readonly RepairScope[] | null {
  const whole = ofWholeAccount(type, service);
  if (whole.type !== 'log-groups') return [whole];
  const patterns = patternsOf(statement) ?? [];
  const beginning = whole.pattern.slice(0, -1);
  const isTaken = (pattern: string) =>
    pattern.startsWith(beginning) && isLogGroupsPattern(pattern.slice(beginning.length));
  if (patterns.length === 0 || !patterns.every(isTaken)) return null;
  return patterns.map((pattern) => ({ type: whole.type, pattern }));
}

/** The first refusal, or what all repairs come to together. */
function repairAll(policy: ReadPolicy, scopes: readonly RepairScope[]): PolicyRepair | null {
  let last: PolicyRepair | null = null;
  let repaired = policy;
  for (const scope of scopes) {
    const repair = repairKeyPolicy(repaired, scope);
    if (repair.kind === 'REFUSED') return repair;
    if (last === null || repair.kind === 'REPAIR') last = repair;
    if (repair.kind === 'REPAIR') repaired = readKeyPolicy(repair.text, policy.service);
  }
  return last;
}
