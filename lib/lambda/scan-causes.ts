import type { CloudOf, EventBus } from '../app/ports.ts';
import { requestScans, runScan, type ScanRequest, type ScanRun } from '../app/scan-run.ts';
import type { FunctionConfig } from '../config.ts';
import { EMPTY_SUMMARY } from '../domain/finding.ts';
import { asError } from '../errors.ts';
import type { ScanCause } from './events.ts';
import { whyForeign } from './foreign.ts';
import type { Result } from './records.ts';

export interface ScanWork {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly now: Date;
  /** Names a run that begins now. */
  readonly newRunId: () => string;
  readonly isTimeUp: () => boolean;
  readonly onIgnored: (because: string, cause: ScanCause) => void;
  readonly onScan: (run: ScanRun, request: ScanRequest) => void;
}

/** Does what a batch of causes asks for; those that ask for the same scan get one. */
export async function scanForCauses(causes: readonly ScanCause[], work: ScanWork): Promise<Result[]> {
  const done = new Map<string, Promise<Result>>();
  const once = (name: string, act: () => Promise<void>): Promise<Result> => {
    const result = done.get(name) ?? act().then(() => undefined, asError);
    done.set(name, result);
    return result;
  };
  const runOf = runsThatBegin(causes, work.newRunId);
  return Promise.all(
    causes.map(async (cause) => {
      const ignore = (because: string): undefined => void work.onIgnored(because, cause);
      if (cause.kind === 'IGNORED') return ignore(cause.because);
      if (cause.kind === 'SCHEDULE') return once('schedule', () => scanEverywhere(work));
      try {
        const because = await whyForeign(cause, work);
        if (because) return ignore(because);
      } catch (error) {
        return asError(error);
      }
      const request = cause.kind === 'REQUEST' ? cause : runOf(cause.region);
      return once(`${request.region} ${request.runId} ${request.nextToken ?? ''}`, () => scanOne(request, work));
    }),
  );
}

/** By Region, the run that a changed key is part of: one that begins in the batch all the same, or one for all of them. */
function runsThatBegin(causes: readonly ScanCause[], newRunId: () => string): (region: string) => ScanRequest {
  const begun = new Map<string, ScanRequest>();
  for (const cause of causes) {
    if (cause.kind === 'REQUEST' && cause.nextToken === null && !begun.has(cause.region))
      begun.set(cause.region, cause);
  }
  return (region) => {
    const run = begun.get(region) ?? { runId: newRunId(), region, nextToken: null, counts: EMPTY_SUMMARY };
    begun.set(region, run);
    return run;
  };
}

/** One Region is scanned here and now; several each get a message of their own. */
async function scanEverywhere(work: ScanWork): Promise<void> {
  const { regions, homeRegion } = work.config;
  const [only] = regions;
  const runId = work.newRunId();
  if (only !== undefined && regions.length === 1) {
    return scanOne({ runId, region: only, nextToken: null, counts: EMPTY_SUMMARY }, work);
  }
  const { account } = await work.cloudOf(homeRegion).caller();
  await requestScans(regions, account, runId, work.bus);
}

async function scanOne(request: ScanRequest, work: ScanWork): Promise<void> {
  const { now, isTimeUp, config } = work;
  const options = { now, isTimeUp, queryResults: config.queryResults };
  work.onScan(await runScan(request, work.cloudOf(request.region), work.bus, options), request);
}
