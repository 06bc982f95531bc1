import { formatArn, parseArn } from '../arn.ts';
import { REQUIRED_ACTIONS } from './actions.ts';
import { type CallerAccess, callerAccess } from './caller.ts';
import { throughLogs } from './identity-call.ts';
import type { WellFormedPolicy } from './read.ts';
import type { ServiceCall } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

/**
 * What those who write to a log group and read it need on its key (CloudWatch Logs User Guide, "Encrypt log data … using AWS
 * KMS"): Encrypt, Decrypt, ReEncrypt*, GenerateDataKey* and Describe*.
 */
export const ACCOUNT_ACTIONS = ['kms:DescribeKey', ...REQUIRED_ACTIONS] as const;

/** The principals of one account that call through CloudWatch Logs. */
export interface Principals {
  readonly account: string;
  /** The organization that the account is in. Absent: that of the key, if it is known. */
  readonly orgId?: string;
}

/** What a key policy alone means for the principals of an account that call through CloudWatch Logs. */
export interface AccountAccess {
  /**
   * `ALL`: it lets every principal use the key, which it can in the account of the key only. `IAM`: it leaves some action to the
   * policies of each principal, where none of them is denied it. `NONE`: some
   * action is allowed to nobody but principals that it names. `DENIED`: a Deny certainly applies to all of them.
   * `UNCERTAIN`: a statement may apply, or a Deny is for some of them.
   */
  readonly access: 'ALL' | 'IAM' | 'NONE' | 'DENIED' | 'UNCERTAIN';
  /** The action that decides. */
  readonly action: (typeof ACCOUNT_ACTIONS)[number];
  readonly message: string;
  /** The Deny that is in the way, so that no added statement helps; null: there is none. */
  readonly deny: string | null;
}

/**
 * Evaluates a key policy for a principal of which nothing is known but its account.
 * @param logs the call that CloudWatch Logs would make by itself for the same logs
 */
export function accountAccess(policy: WellFormedPolicy, logs: ServiceCall, principals: Principals): AccountAccess {
  const found = ACCOUNT_ACTIONS.map((action) => ({ action, ...anybodysAccess(policy, logs, principals, action) }));
  const worst = WORST_FIRST.flatMap((access) => found.find((each) => each.access === access) ?? [])[0];
  // Every access is in the list.
  const { access, action, statement } = worst as (typeof found)[number];
  const quote = statement ? `${statementQuote(statement)} of the key policy` : 'the key policy';
  const { account, orgId } = principals;
  const who = `every principal of ${orgId === undefined ? `account ${account}` : `the organization ${orgId}`}`;
  const use = `${action} through CloudWatch Logs`;
  const deny = statement?.effect === 'Deny' ? statementQuote(statement) : null;
  switch (access) {
    case 'ALLOWED': {
      const message = `${quote} lets ${who} use the key through CloudWatch Logs, unless a policy of the principal denies it`;
      return { access: 'ALL', action, message, deny };
    }
    case 'DELEGATED': {
      const message = `${quote} leaves it to IAM which principals may use the key through CloudWatch Logs: it depends on the policies of each principal`;
      return { access: 'IAM', action, message, deny };
    }
    case 'NOT_MENTIONED': {
      const message = `the key policy allows ${use} to no principal that it does not name, and does not leave it to IAM`;
      return { access: 'NONE', action, message, deny };
    }
    case 'DENIED':
      return { access: 'DENIED', action, message: `${quote} denies ${who} ${use}`, deny };
    case 'UNKNOWN': {
      const message = deny
        ? `whether ${quote} denies ${use} to those who write and read the logs is not known`
        : `whether ${quote} allows ${who} ${use} is not known`;
      return { access: 'UNCERTAIN', action, message, deny };
    }
  }
}

/** How to let principals past a Deny. */
export function exclusionFix(deny: string, keyArn: string): string {
  return `exclude those who write and read the logs from ${deny} of the key policy of ${keyArn}: no Allow overrides a Deny`;
}

const WORST_FIRST: readonly CallerAccess['access'][] = ['DENIED', 'NOT_MENTIONED', 'UNKNOWN', 'DELEGATED', 'ALLOWED'];

/** A principal that no policy names. */
const ANY_ROLE = 'role/logseal/any-role';

/** A Deny for one principal keeps a policy from letting all of them in; an Allow for one lets nobody else in. */
function anybodysAccess(
  policy: WellFormedPolicy,
  logs: ServiceCall,
  { account, orgId }: Principals,
  action: string,
): CallerAccess {
  const { keyArn } = policy.service;
  const { partition = 'aws' } = parseArn(keyArn) ?? {};
  const conditionsHold = throughLogs(policy, logs, { principalArn: null, account }, orgId);
  const accessOf = (principalArn: string | null) =>
    callerAccess(policy, keyArn, { principalArn, account }, action, conditionsHold);
  const whoever = accessOf(null);
  if (whoever.statement?.effect === 'Deny') return whoever;
  return accessOf(formatArn({ partition, service: 'iam', region: '', account, resource: ANY_ROLE }));
}
