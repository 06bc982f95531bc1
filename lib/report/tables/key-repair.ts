import type { RepairNotes } from '../../domain/key-policy/repair-notes.ts';
import { type Scopes, scopeText, subjectIn } from '../../domain/key-policy/repair-scope.ts';
import { accountOf } from '../../domain/key-policy/service-call.ts';
import type { Reason, Warning } from '../../domain/reasons.ts';
import type { Colors } from '../colors.ts';
import type { KeyRepairTotals } from '../documents.ts';
import { forPeople } from '../for-people.ts';
import type { ReportOptions, WriterOf } from '../format.ts';
import { paintDiff } from '../policy-diff.ts';
import { problemList } from '../problem-list.ts';

/** What became of a repair. */
export const keyRepairText: WriterOf<'key-repair'> = (options) => ({
  begin: () => '',
  page: () => '',
  end: (totals) => textOf(totals, options),
});

/** What a policy keeps CloudWatch Logs from, inside the scope of a repair. */
export function stillDeniedText(patterns: readonly string[]): string {
  return `A Deny of the key policy still applies, or may apply, to ${patterns.join(', ')}.`;
}

/** Says that a repaired policy does not suffice, and why; empty where it does. */
export function unusableText(reasons: readonly (Reason | Warning)[], { bold, yellow }: Colors): string {
  const isOfPolicy = ({ code }: Reason | Warning) => code.startsWith('KEY_POLICY_');
  const shown = reasons.filter((reason, index) => index === 0 || isOfPolicy(reason));
  const lines = shown.map((reason) => {
    const { message, fix } = reason;
    const what = isOfPolicy(reason)
      ? 'CloudWatch Logs itself cannot use the key for every log group:'
      : 'The key still cannot be used:';
    return `${yellow(what)} ${message}\n  ${bold('fix:')} ${fix}\n`;
  });
  return lines.join('');
}

function textOf({ run, repair }: KeyRepairTotals, options: ReportOptions): string {
  const { paint, undoCommand } = options;
  const { keyArn, scope, outcome, refusal, error, inEffect, stillDenied, keyReasons } = repair;
  switch (outcome) {
    case 'CHANGED': {
      const effect = inEffect
        ? 'KMS returns the new policy; it can take minutes to take effect everywhere'
        : 'KMS does not return the new policy yet: run key check before you rely on it';
      return `${paint.green('repaired')} ${keyArn} (run ${run.id})\n${effect}\n${unusableText(keyReasons, paint)}undo: ${undoCommand(run.id)}\n`;
    }
    case 'UNCHANGED': {
      const denied = stillDenied.length > 0 ? `${stillDeniedText(stillDenied)}\n` : '';
      return `${paint.green('nothing to repair')}: the policy of ${keyArn} lets ${NOTHING_TO_REPAIR[scope]}\n${unusableText(keyReasons, paint)}${denied}`;
    }
    case 'REFUSED': {
      const refusals = problemList();
      if (refusal) refusals.add([refusal]);
      return refusals.text('Refused, and how to fix it', options);
    }
    case 'SKIPPED':
      return `${paint.yellow('skipped')}: the run was interrupted\n`;
    case 'FAILED':
      return `${paint.red(`FAILED: ${error?.code}`)}: ${error?.message}\n`;
  }
}

const NOTHING_TO_REPAIR: Readonly<Record<KeyRepairTotals['repair']['scope'], string>> = {
  'log-groups': 'CloudWatch Logs use the key',
  'query-results': 'CloudWatch Logs use the key',
  'readers-and-writers': 'all principals of the account use the key through CloudWatch Logs',
  organization: 'all principals of the organization use the key through CloudWatch Logs',
};

/** What a repair would change. */
export interface PlannedRepair {
  readonly scopes: Scopes;
  /** The account of the key. */
  readonly owner: string;
  /** The organization that the command names. */
  readonly orgId: string | undefined;
  readonly notes: RepairNotes;
  readonly keyReasons: readonly (Reason | Warning)[];
  /** Unified. */
  readonly diff: string;
}

/** What a repair would do, and what not, as a person reads it before the question. */
export function repairPreview(planned: PlannedRepair, options: ReportOptions): string {
  const { paint } = options;
  const unusable = unusableText(forPeople(planned.keyReasons, options), paint);
  return `${scopeNote(planned, forPeople(planned.notes, options))}${unusable}\n${paintDiff(planned.diff, paint)}`;
}

function whatFor({ scopes, owner, orgId }: PlannedRepair): string {
  const [{ type }] = scopes;
  if (type === 'readers-and-writers' || type === 'organization') {
    const isForeign = scopes.some((scope) => accountOf(subjectIn(scope)) !== owner);
    const suffices = isForeign
      ? 'In another account than that of the key, each of them also needs a policy of its own that allows these actions on the key.'
      : 'After that, none of them needs a policy of its own that allows these actions on the key.';
    return `The statement lets ${scopeText(scopes)} use the key through CloudWatch Logs. ${suffices} Who may write and read which logs is still up to the rights on the log groups.`;
  }
  const listed = orgId === undefined ? '' : ` ${ACCOUNTS_ARE_LISTED}`;
  return `The statement lets CloudWatch Logs use the key for ${scopeText(scopes)}.${listed}`;
}

const ACCOUNTS_ARE_LISTED =
  'AWS documents no condition key that carries the id of an organization in these calls of CloudWatch Logs, so the statement lists accounts: name each with --account.';

/** What the statement is for, and what that does not say: whether it is more than before, what else it covers, and what not. */
function scopeNote(planned: PlannedRepair, { narrowerBefore, alsoCovers, stillDenied }: RepairNotes): string {
  const lines = [
    whatFor(planned),
    ...(narrowerBefore.length > 0
      ? [`That is more than the key policy has allowed so far: ${narrowerBefore.join(', ')}.`]
      : []),
    ...(alsoCovers.length > 0
      ? [
          `It takes the place of logseal's earlier statement, and allows the same actions for its log groups: ${alsoCovers.join(', ')}.`,
        ]
      : []),
    ...(stillDenied.length > 0 ? [stillDeniedText(stillDenied)] : []),
  ];
  return `${lines.join('\n')}\n`;
}
