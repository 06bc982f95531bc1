import { evaluateNeed, rightOnStore } from '../../domain/caller-rights.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { problem, type Refusal } from '../../domain/reasons.ts';
import { STORES_ASKED_OF_IAM } from '../../pacing.ts';
import type { Cloud } from '../ports.ts';
import { checkKey, keyNeeds } from './run-key-checks.ts';

type Asked = Pick<Cloud, 'keys' | 'identityPolicies'>;

/**
 * A right on a key that the caller certainly lacks, so that AWS would refuse each log store, in words that do not say why;
 * null: none is known to be missing.
 * @param store one that the key would be attached to: the rights on the key are the same for all of a target
 */
export async function missingOnKey(key: KeyInspection, store: LogStore, cloud: Asked): Promise<Refusal | null> {
  const { keyArn } = key;
  // What is wrong with the key itself is said without asking.
  if (keyArn === null || key.reasons.length > 0) return null;
  const checks = await checkKey(keyArn, key, store, cloud, { needsOf: keyNeeds });
  const lacking = checks.find(({ check, result }) => check === 'CALLER_RIGHTS' && result === 'FAIL');
  if (!lacking?.action) return null;
  const missingRight = { action: lacking.action, resource: keyArn };
  return problem('CALLER_MISSING_RIGHTS', lacking.message, lacking.fix ?? '', missingRight);
}

/** What the caller lacks to seal log stores of one target. IAM is asked as seldom as possible. */
export interface CallerCheck {
  /** @returns why the caller certainly cannot seal some of the log stores, by their ARNs. What is not known refuses nothing */
  refusals(stores: readonly LogStore[], key: KeyInspection): Promise<ReadonlyMap<string, Refusal>>;
  /** The right on a key that is missing for every log store; null: none is known to be. */
  onKey(keyArn: string | null): Refusal | null;
  /** Why it is not known of every log store whether the caller may seal it; null: it is known. */
  unknown(): string | null;
}

/**
 * Asks once about each key, and then about log stores until their number is reached, or until IAM cannot be asked. One more
 * question would get the same answer.
 */
export function callerCheck(cloud: Asked): CallerCheck {
  const onKey = new Map<string | null, Refusal | null>();
  let unknown: string | null = null;
  let asked = 0;
  const identityPolicies: Cloud['identityPolicies'] = async (needs) => {
    const identity = await cloud.identityPolicies(needs);
    if (identity.decisions === null) unknown = identity.because ?? 'IAM could not be asked';
    return identity;
  };
  const onStores = async (stores: readonly LogStore[]): Promise<Map<string, Refusal>> => {
    const some = unknown === null ? stores.slice(0, STORES_ASKED_OF_IAM - asked) : [];
    asked += some.length;
    const needs = some.map(({ arn }) => rightOnStore(arn));
    const { decisions } = await identityPolicies(needs);
    const refusals = new Map<string, Refusal>();
    for (const [index, need] of needs.entries()) {
      const { result, message, fix } = evaluateNeed(need, decisions?.[index] ?? null, null);
      if (result === 'FAIL') {
        refusals.set(need.resource, problem('CALLER_MISSING_RIGHTS', message, fix ?? '', need));
      }
    }
    if (some.length < stores.length) {
      unknown ??= `IAM was asked about the first ${STORES_ASKED_OF_IAM.toLocaleString('en')} log stores only`;
    }
    return refusals;
  };
  return {
    async refusals(stores, key) {
      const [first] = stores;
      if (!first) return new Map();
      const known = onKey.get(key.keyArn);
      const lacking =
        known === undefined ? await missingOnKey(key, first, { keys: cloud.keys, identityPolicies }) : known;
      onKey.set(key.keyArn, lacking);
      return lacking ? new Map(stores.map(({ arn }) => [arn, lacking])) : onStores(stores);
    },
    onKey: (keyArn) => onKey.get(keyArn) ?? null,
    unknown: () => ([...onKey.values()].some((lacking) => lacking === null) || onKey.size === 0 ? unknown : null),
  };
}
