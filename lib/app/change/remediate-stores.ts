import type { LogStore } from '../../domain/log-store.ts';
import type { Outcome } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import { checkKey, keyNeeds } from '../key/run-key-checks.ts';
import type { Cloud } from '../ports.ts';
import { type Decided, decide, leftAsItIs, undecided } from './evaluate-stores.ts';
import { type ChangeOptions, changeAll } from './execute-steps.ts';

export interface RemediateOptions extends ChangeOptions {
  /** `Audit`: only say what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  readonly key: string;
}

/**
 * Looks at log stores of one target again, and seals those that need it with the configured key. What an event said of
 * them plays no part.
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
  const cache = keyCache(first, cloud.keys, now);
  const decideNow = async (): Promise<Decided[]> => {
    const decided = await decide(stores, cloud, cache, { key: options.key, requiresKey: false, now });
    const refusal = await missingRight(decided, cloud, cache, options.key, now);
    if (!refusal) return decided;
    return decided.map(({ step, transientError }) => ({
      step: step.action === 'SEAL' ? { ...step, action: 'NONE', refusal } : step,
      transientError,
    }));
  };
  if (options.mode === 'Enforce') return changeAll([stores], decideNow, cloud, options);
  const outcomes = (await decideNow()).map(audited);
  outcomes.forEach(options.onOutcome);
  return outcomes;
}

function audited({ step, transientError }: Decided): Outcome {
  return transientError ? undecided(step, transientError) : leftAsItIs(step);
}

/** A right on the key that the caller certainly lacks: AWS would refuse each log store, in other words. */
async function missingRight(
  decided: readonly Decided[],
  cloud: Cloud,
  cache: KeyCache,
  key: string,
  now: Date,
): Promise<Refusal | null> {
  const store = decided.find(({ step }) => step.action === 'SEAL')?.step.store;
  if (!store) return null;
  const checks = await checkKey(key, await cache.configured(key), store, cloud, now, keyNeeds);
  const lacking = checks.find(({ check, result }) => check === 'CALLER_RIGHTS' && result === 'FAIL');
  return lacking ? { code: 'CALLER_MISSING_RIGHTS', message: lacking.message, fix: lacking.fix ?? '' } : null;
}
