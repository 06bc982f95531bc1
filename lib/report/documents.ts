import type { CanaryReport } from '../app/change/apply-canary.ts';
import type { PlannedKey } from '../app/change/plan-target.ts';
import type { SealingCost } from '../app/change/sealing-cost.ts';
import type { Skipped } from '../app/find-targets.ts';
import type { PolicyOutcome } from '../app/key/repair-key-policy.ts';
import type { TargetReport } from '../app/scan/scan-target.ts';
import type { ConfigStatus, ConfiguredExemption } from '../domain/configuration.ts';
import type { EntryMatches } from '../domain/entry-matches.ts';
import type { ExemptionUse } from '../domain/exemption-use.ts';
import type { FileNote } from '../domain/file-note.ts';
import type { Finding } from '../domain/finding.ts';
import type { JournalRun } from '../domain/journal-run.ts';
import type { KeyCheck } from '../domain/key-check.ts';
import type { RepairStatement } from '../domain/key-policy/build-statement.ts';
import type { DocumentProblem } from '../domain/key-policy/document-problem.ts';
import type { PolicyVerdict } from '../domain/key-policy/evaluate.ts';
import type { RepairNotes } from '../domain/key-policy/repair-notes.ts';
import type { RepairScope } from '../domain/key-policy/repair-scope.ts';
import { isUnread } from '../domain/key-use.ts';
import type { LogStore } from '../domain/log-store.ts';
import type { Match } from '../domain/match.ts';
import type { Outcome, Step } from '../domain/plan-step.ts';
import type { ReadersAndWriters } from '../domain/readers-and-writers.ts';
import type { Reason, TemplateReasonCode, Warning } from '../domain/reasons.ts';
import type { Summary } from '../domain/summary.ts';
import type { Target } from '../domain/target.ts';
import type { TemplateFinding } from '../domain/template/finding.ts';
import type { TemplateNote } from '../domain/template/note.ts';
import type { LogWriter } from '../domain/writer-rights.ts';

/**
 * The documents that other programs read. Fields are added, never changed or removed. Each document is a list of items, which
 * come in pages, and totals, which are known at the end.
 */
export interface Documents {
  readonly scan: { readonly item: Finding; readonly totals: ScanTotals };
  readonly plan: { readonly item: Step; readonly totals: PlanTotals };
  readonly outcome: { readonly item: Outcome; readonly totals: OutcomeTotals };
  readonly runs: { readonly item: JournalRun; readonly totals: RunsTotals };
  readonly 'key-check': { readonly item: CheckedKey; readonly totals: KeyCheckTotals };
  readonly 'key-repair': { readonly item: never; readonly totals: KeyRepairTotals };
  readonly 'policy-verdict': { readonly item: never; readonly totals: CheckedPolicy };
  readonly 'policy-verdicts': { readonly item: LogGroupVerdict; readonly totals: Readonly<Record<string, never>> };
  readonly template: { readonly item: TemplateFinding; readonly totals: TemplateTotals };
  readonly 'config-check': { readonly item: CheckedEntry; readonly totals: ConfigCheckTotals };
}
export type DocumentKind = keyof Documents;
export type ItemOf<Kind extends DocumentKind> = Documents[Kind]['item'];
export type TotalsOf<Kind extends DocumentKind> = Documents[Kind]['totals'];

/** The name under which a document has its items; null: it has none. */
export const ITEMS: Readonly<Record<DocumentKind, string | null>> = {
  scan: 'findings',
  plan: 'steps',
  outcome: 'steps',
  runs: 'runs',
  'key-check': 'targets',
  'key-repair': null,
  'policy-verdict': null,
  'policy-verdicts': 'verdicts',
  template: 'findings',
  'config-check': 'entries',
};

