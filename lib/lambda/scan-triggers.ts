import { scanInTurn } from '../app/scan/scan-in-turn.ts';
import { requestScans, type ScanRequest, type ScanRun, wholeScan } from '../app/scan/scan-run.ts';
import type { Finding } from '../domain/finding.ts';
import { keysNamedIn, keysSharedIn, rulesAt } from '../domain/rules.ts';
import { ALL_REGIONS, type Target, targetKey } from '../domain/target.ts';
import { asError, type CloudError, StillRunningError } from '../errors.ts';
import { MAX_RECEIVES, PERSISTS_AFTER_MS, PERSISTS_FROM_ATTEMPT } from '../pacing.ts';
import { type ConfigReader, type CurrentConfiguration, readOrRetry } from './config-reader.ts';
import { type ConfiguredKeys, type KeyWork, keyChanges, otherAlias } from './key-changes.ts';
import { reportTotals, stateReader, type TotalsWork } from './scan-totals.ts';
import {
  forgetGone,
  type Requested,
  requestEverywhere,
  requestRegions,
  requestScheduled,
  type ScheduleWork,
  scheduledTargets,
} from './schedule.ts';
import type { Delivery, Handled } from './sqs-batch.ts';
import { type Origin, ownAccount, type Reach, reasonToIgnore } from './target-guard.ts';
import type { Ignored, KeyTrigger, ScanTrigger } from './triggers.ts';

export interface ScanWork extends TotalsWork, ScheduleWork, Reach {
  readonly configuration: ConfigReader;
  /** Returns the id of a run that begins now. */
  readonly newRunId: () => string;
  /** Names the invocation; the same in each retry of the same invocation. */
  readonly invocation: string;
  /** How long a scan holds its target if the invocation dies, in milliseconds since 1970. */
  readonly heldUntil: number;
  readonly isTimeUp: () => boolean;
  readonly onIgnored: (because: string, trigger: ScanTrigger) => void;
  readonly onFindings: (findings: readonly Finding[], runId: string) => void;
  readonly onKeyFinding: KeyWork['onKeyFinding'];
  /** Is called with a request whose target is being scanned, and is scanned once more after that. */
  readonly onPutOff: (request: ScanRequest) => void;
}

interface Wanted {
  readonly delivery: Delivery<ScanTrigger>;
  readonly request: ScanRequest;
}

/**
 * Runs the scans that the triggers ask for, side by side. All that ask for a scan of one target share it, with each other and, while
 * another scan of the target is under way, with whatever asks for one until that ends.
 * @returns the triggers to deliver again: of those that shared a scan that failed, one. A scan that AWS refuses for good is reported
 * as FAILED and is not among them
 */
export async function scanForTriggers(
  deliveries: readonly Delivery<ScanTrigger>[],
  work: ScanWork,
): Promise<Handled<ScanTrigger>> {
  const failed = new Map<Delivery<ScanTrigger>, Error>();
  const scans: ScanRun[] = [];
  const putOff: Target[] = [];
  const requested: Target[] = [];
  const requests = requestsOf(work, (more) => {
    requested.push(...more.requested);
    scans.push(...more.scans);
  });
  const wanted = await Promise.all(
    deliveries.map(async (delivery): Promise<Wanted[]> => {
      try {
        const request = await requests(delivery);
        return request ? [{ delivery, request }] : [];
      } catch (error) {
        failed.set(delivery, asError(error));
        return [];
      }
    }),
  );
  const read = stateReader(work);
  const shared = Map.groupBy(wanted.flat(), ({ request }) => nameOf(request));
  const scan = async (sharing: readonly Wanted[], index: number): Promise<void> => {
    const chosen = sharing.toSorted(byAttemptAndKind)[0];
    if (!chosen) return;
    const { delivery, request } = chosen;
    try {
      const { run, failure, current } = await scanOne(chosen, `${work.invocation}/${index}`, work);
      if (failure) failed.set(delivery, failure);
      if (run === 'PUT_OFF') {
        putOff.push(request.target);
        work.onPutOff(request);
      } else {
        scans.push(run);
        work.onScan(run, request);
        if (!run.goesOn && run.report.status === 'COMPLETE')
          await reportTotals(run.report, { runId: request.runId, current, read }, work);
      }
    } catch (error) {
      if (delivery.trigger.kind !== 'SCHEDULE') failed.set(delivery, asError(error));
      else if (await isRequested(request, asError(error), work)) requested.push(request.target);
      else failed.set(delivery, asError(error));
    }
  };
  await Promise.all([...shared.values()].map(scan));
  return { failed, result: { scans, putOff, requested } };
}

/** The schedule comes without a queue, so that a scan of it that failed would be tried at most twice more: the queue tries ten times. */
async function isRequested(request: ScanRequest, error: Error, work: ScanWork): Promise<boolean> {
  try {
    await requestScans([request], work.bus);
    // One that only waits for another scan of its run has not failed.
    if (!(error instanceof StillRunningError)) work.onError(error, 'the scheduled scan failed and is requested again');
    return true;
  } catch (refusal) {
    work.onError(asError(refusal), 'the scheduled scan failed and cannot be requested again');
    return false;
  }
}

/** First what has the most attempts left, and of those what was requested under an id that somebody may wait for. */
function byAttemptAndKind({ delivery: a }: Wanted, { delivery: b }: Wanted): number {
  const isRequest = ({ trigger }: Delivery<ScanTrigger>) => Number(trigger.kind === 'REQUEST');
  return a.attempt - b.attempt || isRequest(b) - isRequest(a);
}

/** Two requests of the same name need one scan. */
function nameOf({ target, runId, nextToken }: ScanRequest): string {
  return nextToken === null ? targetKey(target) : `${targetKey(target)} ${runId} ${nextToken}`;
}

