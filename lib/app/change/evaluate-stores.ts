import { type Evaluation, evaluate, fixedKeyOf, type InspectedStore } from '../../domain/evaluation.ts';
import { type PresentReading, type StoreReading, storeOf } from '../../domain/log-store.ts';
import type { Rules } from '../../domain/rules.ts';
import { inspectStores } from '../inspect-stores.ts';
import type { KeyCache } from '../key/key-cache.ts';

/**
 * What should happen to each log store, in the order of the readings, by nothing but what was just read of it and of the
 * keys.
 * @param key the key to seal with
 */
export async function evaluateStores(
  readings: readonly StoreReading[],
  keys: KeyCache,
  key: string,
  rules: Rules,
): Promise<Evaluation[]> {
  const configured = await keys.configured(key);
  const required = rules.requiredKey === null ? null : await keys.named(rules.requiredKey);
  const present = readings.filter((reading): reading is PresentReading => reading.status !== 'GONE');
  const inspected = await inspectStores(present, keys, required, rules);
  const evaluations = await evaluateInspected(inspected, keys, key, rules);
  const evaluated = new Map<StoreReading, Evaluation>(
    inspected.map(({ reading }, index) => [reading, evaluations[index] as Evaluation]),
  );
  return readings.map((reading): Evaluation => {
    const store = storeOf(reading);
    return (
      evaluated.get(reading) ?? { kind: 'GONE', store, fromKeyArn: null, toKeyArn: configured.keyArn, severity: null }
    );
  });
}

/** What should happen to each log store that was inspected, in their order. @param key the key to seal with */
export async function evaluateInspected(
  stores: readonly InspectedStore[],
  keys: KeyCache,
  key: string,
  rules: Rules,
): Promise<Evaluation[]> {
  const configured = await keys.configured(key);
  return Promise.all(
    stores.map(async (store) => {
      const fixedKey = fixedKeyOf(store, configured, rules);
      return evaluate(store, configured, fixedKey === null ? null : await keys.attached(fixedKey));
    }),
  );
}
