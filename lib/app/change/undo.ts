import { unreadable } from '../../domain/finding.ts';
import type { KeyEntry } from '../../domain/journal.ts';
import type { FoundLogStore } from '../../domain/log-store.ts';
import { type Outcome, preflight, type Step } from '../../domain/plan-step.ts';
import type { Refusal, RefusalCode } from '../../domain/reasons.ts';
import { CloudError, mayPass } from '../../errors.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { failureOf } from '../scan/scan-target.ts';
import { type Decided, leftAsItIs, storeChanged, storeGone } from './evaluate-stores.ts';
import { type ChangeOptions, changeAll, chunksOf } from './execute-steps.ts';

/** A change to take back, and what that would do. */
export interface PlannedUndo {
  readonly change: KeyEntry;
  readonly step: Step;
}

/**
 * What taking changes of one target back would do to each log store, as it is now; where that cannot be read, as the
 * journal has it. Changes nothing.
 */
export async function planUndo(changes: readonly KeyEntry[], cloud: Cloud, now: Date): Promise<PlannedUndo[]> {
  const [first] = changes;
  if (!first) return [];
  const cache = keyCache(first.store, cloud.keys, now);
  const planned: PlannedUndo[] = [];
  for (const chunk of chunksOf(changes)) {
    const decided = await decideChunk(chunk, cloud, cache, now);
    planned.push(...decided.map(({ step }, index) => ({ change: chunk[index] as KeyEntry, step })));
  }
  return planned;
}

/**
 * Takes changes of one target back, as planned: each log store gets the key that it had, or none. One that somebody else
 * changed since is left, and so is one whose earlier key is of no use any more; what was to be left stays so.
 */
export async function undoTarget(
  planned: readonly PlannedUndo[],
  cloud: Cloud,
  options: ChangeOptions,
): Promise<Outcome[]> {
  const [first] = planned;
  if (!first) return [];
  const cache = keyCache(first.change.store, cloud.keys, options.clock());
  const decide = async (chunk: readonly KeyEntry[]): Promise<Decided[]> => {
    // Nothing is read for a change that would not be made any more.
    if (options.signal?.aborted)
      return chunk.map((change) => ({ step: stepOf(change, change.to), transientError: null }));
    return decideChunk(chunk, cloud, cache, options.clock());
  };
  const open = planned.filter(({ step }) => step.action !== 'NONE').map(({ change }) => change);
  const left = planned.filter(({ step }) => step.action === 'NONE');
  const outcomes = left.map(({ step }) => leftAsItIs(step));
  outcomes.forEach(options.onOutcome);
  return [...outcomes, ...(await changeAll(chunksOf(open), decide, cloud, options))];
}

async function decideChunk(changes: readonly KeyEntry[], cloud: Cloud, cache: KeyCache, now: Date): Promise<Decided[]> {
  try {
    const found = await cloud.logStores.read(changes.map(({ store }) => store));
    return await Promise.all(changes.map((change) => decideOne(change, found.get(change.store.arn), cache, now)));
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return changes.map((change) => ({ step: stepOf(change, change.to), transientError: error }));
  }
}

async function decideOne(
  change: KeyEntry,
  found: FoundLogStore | CloudError | undefined,
  cache: KeyCache,
  now: Date,
): Promise<Decided> {
  const { store, from, to } = change;
  if (found instanceof CloudError) {
    const unread = stepOf(change, to);
    if (mayPass(found.code)) return { step: unread, transientError: found };
    return { step: { ...unread, action: 'NONE', refusal: unreadable(store, failureOf(found)) }, transientError: null };
  }
  const step = stepOf(change, found?.keyArn ?? null);
  const leave = (refusal: Step['refusal']): Decided => ({
    step: { ...step, action: 'NONE', refusal },
    transientError: null,
  });
  if (!found) return leave(storeGone(store));
  if (found.keyArn === from) return leave(null);
  if (found.keyArn !== to) return leave(storeChanged(store, to, found.keyArn, `after run ${change.runId}`, SINCE));
  if (from === null) return { step, transientError: null };
  if (store.type === 'logstore' && !found.fixed) return leave(MADE_ANEW);
  const inspection = await cache.configured(from);
  const refusal = preflight(inspection, store, now);
  return refusal
    ? { ...leave(ofEarlierKey(refusal)), transientError: inspection.transientError }
    : { step, transientError: null };
}

/** What nothing makes usable again. */
const FOR_GOOD: readonly RefusalCode[] = ['KEY_NOT_FOUND', 'KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE', 'KEY_WRONG_REGION'];

function ofEarlierKey({ code, message, fix }: Refusal): Refusal {
  const stays = 'nothing to do: it stays under the key that it has';
  return { code, message: `its earlier key is of no use: ${message}`, fix: FOR_GOOD.includes(code) ? stays : fix };
}

const SINCE = 'nothing to do: somebody else has changed it since, and that is left as it is';

const MADE_ANEW: Refusal = {
  code: 'STORE_CHANGED',
  message: 'the Logstore was made anew: its encryption would be configured for the first time, and for good',
  fix: 'logseal apply --provider alibaba, which asks for that',
};

function stepOf({ store, from }: KeyEntry, fromKeyArn: string | null): Step {
  const facts = { store, fromKeyArn, refusal: null };
  return from === null ? { ...facts, action: 'UNSEAL', toKeyArn: null } : { ...facts, action: 'SEAL', toKeyArn: from };
}
