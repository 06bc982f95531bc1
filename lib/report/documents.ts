import type { PlannedKey } from '../app/change/plan-target.ts';
import type { PolicyOutcome } from '../app/key/repair-key-policy.ts';
import type { TargetReport } from '../app/scan/scan-target.ts';
import type { Finding, Summary } from '../domain/finding.ts';
import type { KeyCheck } from '../domain/key-checks.ts';
import type { RepairStatement } from '../domain/key-policy/build-statement.ts';
import type { LogStore } from '../domain/log-store.ts';
import type { Outcome, Step } from '../domain/plan-step.ts';
import type { Target } from '../domain/target.ts';

/** The documents that other programs read. Fields are added, never changed or removed. */

export interface Run {
  /** Also the journal's `runId`. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** A scan without its findings: the last line of NDJSON. */
export interface ScanTotals {
  readonly run: Run;
  readonly summary: Summary;
  readonly targets: readonly TargetReport[];
}

export interface ScanDocument extends ScanTotals {
  readonly schema: 'logseal/scan/1';
  readonly findings: readonly Finding[];
}

export interface PlanDocument {
  readonly schema: 'logseal/plan/1';
  readonly run: Run;
  /** The configured key, and what it is in each target. */
  readonly key: ConfiguredKey & { readonly targets: readonly PlannedKey[] };
  readonly targets: readonly TargetReport[];
  readonly steps: readonly Step[];
}

export interface ConfiguredKey {
  /** As it was named. */
  readonly configured: string;
  /** A healthy key other than this one is replaced too. */
  readonly required: boolean;
  /** The RAM role by which SLS uses the key; only for Alibaba Cloud. */
  readonly roleArn?: string | undefined;
}

export interface OutcomeDocument {
  readonly schema: 'logseal/outcome/1';
  readonly run: Run;
  /** The run whose plan was carried out, or that was undone. */
  readonly planRunId: string;
  /** null after `undo`: each log store goes back to a key of its own. */
  readonly key: ConfiguredKey | null;
  readonly targets: readonly TargetReport[];
  readonly steps: readonly Outcome[];
  /** Key policies that were put back; only after `undo`. */
  readonly policies?: readonly PolicyOutcome[];
}

export interface KeyCheckDocument {
  readonly schema: 'logseal/key-check/1';
  readonly run: Run;
  readonly key: { readonly configured: string };
  /** One a Region. */
  readonly targets: readonly {
    /** What the key would be attached to. */
    readonly store: LogStore;
    readonly keyArn: string | null;
    readonly checks: readonly KeyCheck[];
    readonly apiCalls: Readonly<Record<string, number>>;
  }[];
}

export interface KeyRepairDocument {
  readonly schema: 'logseal/key-repair/1';
  readonly run: Run;
  readonly key: { readonly configured: string };
  readonly target: Target & { readonly apiCalls: Readonly<Record<string, number>> };
  readonly repair: PolicyOutcome & {
    /** The one that is added, or takes the place of an earlier one of logseal's; null: none is. */
    readonly statement: RepairStatement | null;
    /** Unified. */
    readonly diff: string | null;
  };
}
