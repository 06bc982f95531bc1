import { type Evaluation, evaluate, fixedKeyOf, type InspectedStore } from '../../domain/evaluation.ts';
import { type PresentReading, type StoreReading, storeOf } from '../../domain/log-store.ts';
import { keyFor, type Rules } from '../../domain/rules.ts';
import { inspectAll, inspectStores, type TargetFacts } from '../inspect-stores.ts';
import type { KeyCache } from '../key/key-cache.ts';

/**
 * What should happen to each log store, in the order of the readings, by nothing but what was just read of it and of the
 * keys.
 */
export async function evaluateStores(
  readings: readonly StoreReading[],
  facts: TargetFacts,
  rules: Rules,
): Promise<Evaluation[]> {
  // First, so that it is described once even where it is attached to some of them.
  const configured = rules.key === null ? null : await facts.keys.configured(rules.key);
  const present = readings.filter((reading): reading is PresentReading => reading.status !== 'GONE');
  const inspected = await inspectStores(present, facts, rules);
  const evaluations = await evaluateInspected(inspected, facts.keys, rules);
  const evaluated = new Map<StoreReading, Evaluation>(
    inspected.map(({ reading }, index) => [reading, evaluations[index] as Evaluation]),
  );
  const gone = { kind: 'GONE', fromKeyArn: null, toKeyArn: configured?.keyArn ?? null, severity: null } as const;
  return readings.map((reading): Evaluation => evaluated.get(reading) ?? { ...gone, store: storeOf(reading) });
}

/** What should happen to each log store that was inspected, in their order. */
export async function evaluateInspected(
  stores: readonly InspectedStore[],
  keys: KeyCache,
  rules: Rules,
): Promise<Evaluation[]> {
  const configured = await inspectAll(
    stores.map(({ matched }) => keyFor(rules, matched)),
    keys.configured,
  );
  return Promise.all(
    stores.map(async (store) => {
      const key = configured.get(keyFor(rules, store.matched)) ?? null;
      const fixedKey = fixedKeyOf(store, key, rules);
      return evaluate(store, key, fixedKey === null ? null : await keys.attached(fixedKey));
    }),
  );
}
