import pMap from 'p-map';
import { type Resolution, refusedChange, settled } from '../../domain/evaluation.ts';
import { flapping, keyLosses, type UndoRule } from '../../domain/flapping.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { type ChangeStep, failed, refusedStep, type Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { JournalError, UsageError } from '../../errors.ts';
import { CONCURRENT_JOURNAL_READS } from '../../pacing.ts';
import type { StoreJournal } from '../ports.ts';
import { journalFailure } from './journal-failure.ts';

/** Names who changed the key of a log store last; null: not known. */
export type ChangedBy = (store: LogStore) => string | null;

/** Why a change is refused because somebody keeps removing the key; null: it is not. @throws what the journal throws */
export type FlappingCheck = (step: ChangeStep, now: Date) => Promise<Refusal | null>;

/** What a journal has of a log store. */
export type EntriesOf = StoreJournal['ofStore'];

/** Asks the journal once for each log store, however often its change is resolved. */
export function askedOnce(journal: Pick<StoreJournal, 'ofStore'>): EntriesOf {
  const answers = new Map<string, ReturnType<EntriesOf>>();
  return (store) => {
    const answer = answers.get(store.arn) ?? journal.ofStore(store);
    answers.set(store.arn, answer);
    return answer;
  };
}

/** Counts from what a journal has of a log store. */
export function flappingCheck(entriesOf: EntriesOf, undo: UndoRule, changedBy: ChangedBy = () => null): FlappingCheck {
  return async (step, now) => {
    const { store, fromKeyArn } = step;
    return flapping(step, keyLosses(await entriesOf(store), fromKeyArn, now, undo), changedBy(store));
  };
}

/**
 * Refuses each change of a log store that is flapping. The journal is asked for each store that would be changed, and for no
 * other. Where it cannot be read, the store is FAILED: it may be one of those.
 */
export async function refuseFlapping(
  resolutions: readonly Resolution[],
  check: FlappingCheck,
  now: Date,
): Promise<Resolution[]> {
  const checked = async (resolution: Resolution): Promise<Resolution> => {
    if (resolution.kind === 'SETTLED') return resolution;
    const { step } = resolution;
    try {
      const refusal = await check(step, now);
      return refusal ? refusedChange(resolution, refusal) : resolution;
    } catch (error) {
      if (!(error instanceof JournalError || error instanceof UsageError)) throw error;
      return settled(failed(step, journalFailure(error)));
    }
  };
  return pMap(resolutions, checked, { concurrency: CONCURRENT_JOURNAL_READS });
}

/** Refuses the same changes in a plan. @throws what the check throws */
export async function refuseFlappingSteps(steps: readonly Step[], check: FlappingCheck, now: Date): Promise<Step[]> {
  const checked = async (step: Step): Promise<Step> => {
    if (step.action === 'NONE') return step;
    const refusal = await check(step, now);
    return refusal ? refusedStep(step, refusal) : step;
  };
  return pMap(steps, checked, { concurrency: CONCURRENT_JOURNAL_READS });
}
