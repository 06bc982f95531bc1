import type { LogStore } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan.ts';
import { type Decided, decide, undecided } from './decide.ts';
import { keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { type ChangeRun, carryOut, changeAll } from './seal.ts';

export interface RemediateOptions extends ChangeRun {
  /** `Audit`: only say what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  readonly key: string;
  /** Told of each outcome as soon as it is there. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * Looks at log stores of one target again, and seals those that need it with the configured key. What an event said of
 * them plays no part. One that fails never stops the others.
 * @throws CloudError when the stores cannot be read; nothing was changed
 */
export async function remediate(
  stores: readonly LogStore[],
  cloud: Cloud,
  options: RemediateOptions,
): Promise<Outcome[]> {
  const [first] = stores;
  if (!first) return [];
  const now = options.clock();
  const ring = keyRing(first, cloud.keys, now);
  const decided = await decide(stores, cloud, ring, { key: options.key, requiresKey: false, now });
  const settle = async ({ step, passing }: Decided): Promise<Outcome> => {
    if (passing) return undecided(step, passing);
    if (options.mode === 'Audit' && !step.refusal) return { ...step, outcome: 'UNCHANGED', error: null };
    return carryOut(step, cloud.logStores, options);
  };
  return changeAll(decided, async (each) => {
    const outcome = await settle(each);
    options.onOutcome(outcome);
    return outcome;
  });
}
