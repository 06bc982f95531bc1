import { untrustedKey } from '../../domain/earlier-key.ts';
import {
  isFirstConfiguration,
  preflight,
  type Resolution,
  retryError,
  settled,
  storeChanged,
  storeGone,
} from '../../domain/evaluation.ts';
import type { Failure } from '../../domain/failure.ts';
import { unreadable } from '../../domain/finding.ts';
import type { KeyEntry } from '../../domain/journal.ts';
import type { LogStore, StoreReading } from '../../domain/log-store.ts';
import { type ChangeStep, failed, leftAsItIs, type Outcome, type Step, skipped } from '../../domain/plan-step.ts';
import { isPermanent, problem, type Refusal } from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { CloudError } from '../../errors.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { chunksOf } from './chunks-of.ts';
import { type ChangeOptions, executeSteps } from './execute-steps.ts';
import { readAfterRun } from './read-after-run.ts';

/** A change to take back. */
interface Undoable {
  readonly change: KeyEntry;
  /** What later runs changed of the same log store. */
  readonly later: readonly KeyEntry[];
}

/** A change to take back, and what that would do. */
export interface PlannedUndo extends Undoable {
  readonly step: Step;
}

export interface UndoOptions {
  /** What later runs changed of the log store of a change. Default: nothing. */
  readonly later?: (change: KeyEntry) => readonly KeyEntry[];
  /**
   * The changes are those of the run that takes them back. Each is sent back even where its log store shows the earlier key: AWS
   * may not show a change at once, and to send it back twice does no harm.
   */
  readonly isOwnRun?: boolean;
  /** The accounts, besides that of a log store itself, whose keys it may get back. Default: none. */
  readonly keyAccounts?: readonly string[];
}

/**
 * What taking changes of one target back would do to each log store, as it is now; where that cannot be read, as the
 * journal has it. Changes nothing.
 */
export async function planUndo(
  changes: readonly KeyEntry[],
  cloud: Cloud,
  rules: Rules,
  { later = () => [], isOwnRun = false, keyAccounts = [] }: UndoOptions = {},
): Promise<PlannedUndo[]> {
  const [first] = changes;
  if (!first) return [];
  const earlier = earlierKeys(keyCache(first.store, cloud.keys, undoRules(rules)), keyAccounts);
  const planned: PlannedUndo[] = [];
  for (const chunk of chunksOf(changes.map((change) => ({ change, later: later(change) })))) {
    for (const { resolution, ...undoable } of await resolveChunk(chunk, cloud, earlier, isOwnRun)) {
      planned.push({ ...undoable, step: stepIn(resolution) });
    }
  }
  return planned;
}

/**
 * Takes changes of one target back, as planned: each log store gets the key that it had, or none. A store that somebody else
 * changed since is left as it is, and so is one whose earlier key cannot be used any more. Reads what it changed once more at
 * the end.
 */
export async function undoChanges(
  planned: readonly PlannedUndo[],
  cloud: Cloud,
  options: ChangeOptions & Omit<UndoOptions, 'later'>,
): Promise<Outcome[]> {
  const [first] = planned;
  if (!first) return [];
  const rules = undoRules({ ...options.rules, now: options.clock() });
  const earlier = earlierKeys(keyCache(first.change.store, cloud.keys, rules), options.keyAccounts ?? []);
  const resolve = async (some: readonly Undoable[]): Promise<Resolution[]> => {
    const resolved = await resolveChunk(some, cloud, earlier, options.isOwnRun ?? false);
    return resolved.map(({ resolution }) => resolution);
  };
  const untried = ({ change }: Undoable): Outcome => skipped(changeBack(change, change.to));
  const open = planned.filter(({ step }) => step.action !== 'NONE');
  const left = planned.flatMap(({ step }) => (step.action === 'NONE' ? [leftAsItIs(step)] : []));
  left.forEach(options.onOutcome);
  const outcomes = await executeSteps(
    open,
    { storeOf: ({ change }) => change.store, resolve, untried },
    cloud,
    options,
  );
  return [...left, ...(await readAfterRun(outcomes, cloud.logStores, options.signal))];
}

/** A log store that gets its key back was under that key before, so a service key is acceptable. */
function undoRules(rules: Rules): Rules {
  return { ...rules, acceptsServiceKey: true };
}

/** Why the earlier key of a log store cannot be attached again, with the error where another try may succeed; null: it can. */
type EarlierKeys = (
  key: string,
  store: LogStore,
) => Promise<{ readonly refusal: Refusal; readonly error: Failure | null } | null>;

