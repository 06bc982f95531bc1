import pMap from 'p-map';
import type { KeyEntry } from '../../domain/journal.ts';
import type { Outcome, Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import { CONCURRENT_CHANGES, STORES_PER_READ } from '../../pacing.ts';
import { denialExplainer, type ExplainDenial } from '../key/explain-denial.ts';
import type { Cloud, Journal, LogStores } from '../ports.ts';
import { type Decided, leftAsItIs, storeGone, undecided } from './evaluate-stores.ts';

/** In whose name changes are made, and where they are written down. */
export interface ChangeRun {
  readonly runId: string;
  /** ARN of the caller. */
  readonly actor: string;
  readonly journal: Journal;
  readonly clock: () => Date;
}

export interface ChangeOptions extends ChangeRun {
  /** Told of each outcome as soon as it is there. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Ends the work after the changes that are under way. */
  readonly signal?: AbortSignal;
}

/** What is read together, in its order. @param keyOf what all of a chunk have in common */
export function chunksOf<T>(items: readonly T[], keyOf: (item: T) => unknown = () => null): T[][] {
  const chunks: T[][] = [];
  for (const item of items) {
    const last = chunks.at(-1);
    if (last?.[0] && last.length < STORES_PER_READ && keyOf(last[0]) === keyOf(item)) last.push(item);
    else chunks.push([item]);
  }
  return chunks;
}

/**
 * Decides and changes, one chunk after the other, a few changes at a time. One store that fails never stops the others;
 * after something that is no outcome was thrown, what is under way is brought to its end and no more is begun.
 * @param decide reads the stores of a chunk again and says what to do with each
 */
export async function changeAll<T>(
  chunks: readonly T[],
  decide: (chunk: T) => Promise<readonly Decided[]>,
  cloud: Cloud,
  options: ChangeOptions,
): Promise<Outcome[]> {
  const explain = denialExplainer(cloud, options.clock);
  const settle = async ({ step, transientError }: Decided): Promise<Outcome> => {
    if (transientError) return undecided(step, transientError);
    const isLate = options.signal?.aborted && step.action !== 'NONE';
    return isLate ? undecided(step, INTERRUPTED) : carryOut(step, cloud.logStores, options, explain);
  };
  const outcomes: Outcome[] = [];
  for (const chunk of chunks) {
    const settled = await inParallel(await decide(chunk), async (each) => {
      const outcome = await settle(each);
      options.onOutcome(outcome);
      return outcome;
    });
    outcomes.push(...settled);
  }
  return outcomes;
}

export const INTERRUPTED = { code: 'INTERRUPTED', message: 'not tried: the run was interrupted' };

/** Ends only when none is under way any more. @throws the first thing that was thrown */
async function inParallel<T>(items: readonly T[], change: (item: T) => Promise<Outcome>): Promise<Outcome[]> {
  try {
    return await pMap(items, change, { concurrency: CONCURRENT_CHANGES, stopOnError: false });
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/**
 * Carries one step out: journal, change, journal. What the cloud refuses for good is REFUSED with its words kept; what
 * may work another time is FAILED.
 * @throws when the journal cannot be written; nothing was changed unless its INTENT is there
 */
export async function carryOut(
  step: Step,
  logStores: LogStores,
  run: ChangeRun,
  explain: ExplainDenial,
): Promise<Outcome> {
  if (step.action === 'NONE') return leftAsItIs(step);
  const done = step.action === 'SEAL' ? 'SEALED' : 'UNSEALED';
  const write = (phase: KeyEntry['phase'], error: string | null) =>
    run.journal.append(entryOf(step, run, phase, error));
  await write('INTENT', null);
  try {
    if (step.action === 'SEAL') await logStores.seal(step.store, step.toKeyArn, step.irreversible === true);
    else await logStores.unseal(step.store);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const result = await afterFailure(error, step, done, logStores, explain);
    if (result.isMarked) await write(result.outcome.outcome === done ? 'DONE' : 'FAILED', error.message);
    return result.outcome;
  }
  await write('DONE', null);
  return { ...step, outcome: done, error: null };
}

function entryOf(
  { store, fromKeyArn, toKeyArn }: Step,
  run: ChangeRun,
  phase: KeyEntry['phase'],
  error: string | null,
): KeyEntry {
  return {
    schema: 'logseal/journal/1',
    runId: run.runId,
    time: run.clock().toISOString(),
    actor: run.actor,
    store,
    change: 'KEY',
    from: fromKeyArn,
    to: toKeyArn,
    phase,
    error,
  };
}

/** `isMarked` is false where nobody knows whether the change was made: its INTENT is left without a mark, which says so. */
async function afterFailure(
  error: CloudError,
  step: Step,
  done: Outcome['outcome'],
  logStores: LogStores,
  explain: ExplainDenial,
): Promise<{ outcome: Outcome; isMarked: boolean }> {
  const refusal = await refusalOf(error, step, explain);
  if (refusal) return { outcome: { ...step, refusal, outcome: 'REFUSED', error: null }, isMarked: true };
  const failed: Outcome = { ...step, outcome: 'FAILED', error: { code: error.code, message: error.message } };
  if (error.code !== 'NETWORK' && error.code !== 'UNAVAILABLE') return { outcome: failed, isMarked: true };
  // The answer was lost, perhaps not the request: the store itself knows.
  const found = await logStores.read([step.store]).catch((unread: unknown) => {
    if (unread instanceof CloudError) return undefined;
    throw unread;
  });
  if (!found) return { outcome: failed, isMarked: false };
  const now = found.get(step.store.arn);
  if (now instanceof CloudError) return { outcome: failed, isMarked: false };
  if (!now) return { outcome: failed, isMarked: true };
  // What is not done yet may still be on its way.
  if (now.keyArn !== step.toKeyArn) return { outcome: failed, isMarked: false };
  return { outcome: { ...step, outcome: done, error: null }, isMarked: true };
}

/** What the cloud will answer again, however often it is asked. */
async function refusalOf(error: CloudError, step: Step, explain: ExplainDenial): Promise<Refusal | null> {
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
