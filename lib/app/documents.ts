import type { Finding, Summary } from '../domain/finding.ts';
import type { Outcome, Step } from '../domain/plan.ts';
import type { PlannedKey } from './plan.ts';
import type { TargetReport } from './scan.ts';

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
}

export interface OutcomeDocument {
  readonly schema: 'logseal/outcome/1';
  readonly run: Run;
  readonly planRunId: string;
  readonly key: ConfiguredKey;
  readonly targets: readonly TargetReport[];
  readonly steps: readonly Outcome[];
}
