import type { KeyInspection } from '../../domain/key.ts';
import { type KeyFinding, keyFindingOf } from '../../domain/key-finding.ts';
import type { Target } from '../../domain/target.ts';
import { CloudError } from '../../errors.ts';
import type { Keys } from '../ports.ts';
import type { KeyCache } from './key-cache.ts';

/** What somebody changed: a key, or the alias by which the key is configured. */
export type ChangedKey = { readonly keyArn: string } | { readonly configuredAlias: string };

export interface KeyEvaluation {
  readonly keys: Keys;
  /** Of the target and the same keys. */
  readonly cache: KeyCache;
  /** The key that log groups are sealed with, as it was configured. */
  readonly configuredKey: string;
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
  const { cache, keys, configuredKey, trigger, changedBy } = work;
  const movedAlias = 'configuredAlias' in changed ? changed.configuredAlias : null;
  const inspect = 'keyArn' in changed ? cache.attached(changed.keyArn) : cache.configured(changed.configuredAlias);
  const [inspection, configured] = await Promise.all([
    inspect,
    movedAlias === null ? cache.named(configuredKey) : null,
  ]);
  const failure = inspection.transientError ?? configured?.transientError;
  if (failure) throw new CloudError('UNAVAILABLE', failure.call, failure.message);
  const aliases = await aliasesOf(inspection, keys);
  const isConfigured = configured ? isSameKey(inspection, configured) : true;
  return keyFindingOf(target, { inspection, aliases, isConfigured, movedAlias, trigger, changedBy });
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
