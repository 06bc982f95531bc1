import { EMPTY_SUMMARY } from '../../domain/summary.ts';
import { targetOf } from '../../domain/target.ts';
import { asError, CloudError, StillRunningError } from '../../errors.ts';
import type { Cloud, Counted, EventBus, ScanState, ScanTable, Turn } from '../ports.ts';
import { added, countedIn } from './run-counts.ts';
import {
  type RunRules,
  requestScans,
  runOf,
  type ScannedPart,
  type ScanRequest,
  type ScanRun,
  type ScanRunOptions,
  scanPart,
  sendCompleted,
  wholeScan,
} from './scan-run.ts';

export interface TurnOptions extends ScanRunOptions {
  readonly cloud: Cloud;
  readonly bus: EventBus;
  readonly scans: ScanTable;
  /** What to scan by; called once the target is held, and where it throws, the scan fails. */
  readonly rules: () => Promise<RunRules>;
  /** Names what scans: no other scan of any invocation has this name, and a retry of the same invocation has it again. */
  readonly invocation: string;
  /** How long the target is held if the invocation dies, in milliseconds since 1970. */
  readonly heldUntil: number;
  readonly now: () => number;
  /** Is called when the token of a later part is refused, as it is a day after it was given: the run starts again from the beginning. */
  readonly onStartedAgain: (refusal: CloudError) => void;
  /** Is called after a failure that another try follows. @param forMs how long scans of the target have failed, whatever asked for them */
  readonly onFailing: (forMs: number) => void;
  /** Is called with a failure that changes nothing of what is returned. */
  readonly onError: (error: Error) => void;
}

/** What came of a request. `PUT_OFF`: a scan of its target is under way, and one more follows it, whatever asks meanwhile. */
export interface TurnTaken {
  readonly run: ScanRun | 'PUT_OFF';
  /** Why the last attempt at a run failed; null: there is nothing to try again. */
  readonly failure: Error | null;
}

/**
 * Scans one target, unless another scan of it is under way, and sends an event for each flagged log store, then `Scan Completed`, or
 * `Scan Requested` for the rest. A scan that cannot be done, or that fails at its last attempt, ends in `Scan Completed` with the
 * status FAILED.
 * @throws the failure when another try follows; StillRunningError when another invocation scans for the same run,
 * or has no time left
 */
export async function scanInTurn(request: ScanRequest, options: TurnOptions): Promise<TurnTaken> {
  const { scans, bus, now, isLastAttempt, invocation, heldUntil } = options;
  const { runId, target, nextToken } = request;
  const turn: Turn = { target, runId, nextToken, invocation, heldUntil };
  const end = async (): Promise<void> => {
    const again = await scans.end(turn, completed?.found ?? null);
    if (again !== null) await requestScans([wholeScan(target, again)], bus);
  };

  let from = request;
  let isHeld = false;
  let part: ScannedPart | null = null;
  let completed: { readonly run: ScanRun; readonly found: ScanState | null } | null = null;
  try {
    const begun = await scans.begin(turn, now()).catch(unlessTransient);
    if (begun === 'NOTED') return { run: 'PUT_OFF', failure: null };
    if (begun === 'RUNNING') throw new StillRunningError(`another invocation scans before run ${runId} can`);
    isHeld = begun === 'HELD';
    let counted: Counted | null = null;
    if (begun === 'HELD') {
      const by = await options.rules();
      const scan = () => scanPart(from, options.cloud, bus, { ...options, ...by });
      part = await scan();
      const refusal = refusalOfToken(part, request);
      if (refusal && !(await countedBefore(turn, options))?.hasStartedAgain) {
        options.onStartedAgain(refusal);
        from = wholeScan(target, runId);
        part = await scan();
      }
      if (part.failure?.isTransient) throw part.failure;
      counted = part.failure ? null : await countedSoFar(await countedIn(part), from, turn, options);
    } else {
      part = failedPart(request, null, begun);
    }
    const run = runOf(from, counted ? { ...part, config: counted.config } : part);
    if (part.nextToken === null) {
      await sendCompleted(runId, run, bus);
      completed = { run, found: null };
      if (isHeld) {
        completed = { run, found: counted && stateAfter(counted) };
        await end();
      }
    } else {
      await scans.handOver(turn, { nextToken: part.nextToken, counted }, now());
      const rest = { runId, target: targetOf(part.report), nextToken: part.nextToken, counts: run.counts };
      await requestScans([rest], bus);
    }
    return { run, failure: null };
  } catch (error) {
    const failure = asError(error);
    if (!isLastAttempt || error instanceof StillRunningError) {
      // A target that cannot be given back is free when the invocation would have been over.
      if (isHeld) await scans.release(turn, now()).then((since) => options.onFailing(now() - since), options.onError);
      throw error;
    }
    const run = completed?.run ?? runOf(from, failedPart(from, part, asCloudError(failure)));
    if (!completed) await sendCompleted(runId, run, bus).catch(options.onError);
    if (isHeld) await end().catch(options.onError);
    return { run, failure };
  }
}

/** A defect fails a scan like anything else, and whoever waits for the scan must hear of it. */
function asCloudError(failure: Error): CloudError {
  if (failure instanceof CloudError) return failure;
  return new CloudError('UNAVAILABLE', '', `${failure.name}: ${failure.message}`, { cause: failure });
}

function unlessTransient(error: unknown): CloudError {
  if (error instanceof CloudError && !error.isTransient) return error;
  throw error;
}

/** A part that failed, with what was counted before it did. */
function failedPart({ target }: ScanRequest, part: ScannedPart | null, failure: CloudError): ScannedPart {
  const { code, message } = failure;
  const before = part ?? NOTHING_SCANNED;
  const { stores, apiCalls } = before.report;
  const failed = { ...targetOf(target), status: 'FAILED', error: { code, message }, stores, apiCalls } as const;
  return { ...before, report: failed, nextToken: null, failure };
}

const NOTHING_SCANNED = {
  summary: EMPTY_SUMMARY,
  matches: new Map<string, number>(),
  unreadTags: null,
  keys: null,
  report: { stores: 0, apiCalls: {} },
  sealingKeys: null,
  config: null,
} as const;

/** Why a part did not begin; null: it did, or for another reason than its token, since it began at the beginning or read a page. */
function refusalOfToken({ failure, report }: ScannedPart, { nextToken }: ScanRequest): CloudError | null {
  return nextToken !== null && report.stores === 0 && failure?.code === 'INVALID_REQUEST' ? failure : null;
}

/** What a run counted up to this part; null: not known, since an event alone tells of the parts before. */
async function countedSoFar(
  own: Counted,
  from: ScanRequest,
  turn: Turn,
  options: TurnOptions,
): Promise<Counted | null> {
  if (from.nextToken === null) return { ...own, hasStartedAgain: turn.nextToken !== null };
  const before = await countedBefore(turn, options);
  return before && added(before, own);
}

async function countedBefore(turn: Turn, options: TurnOptions): Promise<Counted | null> {
  return options.scans.countedBefore(turn).catch((error: unknown) => {
    // The part is scanned, and no attempt is left at which more could be known.
    if (!options.isLastAttempt) throw error;
    options.onError(asError(error));
    return null;
  });
}

/** What is known of a target after its last part. */
function stateAfter({ critical, keyUnusable, matches }: Counted): ScanState {
  return { critical, keyUnusable, matches };
}
