import pMap from 'p-map';
import { type Resolution, storeGone } from '../../domain/evaluation.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { type ChangeStep, failed, type Outcome, skipped } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import { CloudError, JournalError } from '../../errors.ts';
import { CONCURRENT_CHANGES } from '../../pacing.ts';
import { denialExplainer, type ExplainDenial } from '../key/explain-denial.ts';
import type { Cloud, LogStores } from '../ports.ts';
import { CalledOff, whileDue } from './called-off.ts';
import { freshResolutions, type Resolver } from './fresh-resolutions.ts';
import { type ChangeRun, journalled, type Made } from './journalled.ts';

export interface ChangeOptions extends ChangeRun {
  /** What the change is made under; a refusal by the cloud is explained under the same. */
  readonly rules: Rules;
  /** Called with each outcome as soon as it is known. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Called right before each request that changes a log store. What it throws ends the work. */
  readonly onRequest?: (store: LogStore) => void;
  /** Ends the work after the changes that are under way; what was not tried is SKIPPED. */
  readonly signal?: Pick<AbortSignal, 'aborted'>;
}

/** How the items of a run are changed. */
export interface Work<T> extends Resolver<T> {
  /** The outcome of an item that an interruption came before. Absent: the work is never interrupted. */
  untried?(item: T): Outcome;
  /** The outcome of a change that is not made, since its INTENT cannot be written. Absent: that ends the work. */
  unjournalled?(step: ChangeStep, error: JournalError): Outcome;
}

/**
 * Resolves and changes item after item, a few changes at a time. A log store is read at most two seconds before each request
 * that changes it, or right before it. One store that fails never stops the others; if anything but a `CloudError` is thrown,
 * the changes under way are completed and no more are begun.
 */
export async function executeSteps<T>(
  items: readonly T[],
  { untried, unjournalled, ...resolver }: Work<T>,
  cloud: Cloud,
  options: ChangeOptions,
): Promise<Outcome[]> {
  const explain = denialExplainer(cloud, options);
  const fresh = freshResolutions(items, resolver, options.clock);
  const settle = async (item: T, index: number): Promise<Outcome> => {
    if (options.signal?.aborted && untried) return untried(item);
    const resolution = await fresh.of(index);
    if (resolution.kind === 'SETTLED') return resolution.outcome;
    if (options.signal?.aborted) return skipped(resolution.step);
    const { step } = resolution;
    try {
      return await executeStep(step, cloud.logStores, options, explain, () => fresh.of(index));
    } catch (error) {
      if (unjournalled && error instanceof JournalError) return unjournalled(step, error);
      throw error;
    }
  };
  return inParallel(items, async (item, index) => {
    const outcome = await settle(item, index);
    fresh.leave(index);
    options.onOutcome(outcome);
    return outcome;
  });
}

/** Begins no more after something was thrown. @throws the first thing that was thrown, once no change is under way any more */
async function inParallel<T>(
  items: readonly T[],
  change: (item: T, index: number) => Promise<Outcome>,
): Promise<Outcome[]> {
  const thrown: unknown[] = [];
  const changeUnlessThrown = async (item: T, index: number): Promise<Outcome[]> => {
    if (thrown.length > 0) return [];
    try {
      return [await change(item, index)];
    } catch (error) {
      thrown.push(error);
      return [];
    }
  };
  const outcomes = await pMap(items, changeUnlessThrown, { concurrency: CONCURRENT_CHANGES });
  if (thrown.length > 0) throw thrown[0];
  return outcomes.flat();
}

/**
 * Makes one change, and sends no request for it any more once it is not due. What the cloud refuses for good is REFUSED, with
 * its words kept; what may work another time is FAILED.
 * @param again resolves the step once more, unless its log store was read in the last two seconds
 * @throws JournalError when the journal cannot be written: nothing was changed unless the INTENT is there
 */
export async function executeStep(
  step: ChangeStep,
  logStores: LogStores,
  run: ChangeRun & Pick<ChangeOptions, 'onRequest'>,
  explain: ExplainDenial,
  again: () => Promise<Resolution>,
): Promise<Outcome> {
  const { store, fromKeyArn: from, toKeyArn: to } = step;
  const whenDue = whileDue(step, again);
  let requests = 0;
  const beforeRequest = async () => {
    await whenDue();
    requests++;
    run.onRequest?.(store);
  };
  return journalled({ change: 'KEY', store, from, to }, run, async () => {
    try {
      if (step.action === 'SEAL') await logStores.seal(store, step.toKeyArn, step.irreversible === true, beforeRequest);
      else await logStores.unseal(store, beforeRequest);
      return { result: done(step), phase: 'DONE', error: null };
    } catch (error) {
      if (error instanceof CalledOff) {
        return { result: error.outcome, phase: error.wasSent ? 'NOT_KNOWN' : 'FAILED', error: error.message };
      }
      if (!(error instanceof CloudError)) throw error;
      return { ...(await afterFailure(error, step, logStores, explain, requests > 1)), error: error.message };
    }
  });
}

function done(step: ChangeStep): Outcome {
  return { ...step, outcome: step.action === 'SEAL' ? 'SEALED' : 'UNSEALED', error: null };
}

/** What became of a change that was not answered as made. */
async function afterFailure(
  error: CloudError,
  step: ChangeStep,
  logStores: LogStores,
  explain: ExplainDenial,
  wasRepeated: boolean,
): Promise<Omit<Made<Outcome>, 'error'>> {
  const refusal = await refusalOf(error, step, explain);
  const refused =
    refusal && ({ result: { ...step, refusal, outcome: 'REFUSED', error: null }, phase: 'FAILED' } as const);
  // What is refused now may have been carried out before, where the answer to that was lost and the key was disabled meanwhile.
  if (refused && !wasRepeated) return refused;
  const result = failed(step, error);
  if (!refused && !error.isTransient) return { result, phase: 'FAILED' };
  // The answer to one of the attempts may have been lost, whatever the last one got: the key that is attached now shows it.
  const [now] = await logStores.read([step.store]).catch((unread: unknown) => {
    if (unread instanceof CloudError) return [];
    throw unread;
  });
  if (now?.status === 'GONE') return refused ?? { result, phase: 'FAILED' };
  if (refused && now?.status === 'FOUND' && now.found.keyArn !== step.toKeyArn) return refused;
  // A change that does not show yet may still take effect.
  if (now?.status !== 'FOUND' || now.found.keyArn !== step.toKeyArn) return { result, phase: 'NOT_KNOWN' };
  return { result: done(step), phase: 'DONE' };
}

/** What the cloud will answer again, however often it is asked. */
async function refusalOf(error: CloudError, step: ChangeStep, explain: ExplainDenial): Promise<Refusal | null> {
  switch (error.code) {
    case 'NOT_FOUND':
      return storeGone(step.store);
    case 'ACCESS_DENIED':
    case 'INVALID_REQUEST':
      return explain(step, error);
    default:
      return null;
  }
}