export interface Run {
  /** Also the journal's `runId`. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** `PARTIAL`: some target was not scanned completely. `FAILED`: none was. */
export type ScanStatus = 'COMPLETE' | 'PARTIAL' | 'FAILED';

/** How a whole scan went: `FAILED` only if no target was listed completely. */
export function scanStatusOf(targets: readonly TargetReport[]): ScanStatus {
  const failed = targets.filter(({ status }) => status === 'FAILED').length;
  if (failed === 0) return 'COMPLETE';
  return failed === targets.length ? 'FAILED' : 'PARTIAL';
}

export interface ScanTotals {
  readonly status: ScanStatus;
  readonly run: Run;
  readonly config: ConfigStatus;
  readonly summary: Summary;
  readonly targets: readonly TargetReport[];
  /** Those of the configuration, in its order. */
  readonly exemptions: readonly ExemptionUse[];
  /** What was left out of the organization and of all Regions; absent: every target was named. */
  readonly skipped?: Skipped | undefined;
}

export interface PlanTotals {
  readonly status: ScanStatus;
  readonly run: Run;
  readonly config: ConfigStatus;
  /** As in a scan. */
  readonly exemptions: readonly ExemptionUse[];
  /** The keys to seal with, and what they are in each target. */
  readonly key: ConfiguredKey & { readonly targets: readonly PlannedKey[] };
  readonly targets: readonly TargetReport[];
  /** As in a scan. */
  readonly skipped?: Skipped | undefined;
  /** How many log stores the user's selection left out. */
  readonly filtered: number;
  /** What carrying out the plan will take. */
  readonly cost: SealingCost;
}

/** Before it is known how many log stores are left for later. */
export type PlanWithoutCost = Omit<PlanTotals, 'cost'>;

/** Whether a key that was named can certainly be attached to no log store in any target. */
export function isUnusableEverywhere(keys: readonly PlannedKey[]): boolean {
  const isUnusable = ({ refusals }: PlannedKey) => refusals.some((refusal) => !isUnread(refusal));
  return [...Map.groupBy(keys, ({ configured }) => configured).values()].some((some) => some.every(isUnusable));
}

export interface ConfiguredKey {
  /** As it was named; null: only key rules name keys. */
  readonly configured: string | null;
  /** The keys that the key rules name, in their order. Absent: there are no rules. */
  readonly rules?: readonly string[] | undefined;
  /** A healthy key other than this one is replaced too. */
  readonly required: boolean;
  /** The RAM role by which SLS uses the key; only for Alibaba Cloud. */
  readonly roleArn?: string | undefined;
  /** The organization for which conditions in key policies were evaluated; absent: none was named. */
  readonly orgId?: string | undefined;
}

export interface OutcomeTotals {
  readonly run: Run;
  /** The run whose plan was carried out, or that was undone. */
  readonly planRunId: string;
  /**
   * null after `undo`: each log store goes back to a key of its own. With targets only where it can be used in none of them,
   * and there is no step to say so.
   */
  readonly key: (ConfiguredKey & { readonly targets?: readonly PlannedKey[] }) | null;
  readonly targets: readonly TargetReport[];
  /** How many log stores the selection left out when the plan was made; only after `apply`. */
  readonly filtered?: number;
  /** Only after `apply --canary`. */
  readonly canary?: CanaryReport;
  /** Key policies that were put back; only after `undo`. */
  readonly policies?: readonly PolicyOutcome[];
}

export interface RunsTotals {
  /** What was read: a table, or one file, or two where there is one that was the default once. */
  readonly journals: readonly ReadJournal[];
}

export interface ReadJournal {
  readonly type: 'FILE' | 'TABLE';
  /** The path of the file, or the name or ARN of the table. */
  readonly name: string;
  readonly runs: number;
  readonly entries: number;
}

/** Whether a key policy lets CloudWatch Logs use the key, and whether KMS would accept the document. */
export interface CheckedPolicy extends PolicyVerdict {
  readonly problems: readonly DocumentProblem[];
}

/** The checks of the configured key in one target. */
export interface CheckedKey {
  /** What the key would be attached to. */
  readonly store: LogStore;
  readonly keyArn: string | null;
  readonly checks: readonly KeyCheck[];
  readonly warnings: readonly Warning[];
  /** What the next PutKeyPolicy of the key would be refused for. */
  readonly problems: readonly DocumentProblem[];
  /** What is to be said of a log group that was named, such as that it does not exist. No check of the key. */
  readonly note?: string;
  /** What shows that those who write and read the logs may use the key. No check of the key. null: nothing can tell. */
  readonly readersAndWriters: (ReadersAndWriters & { readonly writer?: LogWriter }) | null;
  readonly apiCalls: Readonly<Record<string, number>>;
}

export interface KeyCheckTotals {
  readonly run: Run;
  readonly key: { readonly configured: string };
}

export interface KeyRepairTotals {
  readonly run: Run;
  readonly key: { readonly configured: string };
  readonly target: Target & { readonly apiCalls: Readonly<Record<string, number>> };
  readonly repair: PolicyOutcome &
    RepairNotes & {
      /** Whom or what the statement is for. */
      readonly scope: RepairScope['type'];
      /** The one that is added, or takes the place of an earlier one of logseal's; null: none is. */
      readonly statement: RepairStatement | null;
      /** Unified. */
      readonly diff: string | null;
      /** Why the key cannot be used all the same; none: it can, or that is not known. */
      readonly keyReasons: readonly (Reason | Warning)[];
    };
}

/** One of several verdicts on a key policy. */
export interface LogGroupVerdict extends CheckedPolicy {
  readonly logGroupArn: string;
}

export interface TemplateTotals {
  readonly summary: Summary<TemplateReasonCode>;
  /** How many files were evaluated. */
  readonly files: number;
  /** Why other files, or parts of them, were not. */
  readonly mistakes: readonly TemplateNote[];
  /** What the findings do not show. */
  readonly warnings: readonly TemplateNote[];
}

/** An entry of a configuration file. */
export interface CheckedEntry {
  readonly type: 'EXEMPTION' | 'KEY_RULE';
  /** Where it begins in the file. */
  readonly line: number;
  readonly match: Match;
  /** null: it is a key rule. `daysLeft` is negative once it has expired. */
  readonly exemption:
    | (Omit<ConfiguredExemption, 'match'> & { readonly state: 'ACTIVE' | 'EXPIRED'; readonly daysLeft: number })
    | null;
  /** null: it is an exemption. */
  readonly key: string | null;
  /** null: no scan was given, or the entry asks for tags, which a scan does not have. */
  readonly matched: EntryMatches | null;
}

export interface ConfigCheckTotals {
  /** As it was named. */
  readonly file: string;
  /** Where there are any, the entries are left out. */
  readonly mistakes: readonly FileNote[];
  readonly warnings: readonly FileNote[];
  /** The scan that the entries were compared with; null: none was given. */
  readonly scan: { readonly status: ScanStatus; readonly stores: number } | null;
}
