import { type Finding, isOpen } from '../../domain/finding.ts';
import type { Rules } from '../../domain/rules.ts';
import { EMPTY_SUMMARY, merge, type Summary } from '../../domain/summary.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import type { Cloud, EventBus, OutgoingEvent } from '../ports.ts';
import { scanTarget, type TargetReport } from './scan-target.ts';

/** A scan of one target, or the rest of one that was too large for one invocation. */
export interface ScanRequest {
  readonly runId: string;
  readonly target: Target;
  /** Where to go on; null: at the beginning. */
  readonly nextToken: string | null;
  /** What was counted before. */
  readonly counts: Summary;
}

export interface ScanRunOptions {
  readonly rules: Rules;
  readonly queryResults: boolean;
  /** Asked after each page: whether to leave the rest to another invocation. */
  readonly isTimeUp: () => boolean;
  /** Called for each page with the log stores that are not compliant, before their events are sent. */
  readonly onFindings: (findings: readonly Finding[], runId: string) => void;
}

/** What one invocation did for a request. */
export interface ScanRun {
  readonly report: TargetReport;
  /** Everything counted in the run so far. */
  readonly counts: Summary;
  /** Whether the rest was asked for in a new event. */
  readonly goesOn: boolean;
}

/**
 * Scans one target and sends an event for each flagged log store, then `Scan Completed`, or `Scan Requested` for the rest.
 * A scan that cannot be done ends in `Scan Completed` with the status FAILED.
 * @throws CloudError when another try may do better
 */
export async function runScan(
  request: ScanRequest,
  cloud: Cloud,
  bus: EventBus,
  options: ScanRunOptions,
): Promise<ScanRun> {
  const { runId } = request;
  const { report, summary, nextToken, failure } = await scanTarget(request.target, cloud, {
    rules: options.rules,
    queryResults: options.queryResults,
    startToken: request.nextToken,
    shouldStop: options.isTimeUp,
    onStores: (stores) => {
      const open = stores.map(({ finding }) => finding).filter(isOpen);
      options.onFindings(open, runId);
      return bus.send(open.map((finding) => findingEvent(finding, runId)));
    },
  });
  const { status, error } = report;
  if (failure?.isTransient) throw failure;
  const counts = merge(request.counts, summary);
  const about = { runId, ...targetOf(report) };
  const goesOn = nextToken !== null;
  await bus.send([
    goesOn
      ? { detailType: 'Scan Requested', detail: { schema: 'logseal/scan-requested/1', ...about, nextToken, counts } }
      : {
          detailType: 'Scan Completed',
          detail: { schema: 'logseal/scan-completed/1', ...about, status, error, counts },
        },
  ]);
  return { report, counts, goesOn };
}

function findingEvent(finding: Finding, runId: string): OutgoingEvent {
  return { detailType: 'Log Store Finding', detail: { schema: 'logseal/finding/1', runId, ...finding } };
}

/** Asks for a scan of each target, one event each, so that they run side by side. */
export async function requestScans(targets: readonly Target[], runId: string, bus: EventBus): Promise<void> {
  const begin = { schema: 'logseal/scan-requested/1', runId, nextToken: null, counts: EMPTY_SUMMARY };
  await bus.send(
    targets.map((target) => ({ detailType: 'Scan Requested', detail: { ...begin, ...targetOf(target) } })),
  );
}
