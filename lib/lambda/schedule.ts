import pMap from 'p-map';
import { type FoundTargets, findTargets, type Skipped } from '../app/find-targets.ts';
import type { CloudOf, EventBus, Organization, ScanState, ScanTable } from '../app/ports.ts';
import { requestScans, type ScanRequest, type ScanRun, sendCompleted, wholeScan } from '../app/scan/scan-run.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { isOptInRegion } from '../domain/partition.ts';
import { EMPTY_SUMMARY } from '../domain/summary.ts';
import { ALL_REGIONS, type Target, targetKey, targetOfKey } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { CONCURRENT_TARGETS } from '../pacing.ts';
import { ownAccount } from './target-guard.ts';

export interface ScheduleWork {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  /** Asked only where one is configured. */
  readonly organization: Organization;
  readonly bus: EventBus;
  readonly scans: ScanTable;
  readonly onScan: (run: ScanRun, request: ScanRequest) => void;
  /** Is called with what is configured and not scanned, where there is any. */
  readonly onLeftOut: (skipped: Skipped, runId: string) => void;
  /** Is called with a failure after which the work goes on, and with what it means. */
  readonly onError: (error: Error, meaning: string) => void;
}

/** What is to be scanned: with all Regions one target an account, whose Region is `ALL_REGIONS`. */
export interface ScheduledTargets extends FoundTargets {
  /** Why the accounts of the organization are missing; null: they are not. */
  readonly unread: CloudError | null;
}

/** Finds every target of the configuration. Those of the own account and of the accounts that are listed need no organization. */
export async function scheduledTargets(work: ScheduleWork, ownAccount: string): Promise<ScheduledTargets> {
  const { config, cloudOf, organization } = work;
  const { members, regions: named, homeRegion } = config;
  const regions = named ?? [ALL_REGIONS];
  const accounts = [ownAccount, ...(members?.accounts ?? [])];
  const units = members?.organization ? members.units : null;
  const find = (someUnits: readonly string[] | null) =>
    findTargets({ accounts, units: someUnits, regions }, { cloudOf, organization, homeRegion });
  try {
    return { ...(await find(units)), unread: null };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { ...(await find(null)), unread: error };
  }
}

/** What came of a request for scans. */
export interface Requested {
  readonly requested: readonly Target[];
  /** Those that cannot be requested, and are reported as FAILED. */
  readonly scans: readonly ScanRun[];
}

/** Requests a scan of each target, under one run id. Where the Regions of an account cannot be listed, its scans have failed. */
export async function requestScheduled(found: FoundTargets, runId: string, work: ScheduleWork): Promise<Requested> {
  const { targets, failed, skipped } = found;
  if (skipped.accounts.length > 0 || skipped.regions.length > 0) work.onLeftOut(skipped, runId);
  await requestScans(
    targets.map((target) => wholeScan(target, runId)),
    work.bus,
  );
  const scans = failed.map(({ target, failure }) => failedScan(target, failure));
  for (const run of scans) {
    await sendCompleted(runId, run, work.bus);
    work.onScan(run, wholeScan(run.report, runId));
  }
  return { requested: targets, scans };
}

/**
 * Requests a scan of each Region that an account has enabled, and forgets what was found in the others. Where the Regions cannot be
 * listed, the scans of those that are known have failed: all of them would keep what they showed before.
 * @throws CloudError where another try may list them
 */
export async function requestRegions(
  {
    account,
    runId,
    isLastAttempt,
  }: { readonly account: string; readonly runId: string; readonly isLastAttempt: boolean },
  work: ScheduleWork,
): Promise<Requested & { readonly failure: CloudError | null }> {
  const { config, cloudOf, organization, scans } = work;
  const choice = { accounts: [account], units: null, regions: null };
  const found = await findTargets(choice, { cloudOf, organization, homeRegion: config.homeRegion });
  const [first] = found.failed;
  if (!first) {
    await forgetOthers(found.targets, account, work);
    return { ...(await requestScheduled(found, runId, work)), failure: null };
  }
  const { target, failure } = first;
  if (failure.isTransient && !isLastAttempt) throw failure;
  const states = await scans.states({ matches: false, account }).catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error;
    work.onError(error, `only ${target.region} is reported as FAILED, and not each known Region of account ${account}`);
    return new Map<string, ScanState>();
  });
  const known = new Set([targetKey(target), ...states.keys()]);
  const failed = [...known].map((key) => ({ target: targetOfKey(key), failure }));
  const reported = await requestScheduled({ ...found, failed }, runId, work);
  return { ...reported, failure: failure.isTransient ? failure : null };
}

/**
 * Requests a scan of a target and of the same Region of every other account, where that one has enabled it.
 * @throws CloudError where another try may list them
 */
export async function requestEverywhere(
  target: Target,
  { runId, isLastAttempt }: { readonly runId: string; readonly isLastAttempt: boolean },
  work: ScheduleWork,
): Promise<Requested> {
  const { region } = target;
  const { account } = await ownAccount(work);
  const { targets, unread } = await scheduledTargets(work, account);
  if (unread?.isTransient && !isLastAttempt) throw unread;
  if (unread)
    work.onError(unread, 'accounts of the organization that use this key are not scanned before the next schedule');
  const accounts = new Set([target.account, ...targets.map((each) => each.account)]);
  const all = [...accounts].map((each) => ({ ...target, account: each }));
  // Which accounts have enabled it is known from their scans.
  const known = work.config.regions || !isOptInRegion(region) ? null : await work.scans.states({ matches: false });
  const requested = all.filter((each) => each.account === target.account || !known || known.has(targetKey(each)));
  const requests = requested.map((each) => wholeScan(each, runId));
  await requestScans(requests, work.bus);
  return { requested, scans: [] };
}

/**
 * Forgets what scans found in targets that are no longer there, such as those of an account that has left the organization: it would
 * count in every total for ever. Where the configuration names all targets, no other one counts in any case.
 */
export async function forgetGone({ targets, unread }: ScheduledTargets, work: ScheduleWork): Promise<void> {
  const { regions, members } = work.config;
  if (unread || (regions && !members?.organization)) return;
  await forgetOthers(targets, undefined, work);
}

/** @param account the only one whose targets are forgotten; undefined: those of all are */
async function forgetOthers(
  targets: readonly Target[],
  account: string | undefined,
  { scans, onError }: ScheduleWork,
): Promise<void> {
  const there = new Set(targets.map(targetKey));
  const isGone = (target: Target) =>
    !there.has(targetKey(target)) && !there.has(targetKey({ ...target, region: ALL_REGIONS }));
  try {
    const states = await scans.states({ matches: false, ...(account !== undefined && { account }) });
    const gone = [...states.keys()].map(targetOfKey).filter(isGone);
    await pMap(gone, (target) => scans.forget(target), { concurrency: CONCURRENT_TARGETS });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    onError(error, 'what was found in accounts and Regions that are gone still counts, until the next schedule');
  }
}

function failedScan(target: Target, { code, message }: CloudError): ScanRun {
  const report = { ...target, status: 'FAILED', error: { code, message }, stores: 0, apiCalls: {} } as const;
  return { report, counts: EMPTY_SUMMARY, goesOn: false, config: null };
}
