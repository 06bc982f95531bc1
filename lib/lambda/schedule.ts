import pMap from 'p-map';
import { type FoundTargets, findTargets, type Skipped } from '../app/find-targets.ts';
import type { CloudOf, EventBus, Organization, ScanTable } from '../app/ports.ts';
import { requestScans, type ScanRequest, type ScanRun, sendCompleted, wholeScan } from '../app/scan/scan-run.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { EMPTY_SUMMARY } from '../domain/summary.ts';
import { type Target, targetKey, targetOfKey } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { CONCURRENT_TARGETS } from '../pacing.ts';

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

/** What is to be scanned. */
export interface ScheduledTargets extends FoundTargets {
  /** Why the accounts of the organization are missing; null: they are not. */
  readonly unread: CloudError | null;
}

/** Finds every target of the configuration. Those of the own account and of the accounts that are listed need no organization. */
export async function scheduledTargets(work: ScheduleWork, ownAccount: string): Promise<ScheduledTargets> {
  const { config, cloudOf, organization } = work;
  const { members, regions, homeRegion } = config;
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

/**
 * Requests a scan of each target, under one run id. An account whose Regions cannot be listed is reported as a scan that failed.
 * @returns the targets that were requested, and those scans
 */
export async function requestScheduled(found: ScheduledTargets, runId: string, work: ScheduleWork) {
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
 * Forgets what scans found in targets that are no longer there, such as those of an account that has left the organization: it would
 * count in every total for ever. Where the configuration names all targets, no other one counts in any case.
 */
export async function forgetGone({ targets, failed, unread }: ScheduledTargets, work: ScheduleWork): Promise<void> {
  const { regions, members } = work.config;
  if (unread || (regions && !members?.organization)) return;
  const known = new Set(targets.map(targetKey));
  const unlisted = new Set(failed.map(({ target }) => target.account));
  try {
    const states = await work.scans.states({ matches: false });
    const gone = [...states.keys()].filter((key) => !known.has(key) && !unlisted.has(targetOfKey(key).account));
    await pMap(gone, (key) => work.scans.forget(targetOfKey(key)), { concurrency: CONCURRENT_TARGETS });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    work.onError(error, 'what was found in accounts and Regions that are gone still counts, until the next schedule');
  }
}

function failedScan(target: Target, { code, message }: CloudError): ScanRun {
  const report = { ...target, status: 'FAILED', error: { code, message }, stores: 0, apiCalls: {} } as const;
  return { report, counts: EMPTY_SUMMARY, goesOn: false, config: null };
}
