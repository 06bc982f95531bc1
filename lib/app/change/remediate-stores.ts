import { type Resolution, refusedChange, resolutionOf } from '../../domain/evaluation.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { Outcome } from '../../domain/plan-step.ts';
import { missingOnKey } from '../key/caller-check.ts';
import { keyCache } from '../key/key-cache.ts';
import type { Cloud, StoreJournal } from '../ports.ts';
import { evaluateStores } from './evaluate-stores.ts';
import { type ChangeOptions, executeSteps } from './execute-steps.ts';
import { type ChangedBy, refuseFlapping } from './refuse-flapping.ts';

export interface RemediateOptions extends ChangeOptions {
  /** `Audit`: only report what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  /** The key to seal with. */
  readonly key: string;
  readonly journal: StoreJournal;
  /** Default: it is not known. */
  readonly changedBy?: ChangedBy;
}

/**
 * Reads log stores of one target again, and seals those that need it with the configured key. What an event said of them
 * plays no part, except that
 * a refusal repeats who changed a store.
 * @throws CloudError when the stores cannot be read; nothing was changed
 */
export async function remediateStores(
  stores: readonly LogStore[],
  cloud: Cloud,
  options: RemediateOptions,
): Promise<Outcome[]> {
  const [first] = stores;
  if (!first) return [];
  const { key, rules } = options;
  const keys = keyCache(first, cloud.keys, rules);
  const resolve = async (): Promise<Resolution[]> => {
    const readings = await cloud.logStores.read(stores);
    const resolutions = (await evaluateStores(readings, keys, key, rules)).map(resolutionOf);
    const change = resolutions.find((resolution) => resolution.kind === 'CHANGE');
    // A missing right on a log store is named by AWS itself when it refuses.
    const refusal = change ? await missingOnKey(await keys.configured(key), change.step.store, cloud) : null;
    if (refusal) return resolutions.map((resolution) => refusedChange(resolution, refusal));
    return refuseFlapping(resolutions, options.journal, options.clock(), options.changedBy ?? (() => null));
  };
  if (options.mode === 'Enforce') return executeSteps([stores], resolve, cloud, options);
  const outcomes = (await resolve()).map(audited);
  outcomes.forEach(options.onOutcome);
  return outcomes;
}

/** In Audit a change is not made, and what it would have been is reported. */
function audited(resolution: Resolution): Outcome {
  if (resolution.kind === 'SETTLED') return resolution.outcome;
  return { ...resolution.step, outcome: 'UNCHANGED', error: null };
}
