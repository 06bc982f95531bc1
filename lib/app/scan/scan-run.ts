import type { ConfigStatus } from '../../domain/configuration.ts';
import type { InspectedStore } from '../../domain/evaluation.ts';
import { type Finding, isOpen } from '../../domain/finding.ts';
import { keyFor, keysNamedIn, type Rules } from '../../domain/rules.ts';
import { EMPTY_SUMMARY, merge, type Summary } from '../../domain/summary.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import { FINDINGS_HELD } from '../../pacing.ts';
import type { Cloud, EventBus, OutgoingEvent } from '../ports.ts';
import { scanTarget, type TargetReport, type TargetScan } from './scan-target.ts';

/** A scan of one target, or the rest of one that was too large for one invocation. */
export interface ScanRequest {
  readonly runId: string;
  readonly target: Target;
  /** Where to go on; null: at the beginning. */
  readonly nextToken: string | null;
  /** What was counted before. */
  readonly counts: Summary;
}

/** What a scan goes by. */
export interface RunRules {
  readonly rules: Rules;
  readonly config: ConfigStatus;
}

export interface ScanRunOptions {
  readonly queryResults: boolean;
  /** Asked after each page: whether to leave the rest to another invocation. */
  readonly isTimeUp: () => boolean;
  /** Whether an earlier attempt at this scan has sent what it found, so that this one sends nothing before it has succeeded. */
  readonly isRetry: boolean;
  /** Whether the request becomes a dead letter if it fails. */
  readonly isLastAttempt: boolean;
  /** Called for each page with the log stores that are not compliant, once their events were sent. */
  readonly onFindings: (findings: readonly Finding[], runId: string) => void;
}

/** What one invocation did for a request. */
export interface ScanRun {
  readonly report: TargetReport;
  /** Everything counted in the run so far, as the events of the run report it. */
  readonly counts: Summary;
  /** Whether the rest was asked for in a new event. */
  readonly goesOn: boolean;
  /** Whether the configuration was read for all of the run so far; null: there is none, or nothing was scanned. */
  readonly config: ConfigStatus;
}

/** What one invocation scanned. */
export interface ScannedPart extends TargetScan {
  /**
   * The keys that its open log stores would be sealed with, as they were configured, and at the end of a target without key rules the
   * configured key in any case; null: not known, since the configuration could not be read.
   */
  readonly sealingKeys: ReadonlySet<string> | null;
  readonly config: ConfigStatus;
}

/**
 * Scans one target, or as much as there is time for, and sends an event for each flagged log store: page by page, or at the end of a
 * retry. An outage fails a scan ten times, and what it found must not be sent ten times.
 */
export async function scanPart(
  { runId, target, nextToken }: ScanRequest,
  cloud: Cloud,
  bus: EventBus,
  { rules, config, ...options }: ScanRunOptions & RunRules,
): Promise<ScannedPart> {
  const report = async (open: readonly Finding[]): Promise<void> => {
    await bus.send(open.map((finding) => findingEvent(finding, runId)));
    options.onFindings(open, runId);
  };
  const held: Finding[] = [];
  const sealingKeys = new Set<string>();
  const hasRules = keysNamedIn({ ...rules, key: null }, target).length > 0;
  const note = ({ finding, matched, unreadConfiguration }: InspectedStore): void => {
    const key = hasRules && isOpen(finding) && !unreadConfiguration ? keyFor(rules, matched) : null;
    if (key !== null) sealingKeys.add(key);
  };
  const part = await scanTarget(target, cloud, {
    rules,
    queryResults: options.queryResults,
    startToken: nextToken,
    shouldStop: options.isTimeUp,
    leavesUnread: true,
    onStores: async (stores) => {
      stores.forEach(note);
      const open = stores.map(({ finding }) => finding).filter(isOpen);
      if (options.isRetry && held.length < FINDINGS_HELD) held.push(...open);
      else await report(open);
    },
  });
  if (!hasRules && rules.key !== null && part.nextToken === null) sealingKeys.add(rules.key);
  const isLast = !part.failure?.isTransient || options.isLastAttempt;
  if (isLast && held.length > 0) await report(held);
  // What another try may read raises no alarm.
  const isUnread = part.unreadTags !== null && !part.unreadTags.isTransient;
  return {
    ...part,
    sealingKeys: rules.unreadConfiguration ? null : sealingKeys,
    config: config && isUnread ? 'UNREADABLE' : config,
  };
}

function findingEvent(finding: Finding, runId: string): OutgoingEvent {
  return { detailType: 'Log Store Finding', detail: { schema: 'logseal/finding/1', runId, ...finding } };
}

/** What a part of a run adds to the run. */
export function runOf({ counts }: ScanRequest, { report, summary, nextToken, config }: ScannedPart): ScanRun {
  return { report, counts: merge(counts, summary), goesOn: nextToken !== null, config };
}

/** Says how a run ended. */
export async function sendCompleted(runId: string, { report, counts, config }: ScanRun, bus: EventBus): Promise<void> {
  const { status, error } = report;
  const detail = { schema: 'logseal/scan-completed/1', runId, ...targetOf(report), status, error, counts, config };
  await bus.send([{ detailType: 'Scan Completed', detail }]);
}

/** Asks for scans, one event each, so that they run side by side. */
export async function requestScans(requests: readonly ScanRequest[], bus: EventBus): Promise<void> {
  await bus.send(
    requests.map(({ runId, target, nextToken, counts }) => ({
      detailType: 'Scan Requested',
      detail: { schema: 'logseal/scan-requested/1', runId, ...targetOf(target), nextToken, counts },
    })),
  );
}

/** A scan from the beginning. */
export function wholeScan(target: Target, runId: string): ScanRequest {
  return { runId, target, nextToken: null, counts: EMPTY_SUMMARY };
}
