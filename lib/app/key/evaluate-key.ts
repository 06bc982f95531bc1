import type { KeyInspection } from '../../domain/key.ts';
import { type KeyFinding, keyFindingOf } from '../../domain/key-finding.ts';
import type { Target } from '../../domain/target.ts';
import { CloudError } from '../../errors.ts';
import type { Keys } from '../ports.ts';
import type { KeyCache } from './key-cache.ts';

/** What somebody changed: a key, or the alias by which a key is configured. */
export type ChangedKey = { readonly keyArn: string } | { readonly configuredAlias: string };

export interface KeyEvaluation {
  readonly keys: Keys;
  /** Of the target and the same keys. */
  readonly cache: KeyCache;
  /** The keys that log groups are sealed with, as they were configured. */
  readonly configuredKeys: readonly string[];
  /** What was done, in the words of the event. */
  readonly trigger: string;
  /** ARN of who did it; null: not known, or no call did. */
  readonly changedBy: string | null;
}

/**
 * Reads a key of a target after it was changed, and evaluates what it says.
 * @throws CloudError where another try may read what could not be read
 */
export async function evaluateKey(target: Target, changed: ChangedKey, work: KeyEvaluation): Promise<KeyFinding> {
  const { cache, keys, configuredKeys, trigger, changedBy } = work;
  const movedAlias = 'configuredAlias' in changed ? changed.configuredAlias : null;
  const inspect = 'keyArn' in changed ? cache.attached(changed.keyArn) : cache.configured(changed.configuredAlias);
  const [inspection, configured] = await Promise.all([
    inspect,
    movedAlias === null ? Promise.all(configuredKeys.map(cache.named)) : null,
  ]);
  const failure = [inspection, ...(configured ?? [])].find(({ transientError }) => transientError)?.transientError;
  if (failure) throw new CloudError('UNAVAILABLE', failure.call, failure.message);
  const aliases = await aliasesOf(inspection, keys);
  const isConfigured = configured ? isOneOf(configured, inspection) : true;
  return keyFindingOf(target, { inspection, aliases, isConfigured, movedAlias, trigger, changedBy });
}

function isOneOf(configured: readonly KeyInspection[], inspection: KeyInspection): boolean | null {
  const answers = configured.map((key) => isSameKey(inspection, key));
  return answers.includes(true) || (answers.includes(null) ? null : false);
}

function isSameKey({ keyArn }: KeyInspection, configured: KeyInspection): boolean | null {
  if (configured.keyArn !== null) return configured.keyArn === keyArn;
  return configured.reasons.some(({ code }) => code === 'KEY_UNREADABLE') ? null : false;
}

/** A key that does not exist has no aliases. Of one that may not be described not even those are asked for. */
async function aliasesOf({ keyArn, state, reasons }: KeyInspection, keys: Keys): Promise<readonly string[] | null> {
  if (reasons.some(({ code }) => code === 'KEY_NOT_FOUND')) return [];
  if (keyArn === null || state === undefined || !keys.aliases) return null;
  try {
    return await keys.aliases(keyArn);
  } catch (error) {
    if (!(error instanceof CloudError) || error.isTransient) throw error;
    return null;
  }
}
