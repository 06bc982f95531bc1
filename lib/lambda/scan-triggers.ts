import type { CloudOf, EventBus } from '../app/ports.ts';
import { requestScans, runScan, type ScanRequest, type ScanRun } from '../app/scan/scan-run.ts';
import type { FunctionConfig } from '../config.ts';
import { EMPTY_SUMMARY } from '../domain/finding.ts';
import { type Target, targetKey } from '../domain/target.ts';
import { asError } from '../errors.ts';
import type { Result } from './sqs-batch.ts';
import { ownAccount, whyForeign } from './target-guard.ts';
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
        const because = await whyForeign(trigger.kind === 'REQUEST' ? trigger.request.target : trigger.target, work);
        if (because) return ignore(because);
      } catch (error) {
        return asError(error);
      }
      const request = trigger.kind === 'REQUEST' ? trigger.request : runOf(trigger.target);
      const name = `${targetKey(request.target)} ${request.runId} ${request.nextToken ?? ''}`;
      return once(name, () => scanOne(request, work));
    }),
  );
}

/** For each target the scan that a changed key asks for: one that the batch begins anyway, or one for all its keys. */
function runsThatBegin(triggers: readonly ScanTrigger[], newRunId: () => string): (target: Target) => ScanRequest {
  const begun = new Map<string, ScanRequest>();
  for (const trigger of triggers) {
    if (trigger.kind !== 'REQUEST' || trigger.request.nextToken !== null) continue;
    const key = targetKey(trigger.request.target);
    if (!begun.has(key)) begun.set(key, trigger.request);
  }
  return (target) => {
    const key = targetKey(target);
    const run = begun.get(key) ?? { runId: newRunId(), target, nextToken: null, counts: EMPTY_SUMMARY };
    begun.set(key, run);
    return run;
  };
}

function inAccount(account: string, region: string): Target {
  return { provider: 'aws', account, region };
}

/** One target is scanned here and now; several each get a message of their own. */
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
  const options = { now, isTimeUp, queryResults: config.queryResults };
  work.onScan(await runScan(request, work.cloudOf(request.target), work.bus, options), request);
}
