import type { ScanRun } from '../app/scan/scan-run.ts';
import type { TargetReport } from '../app/scan/scan-target.ts';
import { SEVERITIES, type Severity } from '../domain/catalogue-entry.ts';
import type { ExemptionUse } from '../domain/exemption-use.ts';
import type { Finding } from '../domain/finding.ts';
import type { KeyFinding } from '../domain/key-finding.ts';
import type { Outcome } from '../domain/plan-step.ts';
import { EMPTY_SUMMARY } from '../domain/summary.ts';
import type { Target } from '../domain/target.ts';
import type { CloudError, CloudErrorCode } from '../errors.ts';

/**
 * The lines that the saved queries and the dashboard of template.yaml read. All fields are texts and numbers, since Logs Insights
 * gives the entries of a list names of their own.
 */

/** A run of a function. */
export interface Run {
  readonly runId: string;
  readonly mode: 'Audit' | 'Enforce';
}

/** What a scan says of a log store that is not compliant. */
export function findingLine(finding: Finding, run: Run) {
  const { account, region, type, name, arn, status, severity, reasons, keyArn } = finding;
  return {
    ...{ account, region, type, name, arn, status, severity },
    severityRank: rankOf(severity),
    reasons: reasons.map(({ code }) => code).join(', '),
    why: reasons.map(({ message }) => message).join('; '),
    fix: [...new Set(reasons.map(({ fix }) => fix))].join('; '),
    keyArn,
    ...run,
  };
}

/** What a scan of a target counted. One that failed has no numbers, so that a query shows none of an earlier scan in their place. */
export function targetLine({ report, counts: all }: ScanRun, runId: string) {
  const { account, region, error } = report;
  const counts = error ? EMPTY_SUMMARY : all;
  const { stores, compliant, nonCompliant, exempt, unknown, bySeverity } = counts;
  const severities = SEVERITIES.map((severity) => [severity.toLowerCase(), bySeverity[severity] ?? 0] as const);
  return {
    ...{ runId, account, region },
    // A text that sorts after COMPLETE, for the queries.
    ...{ status: error ? `FAILED: ${error.code}` : 'COMPLETE', failed: error ? 1 : 0 },
    ...{ stores, compliant, nonCompliant, exempt, unknown },
    ...(Object.fromEntries(severities) as Record<Lowercase<Severity>, number>),
  };
}

/** Why the scan of a target failed. */
export function failedScanLine({ account, region, error }: TargetReport, runId: string) {
  return { runId, account, region, error, fix: error && FIX_BY_CODE[error.code] };
}

/** Why a target, or whatever all events need, is not tried again. @param target null: it is not about one */
export function refusedLine(failure: CloudError, target: Target | null, runId: string) {
  const { account, region } = target ?? {};
  const { code, call, message } = failure;
  return { runId, account, region, error: { code, call, message }, fix: failure.fix ?? fixOf(code) };
}

/** What somebody can do where the words of AWS do not say it. */
const FIX_BY_CODE: Readonly<Partial<Record<string, string>>> = {
  ROLE_REFUSED:
    'deploy deploy/member-role.yaml in that account with the outputs of this stack and its ExternalId and MemberRoleName; if that was done, a policy of the organization may deny sts:AssumeRole',
  REGION_DISABLED: 'enable the Region in that account, or set Regions to all, which leaves it out',
  ORGANIZATION_UNREADABLE:
    "deploy this stack in the organization's management account, or in an account that is a delegated administrator of some AWS service there",
} satisfies Partial<Record<CloudErrorCode, string>>;

export interface OutcomeRun extends Run {
  /** ARN of who changed the log store before; null: the event does not say, or nobody did. */
  readonly changedBy?: string | null;
}

const FIX_OF_FAILURE = 'remove what the error names; logseal tries again, with the next scan at the latest';

function fixOf(code: string): string {
  return FIX_BY_CODE[code] ?? FIX_OF_FAILURE;
}

/** What became of a log store. */
export function outcomeLine({ store, refusal, error, ...facts }: Outcome, { changedBy = null, ...run }: OutcomeRun) {
  const { account, region, type, name, arn } = store;
  const { outcome, action, fromKeyArn, toKeyArn, warnings } = facts;
  // What a warning says matters where the log store was changed, or would be. A query would show the fix of an earlier outcome
  // beside a failure that had none.
  const noted = refusal || error ? [] : warnings;
  const fixes = error ? [{ fix: fixOf(error.code) }] : noted;
  return {
    ...{ account, region, type, name, arn, outcome, action },
    severity: refusal?.severity ?? null,
    severityRank: rankOf(refusal?.severity ?? null),
    reasons: refusal?.code ?? error?.code ?? null,
    why: refusal?.message ?? error?.message ?? textOf(noted.map(({ message }) => message)),
    fix: refusal?.fix ?? textOf(fixes.map(({ fix }) => fix)),
    warnings: warnings.map(({ code }) => code).join(', '),
    ...{ fromKeyArn, toKeyArn, changedBy },
    ...run,
  };
}

/** The event has all aliases of a key, the line the first of them. */
const LOGGED_ALIASES = 3;

/** What is said of a key that changed. */
export function keyFindingLine(finding: KeyFinding, mode: Run['mode']) {
  const { account, region, keyArn, aliases, state, severity, reasons, warnings, isConfigured, trigger } = finding;
  const problems = [...reasons, ...warnings];
  // Whether the alias should name this key comes first. To make the key usable may be the wrong thing to do.
  const moved = reasons.filter(({ code }) => code === 'KEY_ALIAS_MOVED');
  const first = moved.length > 0 ? moved : problems;
  return {
    ...{ account, region, keyArn, state, severity },
    severityRank: rankOf(severity),
    aliases: aliases?.slice(0, LOGGED_ALIASES).join(', ') ?? null,
    reasons: reasons.map(({ code }) => code).join(', '),
    warnings: warnings.map(({ code }) => code).join(', '),
    why: problems.map(({ message }) => message).join('; '),
    fix: [...new Set(first.map(({ fix }) => fix))].join('; '),
    ...{ isConfigured, trigger, changedBy: finding.changedBy, mode },
  };
}

/** What somebody should know of an exemption. */
export function exemptionLine({ notices, ...exemption }: ExemptionUse, runId: string) {
  return { ...exemption, notices: notices.join(', '), runId };
}

function textOf(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : [...new Set(texts)].join('; ');
}

/** 1 is the worst, so that a query can sort by it. */
function rankOf(severity: Severity | null): number | null {
  return severity && SEVERITIES.indexOf(severity) + 1;
}
