import type { Outcome, Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { type Decided, decide, storeChanged } from './evaluate-stores.ts';
import { type ChangeOptions, changeAll, chunksOf } from './execute-steps.ts';

export interface ApplyOptions extends ChangeOptions {
  /** A healthy key other than the planned one is replaced too. */
  readonly requiresKey: boolean;
}

/**
 * Carries out the steps of one target: looks at the planned key anew, reads each store again right before changing it,
 * decides again, and changes what is still as planned.
 */
export async function applyTarget(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const [first] = steps;
  if (!first) return [];
  const cache = keyCache(first.store, cloud.keys, options.clock());
  return changeAll(
    chunksOf(steps, ({ toKeyArn }) => toKeyArn),
    (chunk) => decideAgain(chunk, cloud, cache, options),
    cloud,
    options,
  );
}

/** Each planned step as it stands now: the same, refused, undecided, or with nothing left to do. */
async function decideAgain(
  steps: readonly Step[],
  cloud: Cloud,
  cache: KeyCache,
  { requiresKey, clock, signal }: ApplyOptions,
): Promise<Decided[]> {
  const open = steps.filter(({ action }) => action === 'SEAL');
  const key = open[0]?.toKeyArn;
  if (!key || signal?.aborted) return steps.map((step) => ({ step, transientError: null }));
  try {
    const stores = open.map(({ store }) => store);
    const decided = await decide(stores, cloud, cache, { key, requiresKey, now: clock() });
    const byArn = new Map(decided.map((each) => [each.step.store.arn, each]));
    return steps.map((planned) => {
      const now = byArn.get(planned.store.arn);
      if (planned.action !== 'SEAL' || !now) return { step: planned, transientError: null };
      const { fromKeyArn, refusal } = now.step;
      const isUncounted = now.step.irreversible && !planned.irreversible;
      if (isUncounted) return { step: { ...planned, action: 'NONE', refusal: NOT_COUNTED }, transientError: null };
      const isAsPlanned = fromKeyArn === planned.fromKeyArn || fromKeyArn === planned.toKeyArn;
      if (isAsPlanned || refusal?.code === 'STORE_GONE') return now;
      if (now.unread) return { ...now, step: { ...planned, action: 'NONE', refusal } };
      const changed = storeChanged(planned.store, planned.fromKeyArn, fromKeyArn, 'when it was planned', 'plan again');
      return { step: { ...planned, action: 'NONE', refusal: changed }, transientError: null };
    });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return steps.map((step) => ({ step, transientError: step.action === 'SEAL' ? error : null }));
  }
}

const NOT_COUNTED: Refusal = {
  code: 'STORE_CHANGED',
  message: 'its encryption would be configured for the first time and for good, which the plan did not say',
  fix: 'plan again',
};
