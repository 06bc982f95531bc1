import type { CloudOf, EventBus } from '../app/ports.ts';
import { requestScans, runScan, type ScanRequest, type ScanRun } from '../app/scan/scan-run.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { rulesAt } from '../domain/rules.ts';
import { EMPTY_SUMMARY } from '../domain/summary.ts';
import { type Target, targetKey } from '../domain/target.ts';
import { asError } from '../errors.ts';
import { type KeyWork, keyChanges, otherAlias } from './key-changes.ts';
import type { Delivery, Handled } from './sqs-batch.ts';
import { ownAccount, reasonToIgnore } from './target-guard.ts';
import type { ScanTrigger } from './triggers.ts';

export interface ScanWork {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly now: Date;
  /** Returns the id of a run that begins now. */
  readonly newRunId: () => string;
  readonly isTimeUp: () => boolean;
  readonly onIgnored: (because: string, trigger: ScanTrigger) => void;
  readonly onKeyFinding: KeyWork['onKeyFinding'];
  readonly onScan: (run: ScanRun, request: ScanRequest) => void;
}

/**
 * Runs the scans that the triggers ask for, side by side. Triggers that ask for the same scan share one.
 * @returns the triggers to deliver again; a scan that AWS refuses for good is reported as FAILED and is not among them
 */
export async function scanForTriggers(
  deliveries: readonly Delivery<ScanTrigger>[],
  work: ScanWork,
): Promise<Handled<ScanTrigger>> {
  const failed = new Map<Delivery<ScanTrigger>, Error>();
  const scans: ScanRun[] = [];
  const started = new Map<string, Promise<void>>();
  const once = (name: string, scan: () => Promise<void>): Promise<void> => {
    const running = started.get(name) ?? scan();
    started.set(name, running);
    return running;
  };
  const noting: ScanWork = {
    ...work,
    onScan: (run, request) => {
      scans.push(run);
      work.onScan(run, request);
    },
  };
  const requestFor = requestsByTarget(
    deliveries.map(({ trigger }) => trigger),
    work.newRunId,
  );
  const keyChanged = keyChanges(work);
  const handle = async (trigger: ScanTrigger): Promise<void> => {
    if (trigger.kind === 'IGNORED') return work.onIgnored(trigger.because, trigger);
    if (trigger.kind === 'SCHEDULE') return once('schedule', () => scanEverywhere(noting));
    const because =
      otherAlias(trigger, work.config.key) ??
      (await reasonToIgnore(trigger.kind === 'REQUEST' ? trigger.request.target : trigger.target, work));
    if (because !== undefined) return work.onIgnored(because, trigger);
    if (trigger.kind === 'KEY_CHANGED' && !(await keyChanged(trigger))) return;
    const request = trigger.kind === 'REQUEST' ? trigger.request : requestFor(trigger.target);
    const name = `${targetKey(request.target)} ${request.runId} ${request.nextToken ?? ''}`;
    return once(name, () => scanOne(request, noting));
  };
  await Promise.all(
    deliveries.map((delivery) => handle(delivery.trigger).catch((error) => void failed.set(delivery, asError(error)))),
  );
  return { failed, result: { scans } };
}

/**
 * Finds the scan for a key that changed: the first new scan of its target that the batch requests anyway, else a new one
 * that all changed keys of the target share.
 */
function requestsByTarget(triggers: readonly ScanTrigger[], newRunId: () => string): (target: Target) => ScanRequest {
  const requests = new Map<string, ScanRequest>();
  for (const trigger of triggers) {
    if (trigger.kind !== 'REQUEST' || trigger.request.nextToken !== null) continue;
    const key = targetKey(trigger.request.target);
    if (!requests.has(key)) requests.set(key, trigger.request);
  }
  return (target) => {
    const key = targetKey(target);
    const request = requests.get(key) ?? { runId: newRunId(), target, nextToken: null, counts: EMPTY_SUMMARY };
    requests.set(key, request);
    return request;
  };
}

function inAccount(account: string, region: string): Target {
  return { provider: 'aws', account, region };
}

/** Scans a single configured Region in this invocation; requests a scan of each when there are several. */
async function scanEverywhere(work: ScanWork): Promise<void> {
  const { regions } = work.config;
  const [only] = regions;
  const runId = work.newRunId();
  if (only !== undefined && regions.length === 1) {
    return scanOne({ runId, target: inAccount('', only), nextToken: null, counts: EMPTY_SUMMARY }, work);
  }
  const { account } = await ownAccount(work);
  const targets = regions.map((region) => inAccount(account, region));
  await requestScans(targets, runId, work.bus);
}

async function scanOne(request: ScanRequest, work: ScanWork): Promise<void> {
  const { now, isTimeUp, config } = work;
  const { queryResults, logsPrincipal } = config;
  const options = { rules: rulesAt(now, { logsPrincipal }), isTimeUp, queryResults };
  work.onScan(await runScan(request, work.cloudOf(request.target), work.bus, options), request);
}
