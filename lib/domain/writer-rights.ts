import { parseArn } from './arn.ts';
import {
  evaluateRight,
  type IdentityPolicies,
  type Need,
  type RightEvaluation,
  toIdentity,
  toIdentityFor,
  unsimulated,
} from './caller-rights.ts';
import type { KeyInspection } from './key.ts';
import { callerAccess } from './key-policy/caller.ts';
import { throughLogs } from './key-policy/identity-call.ts';
import { serviceCall } from './key-policy/service-call.ts';
import type { LogStore } from './log-store.ts';
import { policySubjectOf } from './store-key-policy.ts';

/** What AWS's managed policy CloudWatchLogsAPIKeyAccess gives to those who write to a log group, by what a call carries. */
export const WRITER_ACTIONS = {
  withEncryptionContext: ['kms:GenerateDataKey', 'kms:Decrypt'],
  without: ['kms:DescribeKey'],
} as const;

/** One right of a writer, or all that only a simulation could have told: then `action` is null. */
export interface WriterRight extends Pick<RightEvaluation, 'result' | 'message'> {
  readonly action: string | null;
}

/** Who writes to a log group. */
export type LogWriter =
  | {
      readonly status: 'FOUND';
      readonly functionArn: string;
      readonly roleArn: string;
      /** That a right is missing is certain; whether AWS checks it is not documented. */
      readonly rights: readonly WriterRight[];
      /** null: the writer has all rights */
      readonly fix: string | null;
    }
  | { readonly status: 'NOT_KNOWN'; readonly message: string; readonly fix: string | null };

/** Evaluates the rights of the role that writes to a log group, on a key that could be read. */
export function writerRights(
  { keyArn, policy }: KeyInspection & { readonly keyArn: string },
  store: LogStore,
  roleArn: string,
  needs: readonly Need[],
  { decisions, because }: Pick<IdentityPolicies, 'decisions' | 'because'>,
): { readonly rights: readonly WriterRight[]; readonly fix: string | null } {
  const who = `the role ${parseArn(roleArn)?.resource.split('/').at(-1)}`;
  const subject = policySubjectOf(store);
  const { account } = store;
  const caller = { principalArn: roleArn, account };
  const read = policy?.status === 'READ' && subject ? policy : null;
  const holds = read && subject && throughLogs(read, serviceCall(read.service, subject), caller);
  const unread = parseArn(keyArn)?.account === account ? 'UNREAD' : ({ access: 'FOREIGN', account } as const);
  const evaluated = needs.map((need, index) => {
    const access = read && holds ? callerAccess(read, keyArn, caller, need.action, holds) : unread;
    return { need, ...evaluateRight(need, decisions?.[index] ?? null, access, who) };
  });
  const isOpen = ({ result }: RightEvaluation) => decisions === null && result === 'UNKNOWN';
  const open = evaluated.filter(isOpen).map(({ need }) => need);
  const known = evaluated.filter((each) => !isOpen(each));
  const rights = known.map(({ need: { action }, result, message }): WriterRight => ({ action, result, message }));
  const fixes = fixesOf(known, keyArn, who);
  if (open.length === 0) return { rights, fix: fixes.join('; ') || null };
  const { message, fix } = unsimulated(open, because, who);
  return { rights: [...rights, { action: null, result: 'UNKNOWN', message }], fix: [...fixes, fix].join('; ') };
}

/** Rights that a policy of the role should have are one statement. */
function fixesOf(
  evaluated: readonly (RightEvaluation & { readonly need: Need })[],
  keyArn: string,
  who: string,
): string[] {
  const own = evaluated.filter(({ need, fix }) => fix === toIdentity(need, who));
  const others = evaluated.flatMap((each) => (each.fix === null || own.includes(each) ? [] : [each.fix]));
  const actions = own.map(({ need }) => need.action);
  return [...(own.length > 0 ? [toIdentityFor(actions, [keyArn], who)] : []), ...new Set(others)];
}