/**
 * Finds what a trigger asks this invocation to scan. The schedule of several targets requests a scan of each, once a batch. Where the
 * organization cannot be read it requests those that are known without it. If another try may read it, the schedule fails then, and
 * each retry of Lambda requests them again: no attempt knows whether it is the last, and a scan too many harms less than none.
 */
function requestsOf(
  work: ScanWork,
  onRequested: (more: Requested) => void,
): (delivery: Delivery<ScanTrigger>) => Promise<ScanRequest | undefined> {
  let sending: Promise<void> | undefined;
  const keyChanged = keyChanges(work);
  const schedule = async (eventId: string | null): Promise<ScanRequest | undefined> => {
    const { account } = await ownAccount(work);
    const runId = eventId ?? work.newRunId();
    const found = await scheduledTargets(work, account);
    await forgetGone(found, work);
    const [only, ...others] = found.targets;
    const isOne = others.length === 0 && !found.unread;
    if (only && isOne && only.region !== ALL_REGIONS) return wholeScan(only, runId);
    sending ??= requestScheduled(found, runId, work).then(onRequested);
    await sending;
    if (!found.unread) return undefined;
    work.onError(found.unread, 'the organization cannot be read: of its accounts only those in Accounts are scanned');
    if (found.unread.isTransient) throw found.unread;
    work.onFailedAgain();
    return undefined;
  };
  const listings = new Map<string, Promise<CloudError | null>>();
  const regions = async ({ runId, target: { account } }: ScanRequest, attempt: number): Promise<void> => {
    const name = `${account} ${runId}`;
    const list = async (): Promise<CloudError | null> => {
      const { failure, ...more } = await requestRegions(
        { account, runId, isLastAttempt: attempt >= MAX_RECEIVES },
        work,
      );
      onRequested(more);
      return failure;
    };
    const pending = listings.get(name) ?? list();
    listings.set(name, pending);
    const failure = await pending;
    if (failure) throw failure;
  };
  const everywhere = new Map<string, Promise<void>>();
  const afterKeyChange = async (trigger: KeyTrigger, keys: ConfiguredKeys, attempt: number) => {
    const toScan = await keyChanged(trigger, keys);
    if (toScan === 'NOTHING') return undefined;
    const { target, eventId } = trigger;
    const runId = eventId ?? work.newRunId();
    if (toScan === 'ACCOUNT') return wholeScan(target, runId);
    const pending =
      everywhere.get(target.region) ??
      requestEverywhere(target, { runId, isLastAttempt: attempt >= MAX_RECEIVES }, work).then(onRequested);
    everywhere.set(target.region, pending);
    await pending;
    return undefined;
  };
  return async ({ trigger, attempt }) => {
    if (trigger.kind === 'IGNORED') return void work.onIgnored(trigger.because, trigger);
    if (trigger.kind === 'SCHEDULE') return schedule(trigger.eventId);
    const origin = originOf(trigger);
    const { target } = origin;
    const keys = trigger.kind === 'KEY_CHANGED' ? await keysOf(target, attempt, work) : NO_KEYS;
    const because = otherAlias(trigger, keys.all) ?? (await reasonToIgnore(origin, work));
    if (because !== undefined) return void work.onIgnored(because, trigger);
    if (trigger.kind === 'KEY_CHANGED') return afterKeyChange(trigger, keys, attempt);
    return target.region === ALL_REGIONS ? void (await regions(trigger.request, attempt)) : trigger.request;
  };
}

function originOf(trigger: Exclude<ScanTrigger, { readonly kind: 'SCHEDULE' } | Ignored>): Origin {
  if (trigger.kind === 'KEY_CHANGED') return { target: trigger.target };
  return { target: trigger.request.target, sender: trigger.sender };
}

const NO_KEYS: ConfiguredKeys = { all: [], shared: [] };

async function keysOf(target: Target, attempt: number, { config, ...work }: ScanWork): Promise<ConfiguredKeys> {
  const { configuration } = await readOrRetry(work.configuration, attempt >= MAX_RECEIVES);
  const rules = { configuration, key: config.key };
  const shared = config.members ? keysSharedIn(rules, target) : [];
  return { all: [...new Set([...keysNamedIn(rules, target), ...shared])], shared };
}

async function scanOne({ delivery, request }: Wanted, invocation: string, work: ScanWork) {
  const { clock, cloudOf, config } = work;
  const { key, queryResults, logsPrincipal } = config;
  const isLastAttempt = delivery.attempt >= MAX_RECEIVES;
  let current: CurrentConfiguration | null = null;
  const taken = await scanInTurn(request, {
    ...work,
    invocation,
    cloud: cloudOf(request.target),
    rules: async () => {
      current = await readOrRetry(work.configuration, isLastAttempt);
      const { status, ...file } = current;
      return { rules: rulesAt(clock(), { key, logsPrincipal, ...file }), config: status };
    },
    queryResults,
    now: () => clock().getTime(),
    isRetry: delivery.attempt > 1,
    isLastAttempt,
    onStartedAgain: (refusal) =>
      work.onError(
        refusal,
        'CloudWatch Logs no longer takes the token of the next page, so the scan starts again from its first page',
      ),
    // What fails from this attempt on is counted when its event returns to the queue.
    onFailing: (forMs) => {
      if (forMs >= PERSISTS_AFTER_MS && delivery.attempt < PERSISTS_FROM_ATTEMPT) work.onFailedAgain();
    },
    onError: (error) =>
      work.onError(error, 'a scan that failed could not be reported, or its target not be given back'),
  });
  return { ...taken, current: current as CurrentConfiguration | null };
}
