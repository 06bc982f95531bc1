import type { CloudOf, EventBus } from '../app/ports.ts';
import { requestScans, runScan, type ScanRequest, type ScanRun } from '../app/scan/scan-run.ts';
import type { FunctionConfig } from '../config.ts';
import { EMPTY_SUMMARY } from '../domain/finding.ts';
import { asError } from '../errors.ts';
import type { Result } from './sqs-batch.ts';
import { whyForeign } from './target-guard.ts';
import type { ScanTrigger } from './triggers.ts';

export interface ScanWork {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly now: Date;
  /** Names a run that begins now. */
  readonly newRunId: () => string;
  readonly isTimeUp: () => boolean;
  readonly onIgnored: (because: string, trigger: ScanTrigger) => void;
  readonly onScan: (run: ScanRun, request: ScanRequest) => void;
}

/** Does what a batch of causes asks for; those that ask for the same scan get one. */
export async function scanForTriggers(triggers: readonly ScanTrigger[], work: ScanWork): Promise<Result[]> {
  const done = new Map<string, Promise<Result>>();
  const once = (name: string, act: () => Promise<void>): Promise<Result> => {
    const result = done.get(name) ?? act().then(() => undefined, asError);
    done.set(name, result);
    return result;
  };
  const runOf = runsThatBegin(triggers, work.newRunId);
  return Promise.all(
    triggers.map(async (trigger) => {
      const ignore = (because: string): undefined => void work.onIgnored(because, trigger);
      if (trigger.kind === 'IGNORED') return ignore(trigger.because);
      if (trigger.kind === 'SCHEDULE') return once('schedule', () => scanEverywhere(work));
      try {
        const because = await whyForeign(trigger, work);
        if (because) return ignore(because);
      } catch (error) {
        return asError(error);
      }
      const request = trigger.kind === 'REQUEST' ? trigger : runOf(trigger.region);
      return once(`${request.region} ${request.runId} ${request.nextToken ?? ''}`, () => scanOne(request, work));
    }),
  );
}

/** By Region, the run that a changed key is part of: one that begins in the batch all the same, or one for all of them. */
function runsThatBegin(triggers: readonly ScanTrigger[], newRunId: () => string): (region: string) => ScanRequest {
  const begun = new Map<string, ScanRequest>();
  for (const trigger of triggers) {
    if (trigger.kind === 'REQUEST' && trigger.nextToken === null && !begun.has(trigger.region))
      begun.set(trigger.region, trigger);
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
