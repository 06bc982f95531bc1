import { type Arn, formatArn, parseArn } from '../arn.ts';
import { SIDS } from './build-statement.ts';
import { namesIn } from './names-in.ts';
import { isOwnStatement } from './own-statement.ts';
import type { Statement } from './parse.ts';
import type { ReadPolicy } from './read.ts';
import { type PolicyRepair, repairKeyPolicy } from './repair-policy.ts';
import { isLogGroupsPattern, patternsOf, type RepairScope, type Scopes } from './repair-scope.ts';
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
  isOwn: (statement, service) => isOwnStatement(statement, service, type),
  repairAgain: (policy, statement) => {
    const scopes = scopesOf(type, statement, policy.service);
    return scopes && repairKeyPolicy(policy, scopes);
  },
}));

/** What `key repair` would have to be asked for to get such a statement; null: it takes no such names. */
function scopesOf(type: RepairScope['type'], statement: Statement, { keyArn }: LogsService): Scopes | null {
  const key = parseArn(keyArn) as Arn;
  const all = (account: string) => formatArn({ ...key, service: 'logs', account, resource: 'log-group:*' });
  const scopeOf = (name: string): RepairScope => {
    switch (type) {
      case 'log-groups':
        return { type, pattern: name };
      case 'query-results':
        return { type, account: name };
      case 'readers-and-writers':
        return { type, pattern: all(name) };
      case 'organization':
        return { type, orgId: name, pattern: all('*') };
    }
  };
  const patterns = type === 'log-groups' ? (patternsOf(statement) ?? []) : null;
  const isTaken = (pattern: string): boolean => {
    const beginning = all(parseArn(pattern)?.account ?? '').slice(0, -1);
    return pattern.startsWith(beginning) && isLogGroupsPattern(pattern.slice(beginning.length));
  };
  if (patterns && !patterns.every(isTaken)) return null;
  const [first, ...others] = (patterns ?? namesIn(statement, type)).map(scopeOf);
  return first ? [first, ...others] : null;
}
