import type { Matched } from '../domain/configuration.ts';
import type { InspectedStore } from '../domain/evaluation.ts';
import { findingOf, unreadableFinding } from '../domain/finding.ts';
import type { KeyInspection } from '../domain/key.ts';
import { type PresentReading, storeOf } from '../domain/log-store.ts';
import type { Tags } from '../domain/match.ts';
import { exemptionOf, keyFor, type Rules } from '../domain/rules.ts';
import type { KeyCache } from './key/key-cache.ts';
import type { StoreTags } from './store-tags.ts';

/** What is read about the log stores of a target beside themselves. */
export interface TargetFacts {
  readonly keys: KeyCache;
  readonly tags: StoreTags;
}

const NO_TAGS: Tags = new Map();

/** Evaluates a page of log stores. The keys that the page brings in are inspected side by side. */
export async function inspectStores(
  page: readonly PresentReading[],
  { keys, tags }: TargetFacts,
  rules: Rules,
): Promise<InspectedStore[]> {
  const { byArn, failure } = await tags.of(page.map(storeOf));
  const matches = page.map((reading): Matched => {
    const store = storeOf(reading);
    return rules.configuration.matched(store, byArn && (byArn.get(store.arn) ?? NO_TAGS));
  });
  const required = (matched: Matched) => (rules.requiresKey ? keyFor(rules, matched) : null);
  // First, so that a required key is described once even where it is attached, too.
  const requiredKeys = await inspectAll(matches.map(required), keys.named);
  const attachedKeys = await inspectAll(page.map(attachedKey), keys.attached);
  return page.map((reading, index): InspectedStore => {
    const matched = matches[index] as Matched;
    const exemption = exemptionOf(rules, matched);
    const about = {
      reading,
      matched,
      unreadConfiguration: rules.unreadConfiguration ?? (matched.isCertain ? null : failure),
    };
    if (reading.status === 'UNREADABLE') {
      return { ...about, attached: null, finding: unreadableFinding(reading.store, reading.failure, exemption) };
    }
    const attached = attachedKeys.get(reading.found.keyArn) ?? null;
    const requiredKey = requiredKeys.get(required(matched)) ?? null;
    return { ...about, attached, finding: findingOf(reading.found, attached, requiredKey, exemption) };
  });
}

/** Inspects each key once. */
export async function inspectAll(
  keys: readonly (string | null)[],
  inspect: (key: string) => Promise<KeyInspection>,
): Promise<ReadonlyMap<string | null, KeyInspection>> {
  const distinct = [...new Set(keys)].filter((key) => key !== null);
  return new Map(await Promise.all(distinct.map(async (key) => [key, await inspect(key)] as const)));
}

function attachedKey(reading: PresentReading): string | null {
  return reading.status === 'FOUND' ? reading.found.keyArn : null;
}
