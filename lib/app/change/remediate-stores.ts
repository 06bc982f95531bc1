import { type Resolution, refusedChange, resolutionOf, settled } from '../../domain/evaluation.ts';
import type { LogStore, StoreReading } from '../../domain/log-store.ts';
import { failed, type Outcome } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import { missingOnKey } from '../key/caller-check.ts';
import { keyCache } from '../key/key-cache.ts';
import type { Cloud, StoreJournal } from '../ports.ts';
import { evaluateStores } from './evaluate-stores.ts';
import { type ChangeOptions, executeSteps } from './execute-steps.ts';
import { type ChangedBy, flappingCheck, refuseFlapping } from './refuse-flapping.ts';

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
 * plays no part, except that a refusal repeats who changed a store. They are not read once more after their change, since
 * CloudTrail reports whatever is changed later.
 * @throws CloudError when the first of them cannot be read; nothing was changed. Later ones that cannot be read are FAILED.
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
  const flapping = flappingCheck(options.journal, 'COUNTS', options.changedBy);
  let wasRead = false;
  let asked: Promise<Refusal | null> | undefined;
  const resolve = async (some: readonly LogStore[]): Promise<Resolution[]> => {
    let readings: readonly StoreReading[];
    try {
      readings = await cloud.logStores.read(some);
    } catch (error) {
      if (!(error instanceof CloudError) || !wasRead) throw error;
      return some.map((store) => settled(failed({ ...UNREAD, store }, error)));
    }
    wasRead = true;
    const resolutions = (await evaluateStores(readings, keys, key, rules)).map(resolutionOf);
    const change = resolutions.find((resolution) => resolution.kind === 'CHANGE');
    // A missing right on a log store is named by AWS itself when it refuses.
    if (change) asked ??= keys.configured(key).then((inspected) => missingOnKey(inspected, change.step.store, cloud));
    const refusal = await asked;
    if (refusal) return resolutions.map((resolution) => refusedChange(resolution, refusal));
    return refuseFlapping(resolutions, flapping, options.clock());
  };
  if (options.mode === 'Enforce') return executeSteps(stores, { storeOf: (store) => store, resolve }, cloud, options);
  const outcomes = (await resolve(stores)).map(audited);
  outcomes.forEach(options.onOutcome);
  return outcomes;
}

/** A store of which nothing is known. */
const UNREAD = { fromKeyArn: null, action: 'NONE', toKeyArn: null, refusal: null, warnings: [] } as const;

/** In Audit a change is not made, and what it would have been is reported. */
function audited(resolution: Resolution): Outcome {
  if (resolution.kind === 'SETTLED') return resolution.outcome;
  return { ...resolution.step, outcome: 'UNCHANGED', error: null };
}
