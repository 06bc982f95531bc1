import { parseArn } from './arn.ts';
import type { KeyInspection } from './key.ts';
import { ACCOUNT_ACTIONS, type AccountAccess, accountAccess, exclusionFix } from './key-policy/account-access.ts';
import { statementFor } from './key-policy/build-statement.ts';
import type { WellFormedPolicy } from './key-policy/read.ts';
import { repairCommand } from './key-policy/repair-command.ts';
import { anyServiceCall, type PolicySubject, serviceCall } from './key-policy/service-call.ts';
import type { LogStore } from './log-store.ts';
import { type Problem, problem } from './reasons.ts';
import { policySubjectOf } from './store-key-policy.ts';
import { logStoreOf } from './stores/index.ts';

/** Whether those who write and read the logs may use a key, as far as its policy shows it. */
export interface ReadersAndWriters {
  /** `NOT_KNOWN`: the key policy could not be read. The others: see `AccountAccess`. Nothing but `ALL` proves anything. */
  readonly access: AccountAccess['access'] | 'NOT_KNOWN';
  readonly message: string;
  /** null under ALL */
  readonly fix: string | null;
}

/**
 * What a key's policy shows about those who write and read a log store; null: the key was not found, no key policy decides, or it
 * is malformed.
 */
export function readersAndWriters({ keyArn, policy }: KeyInspection, store: LogStore): ReadersAndWriters | null {
  const subject = policySubjectOf(store);
  if (keyArn === null || !subject) return null;
  switch (policy?.status) {
    case 'READ': {
      const access = accountAccess(policy, serviceCall(policy.service, subject), store);
      return { access: access.access, message: access.message, fix: fixOf(access, keyArn, store.account) };
    }
    case 'UNREADABLE': {
      const { partition = 'aws' } = parseArn(keyArn) ?? {};
      const { arn: pattern } = logStoreOf('log-group', partition, store, '*');
      const statement = JSON.stringify(statementFor(policy.service, { type: 'readers-and-writers', pattern }));
      const own =
        parseArn(keyArn)?.account === store.account
          ? ''
          : `; and allow ${ACCOUNT_ACTIONS.join(', ')} on it in the policies of those who write and read the logs`;
      return { access: 'NOT_KNOWN', message: policy.message, fix: `${policy.fix}: ${statement}${own}` };
    }
    default:
      return null;
  }
}

/** The warning that a step to seal a log store with a key has; none where the key's policy lets all principals in. */
export function writersWarnings(key: KeyInspection, store: LogStore): readonly Problem<'WRITERS_UNPROVEN'>[] {
  const subject = policySubjectOf(store);
  if (key.policy?.status !== 'READ' || !subject) return [];
  const ofAll = warningsOfAll(key.policy, subject, store.account);
  return ofAll ?? warningsFrom(readersAndWriters(key, store));
}

/**
 * The warning for whichever log store of the kind, so that a plan of a million log groups evaluates the policy once and keeps
 * one text; null: it depends on the log store.
 */
function warningsOfAll(policy: WellFormedPolicy, subject: PolicySubject, account: string) {
  const ofPolicy = known.get(policy) ?? new Map<string, ReturnType<typeof warningsFrom> | null>();
  known.set(policy, ofPolicy);
  const about = `${subject.type} ${account}`;
  const found = ofPolicy.get(about);
  if (found !== undefined) return found;
  const access = accountAccess(policy, anyServiceCall(policy.service, subject), { account });
  const fix = fixOf(access, policy.service.keyArn, account);
  const warnings = access.access === 'UNCERTAIN' ? null : warningsFrom({ ...access, fix });
  ofPolicy.set(about, warnings);
  return warnings;
}

const known = new WeakMap<WellFormedPolicy, Map<string, ReturnType<typeof warningsFrom> | null>>();

function warningsFrom(found: ReadersAndWriters | null): readonly Problem<'WRITERS_UNPROVEN'>[] {
  if (!found?.fix) return [];
  const why = `${found.message}. AWS's guide asks that whoever writes or reads the logs has these rights on the key: ${ACCOUNT_ACTIONS.join(', ')}; whether AWS checks every writer is not documented`;
  return [problem('WRITERS_UNPROVEN', why, found.fix)];
}

function fixOf({ access, deny }: AccountAccess, keyArn: string, account: string): string | null {
  if (access === 'ALL') return null;
  if (deny) return exclusionFix(deny, keyArn);
  const run = repairCommand(keyArn, 'readers-and-writers', [account]);
  const each = 'each principal that writes or reads the logs';
  const owner = parseArn(keyArn)?.account;
  if (owner !== account) {
    const own = `allow ${ACCOUNT_ACTIONS.join(', ')} on ${keyArn} in the policies of ${each}`;
    return access === 'IAM' ? own : `${own}; and in account ${owner}, which has the key, run: ${run}`;
  }
  const where = access === 'NONE' ? `in the key policy, for ${each}` : `in the policies of ${each}`;
  // The command comes last, so that nothing sticks to what one copies.
  return `allow ${ACCOUNT_ACTIONS.join(', ')} ${where}; or let all principals of the account use the key through CloudWatch Logs: ${run}`;
}
