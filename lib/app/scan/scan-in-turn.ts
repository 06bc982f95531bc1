import { EMPTY_SUMMARY } from '../../domain/summary.ts';
import { targetOf } from '../../domain/target.ts';
import { CloudError, StillRunningError } from '../../errors.ts';
import { HANDED_OVER_FOR_MS } from '../../pacing.ts';
import type { Cloud, EventBus, ScanState, ScanTable, Turn } from '../ports.ts';
import {
  isKeyUnusable,
  requestScans,
  runOf,
  type ScanRequest,
  type ScanRun,
  type ScanRunOptions,
  scanPart,
  sendCompleted,
  wholeScan,
} from './scan-run.ts';
import type { TargetScan } from './scan-target.ts';

export interface TurnOptions extends ScanRunOptions {
  readonly cloud: Cloud;
  readonly bus: EventBus;
  readonly scans: ScanTable;
  /** The configured key. */
  readonly key: string;
  /** Names what scans: no other scan of any invocation has this name, and a retry of the same invocation has it again. */
  readonly invocation: string;
  /** When the invocation is over at the latest, in milliseconds since 1970. */
  readonly deadline: number;
  readonly now: () => number;
  /** Whether the request becomes a dead letter if it fails. */
  readonly isLastAttempt: boolean;
}

/** What came of a request. `PUT_OFF`: a scan of its target is under way, and one more follows it, whatever asks meanwhile. */
export interface TurnTaken {
  readonly run: ScanRun | 'PUT_OFF';
  /** Why the last attempt at a run failed; null: there is nothing to try again. */
  readonly failure: CloudError | null;
}

/**
 * Scans one target, unless another scan of it is under way, and sends an event for each flagged log store, then `Scan Completed`, or
 * `Scan Requested` for the rest. A scan that cannot be done, or that fails at its last attempt, ends in `Scan Completed` with the
 * status FAILED.
 * @throws CloudError when another try may do better; StillRunningError when another invocation scans for the same run
 */
export async function scanInTurn(request: ScanRequest, options: TurnOptions): Promise<TurnTaken> {
  const { scans, bus, now, isLastAttempt } = options;
  const { runId, target, nextToken } = request;
  const turn: Turn = { target, runId, invocation: options.invocation, heldUntil: options.deadline };
  const handOver = () => scans.handOver(turn, now() + HANDED_OVER_FOR_MS);
  const end = async (found: ScanState | null): Promise<void> => {
    const again = await scans.end(turn, found);
    if (again !== null) await requestScans([wholeScan(target, again)], bus);
  };

  let isHeld = false;
  let part: TargetScan | null = null;
  try {
    const begun = await scans.begin(turn, nextToken === null, now()).catch(unlessTransient);
    if (begun === 'NOTED') return { run: 'PUT_OFF', failure: null };
    if (begun === 'RUNNING') throw new StillRunningError(`another invocation scans for run ${runId}`);
    isHeld = begun === 'HELD';
    part = begun === 'HELD' ? await scanPart(request, options.cloud, bus, options) : failedPart(request, null, begun);
    if (part.failure?.isTransient) throw part.failure;
    const run = runOf(request, part);
    if (part.nextToken === null) {
      await sendCompleted(runId, run, bus);
      if (isHeld) await end(await stateAfter(run, part, options.key));
    } else {
      await handOver();
      const rest = { runId, target: targetOf(part.report), nextToken: part.nextToken, counts: run.counts };
      await requestScans([rest], bus);
    }
    return { run, failure: null };
  } catch (error) {
    if (!isLastAttempt || !(error instanceof CloudError)) {
      // A target that cannot be given back is free when the invocation would have been over.
      if (isHeld) await (nextToken === null ? scans.release(turn) : handOver()).catch(() => {});
      throw error;
    }
    const run = runOf(request, failedPart(request, part, error));
    await Promise.allSettled([sendCompleted(runId, run, bus), isHeld && end(null)]);
    return { run, failure: error };
  }
}

function unlessTransient(error: unknown): CloudError {
  if (error instanceof CloudError && !error.isTransient) return error;
  throw error;
}

/** A part that failed, with what was counted before it did. */
function failedPart({ target }: ScanRequest, part: TargetScan | null, failure: CloudError): TargetScan {
  const { code, message } = failure;
  const { summary, keys, report } = part ?? { summary: EMPTY_SUMMARY, keys: null, report: { stores: 0, apiCalls: {} } };
  const { stores, apiCalls } = report;
  const failed = { ...targetOf(target), status: 'FAILED', error: { code, message }, stores, apiCalls } as const;
  return { report: failed, summary, nextToken: null, failure, keys };
}

/** What is known of a target after its last part; null: not more than before. */
async function stateAfter({ counts }: ScanRun, { failure, keys, report }: TargetScan, key: string) {
  if (failure || !keys) return null;
  const critical = counts.bySeverity.CRITICAL ?? 0;
  return { critical, keyUnusable: await isKeyUnusable(key, targetOf(report), keys) };
}
