import {
  isFirstConfiguration,
  preflight,
  type Resolution,
  retryError,
  settled,
  storeChanged,
  storeGone,
} from '../../domain/evaluation.ts';
import { unreadable } from '../../domain/finding.ts';
import type { KeyEntry } from '../../domain/journal.ts';
import { type StoreReading, storeOf } from '../../domain/log-store.ts';
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

/** A change to take back, and what that would do. */
export interface PlannedUndo {
  readonly change: KeyEntry;
  readonly step: Step;
}

/**
 * What taking changes of one target back would do to each log store, as it is now; where that cannot be read, as the
 * journal has it. Changes nothing.
 */
export async function planUndo(changes: readonly KeyEntry[], cloud: Cloud, rules: Rules): Promise<PlannedUndo[]> {
  const [first] = changes;
  if (!first) return [];
  const keys = keyCache(first.store, cloud.keys, undoRules(rules));
  const planned: PlannedUndo[] = [];
  for (const chunk of chunksOf(changes)) {
    for (const { change, resolution } of await resolveChunk(chunk, cloud, keys)) {
      planned.push({ change, step: stepIn(resolution) });
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
  options: ChangeOptions,
): Promise<Outcome[]> {
  const [first] = planned;
  if (!first) return [];
  const keys = keyCache(first.change.store, cloud.keys, undoRules({ ...options.rules, now: options.clock() }));
  const resolve = async (some: readonly KeyEntry[]): Promise<Resolution[]> => {
    const resolved = await resolveChunk(some, cloud, keys);
    return resolved.map(({ resolution }) => resolution);
  };
  const untried = (change: KeyEntry): Outcome => skipped(changeBack(change, change.to));
  const open = planned.filter(({ step }) => step.action !== 'NONE').map(({ change }) => change);
  const left = planned.flatMap(({ step }) => (step.action === 'NONE' ? [leftAsItIs(step)] : []));
  left.forEach(options.onOutcome);
  const outcomes = await executeSteps(open, { storeOf: ({ store }) => store, resolve, untried }, cloud, options);
  return [...left, ...(await readAfterRun(outcomes, cloud.logStores, options.signal))];
}

/** A log store that gets its key back was under that key before, so a service key is acceptable. */
function undoRules(rules: Rules): Rules {
  return { ...rules, acceptsServiceKey: true };
}

interface Resolved {
  readonly change: KeyEntry;
  readonly resolution: Resolution;
}

async function resolveChunk(changes: readonly KeyEntry[], cloud: Cloud, keys: KeyCache): Promise<Resolved[]> {
  let readings: readonly StoreReading[];
  try {
    readings = await cloud.logStores.read(changes.map(({ store }) => store));
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return changes.map((change) => ({ change, resolution: settled(failed(changeBack(change, change.to), error)) }));
  }
  const byArn = new Map(readings.map((reading) => [storeOf(reading).arn, reading]));
  return Promise.all(
    changes.map(async (change) => {
      const reading = byArn.get(change.store.arn) ?? { status: 'GONE', store: change.store };
      return { change, resolution: await resolveOne(change, reading, keys) };
    }),
  );
}

async function resolveOne(change: KeyEntry, reading: StoreReading, keys: KeyCache): Promise<Resolution> {
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
      const { found } = reading;
      if (found.keyArn === from) return leave(found.keyArn, null);
      if (found.keyArn !== to) {
        return leave(found.keyArn, storeChanged(store, to, found.keyArn, `after run ${change.runId}`, SINCE));
      }
      const step = changeBack(change, found.keyArn);
      if (from === null) return { kind: 'CHANGE', step };
      const { neverConfigured } = kindOf(store);
      if (neverConfigured && isFirstConfiguration(found)) return leave(found.keyArn, neverConfigured);
      const earlier = await keys.earlier(from);
      const refusal = preflight(earlier, store);
      if (!refusal) return { kind: 'CHANGE', step };
      const error = retryError(refusal, earlier);
      if (error) return settled(failed(step, error));
      return leave(found.keyArn, ofEarlierKey(refusal));
    }
  }
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
  return problem(code, what, fix, missingRight);
}

const SINCE = 'nothing to do: somebody else has changed it since, and that is left as it is';

function changeBack({ store, from }: KeyEntry, fromKeyArn: string | null): ChangeStep {
  const facts = { store, fromKeyArn, refusal: null, warnings: [] };
  return from === null ? { ...facts, action: 'UNSEAL', toKeyArn: null } : { ...facts, action: 'SEAL', toKeyArn: from };
}
