import pMap from 'p-map';
import type { LogStore } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan.ts';
import { decide } from './decide.ts';
import { keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { type ChangeRun, CONCURRENT_CHANGES, carryOut } from './seal.ts';

export interface RemediateOptions extends ChangeRun {
  /** `Audit`: only say what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  readonly key: string;
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
  const steps = await decide(stores, cloud, ring, { key: options.key, requiresKey: false, now });
  return pMap(
    steps,
    (step): Outcome | Promise<Outcome> => {
      const error = ring.passingFailure();
      if (error && /^KEY_(POLICY_)?UNREADABLE$/.test(step.refusal?.code ?? '')) {
        // No refusal for good: what could not be read now may be read another time.
        return { ...step, refusal: null, outcome: 'FAILED', error: { code: error.code, message: error.message } };
      }
      return options.mode === 'Audit' && !step.refusal
        ? { ...step, outcome: 'UNCHANGED', error: null }
        : carryOut(step, cloud.logStores, options);
    },
    { concurrency: CONCURRENT_CHANGES },
  );
}