function earlierKeys(keys: KeyCache, keyAccounts: readonly string[]): EarlierKeys {
  return async (key, store) => {
    const untrusted = untrustedKey(key, store, keyAccounts);
    if (untrusted) return { refusal: untrusted, error: null };
    const earlier = await keys.earlier(key);
    const refusal = preflight(earlier, store);
    return refusal && { refusal: ofEarlierKey(refusal), error: retryError(refusal, earlier) };
  };
}

interface Resolved extends Undoable {
  readonly resolution: Resolution;
}

async function resolveChunk(
  undoables: readonly Undoable[],
  cloud: Cloud,
  earlierKey: EarlierKeys,
  isOwnRun: boolean,
): Promise<Resolved[]> {
  let readings: readonly StoreReading[];
  try {
    readings = await cloud.logStores.read(undoables.map(({ change: { store } }) => store));
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return undoables.map(({ change, later }) => ({
      change,
      later,
      resolution: settled(failed(changeBack(change, change.to), error)),
    }));
  }
  return Promise.all(
    undoables.map(async ({ change, later }, index) => {
      const reading = readings[index] ?? { status: 'GONE', store: change.store };
      return { change, later, resolution: await resolveOne({ change, later }, reading, earlierKey, isOwnRun) };
    }),
  );
}

async function resolveOne(
  { change, later }: Undoable,
  reading: StoreReading,
  earlierKey: EarlierKeys,
  isOwnRun: boolean,
): Promise<Resolution> {
  const { store, from, to } = change;
  const leave = (keyArn: string | null, refusal: Refusal | null): Resolution =>
    settled(leftAsItIs({ ...changeBack(change, keyArn), action: 'NONE', refusal }));
  switch (reading.status) {
    case 'GONE':
      return leave(null, storeGone(store));
    case 'UNREADABLE': {
      const { failure } = reading;
      if (failure.isTransient) return settled(failed(changeBack(change, to), failure));
      return leave(to, unreadable(store, failure));
    }
    case 'FOUND': {
      const found = isOwnRun && reading.found.keyArn === from ? { ...reading.found, keyArn: to } : reading.found;
      if (found.keyArn === from) return leave(found.keyArn, null);
      if (found.keyArn !== to) {
        const by = later.findLast((each) => each.to === found.keyArn);
        const fix = by ? `run ${by.runId} of logseal has changed it since: take that back first` : SINCE;
        return leave(found.keyArn, storeChanged(store, to, found.keyArn, `after run ${change.runId}`, fix));
      }
      const step = { ...changeBack(change, found.keyArn), ...laterRunsOf(later, to) };
      if (from === null) return { kind: 'CHANGE', step };
      const { neverConfigured } = kindOf(store);
      if (neverConfigured && isFirstConfiguration(found)) return leave(found.keyArn, neverConfigured);
      const unusable = await earlierKey(from, store);
      if (!unusable) return { kind: 'CHANGE', step };
      if (unusable.error) return settled(failed(step, unusable.error));
      return leave(found.keyArn, unusable.refusal);
    }
  }
}

/** Of a change that was begun and perhaps not made, the current key tells whether it was. */
function laterRunsOf(later: readonly KeyEntry[], keyArn: string | null): Pick<Step, 'laterRuns'> {
  const made = later.filter(({ phase, to }) => phase === 'DONE' || to === keyArn);
  return made.length === 0 ? {} : { laterRuns: [...new Set(made.map(({ runId }) => runId))] };
}

/** The step of a resolution, for a plan: what could not be read now is planned as the journal has it. */
function stepIn(resolution: Resolution): Step {
  if (resolution.kind === 'CHANGE') return resolution.step;
  const { outcome: _outcome, error: _error, ...step } = resolution.outcome;
  return step as Step;
}

function ofEarlierKey({ code, message, fix, missingRight }: Refusal): Refusal {
  const what = `its earlier key cannot be used any more: ${message}`;
  if (isPermanent(code)) return problem(code, what, 'nothing to do: it stays under the key that it has');
  return problem(
    code,
    what,
    code === 'KEY_CREATING' ? 'wait until its KeyState is Enabled, then undo again' : fix,
    missingRight,
  );
}

const SINCE = 'nothing to do: somebody else has changed it since, and that is left as it is';

function changeBack({ store, from }: KeyEntry, fromKeyArn: string | null): ChangeStep {
  const facts = { store, fromKeyArn, refusal: null, warnings: [] };
  return from === null ? { ...facts, action: 'UNSEAL', toKeyArn: null } : { ...facts, action: 'SEAL', toKeyArn: from };
}
