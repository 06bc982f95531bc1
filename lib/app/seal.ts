import pMap from 'p-map';
import type { LogStore } from '../domain/log-store.ts';
import type { Outcome, Step } from '../domain/plan.ts';
import type { Refusal } from '../domain/reason.ts';
import { CloudError } from '../errors.ts';
import { storeGone } from './decide.ts';
import type { Journal, JournalEntry, LogStores } from './ports.ts';

/** In whose name changes are made, and where they are written down. */
export interface ChangeRun {
  readonly runId: string;
  /** ARN of the caller. */
  readonly actor: string;
  readonly journal: Journal;
  readonly clock: () => Date;
}

/** Enough to reach AssociateKmsKey's 5 requests/s at 600 ms a call; the SDK's adaptive retry keeps below it. */
const CONCURRENT_CHANGES = 3;

/**
 * Makes changes a few at a time, and ends only when none is under way any more.
 * @throws the first thing that was thrown
 */
export async function changeAll<T>(items: readonly T[], change: (item: T) => Promise<Outcome>): Promise<Outcome[]> {
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
export async function carryOut(step: Step, logStores: LogStores, run: ChangeRun): Promise<Outcome> {
  const { store, toKeyArn } = step;
  if (step.refusal || step.action !== 'SEAL' || toKeyArn === null) {
    return { ...step, outcome: step.refusal ? 'REFUSED' : 'UNCHANGED', error: null };
  }
  const write = (phase: JournalEntry['phase'], error: string | null) =>
    run.journal.append(entryOf(step, run, phase, error));
  await write('INTENT', null);
  try {
    await logStores.seal(store, toKeyArn);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const result = await afterFailure(error, step, logStores);
    if (result.isMarked) await write(result.outcome.outcome === 'SEALED' ? 'DONE' : 'FAILED', error.message);
    return result.outcome;
  }
  await write('DONE', null);
  return { ...step, outcome: 'SEALED', error: null };
}

function entryOf(
  { store, fromKeyArn, toKeyArn }: Step,
  run: ChangeRun,
  phase: JournalEntry['phase'],
  error: string | null,
): JournalEntry {
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
  logStores: LogStores,
): Promise<{ outcome: Outcome; isMarked: boolean }> {
  const refusal = refusalOf(error, step.store);
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
  if (now?.keyArn !== step.toKeyArn) return { outcome: failed, isMarked: true };
  return { outcome: { ...step, outcome: 'SEALED', error: null }, isMarked: true };
}

/** What the cloud will answer again, however often it is asked. */
function refusalOf({ code, message }: CloudError, store: LogStore): Refusal | null {
  switch (code) {
    case 'NOT_FOUND':
      return storeGone(store);
    case 'ACCESS_DENIED': {
      const [, right] = /not authorized to perform: (\S+)/.exec(message) ?? [];
      if (right && /explicit deny/.test(message)) {
        return {
          code: 'CALLER_MISSING_RIGHTS',
          message,
          cure: 'have the Deny that is named spare the caller: no Allow outweighs it',
        };
      }
      if (right) {
        return { code: 'CALLER_MISSING_RIGHTS', message, cure: `allow the caller ${right}` };
      }
      return {
        code: 'ACCESS_DENIED',
        message,
        cure: 'look for a grant, a service control policy or a change of the key policy that is minutes old, and at the rights of the caller on the key (kms:DescribeKey, kms:Encrypt)',
      };
    }
    case 'INVALID_REQUEST':
      return { code: 'ACCESS_DENIED', message, cure: 'plan again: the key or the log group may have changed since' };
    default:
      return null;
  }
}
