import type { InspectedStore } from '../domain/evaluation.ts';
import { findingOf, unreadableFinding } from '../domain/finding.ts';
import type { KeyInspection } from '../domain/key.ts';
import type { PresentReading } from '../domain/log-store.ts';
import type { Rules } from '../domain/rules.ts';
import type { KeyCache } from './key/key-cache.ts';

/** Evaluates a page of log stores. The keys that the page brings in are inspected side by side. */
export async function inspectStores(
  page: readonly PresentReading[],
  keys: KeyCache,
  required: KeyInspection | null,
  rules: Rules,
): Promise<InspectedStore[]> {
  const keyArns = new Set(page.map(attachedKey).filter((keyArn) => keyArn !== null));
  const inspections = new Map<string | null, KeyInspection>();
  await Promise.all([...keyArns].map(async (keyArn) => inspections.set(keyArn, await keys.attached(keyArn))));
  return page.map((reading): InspectedStore => {
    if (reading.status === 'UNREADABLE') {
      return { reading, attached: null, finding: unreadableFinding(reading.store, reading.failure, rules) };
    }
    const attached = inspections.get(reading.found.keyArn) ?? null;
    return { reading, attached, finding: findingOf(reading.found, attached, required, rules) };
  });
}

function attachedKey(reading: PresentReading): string | null {
  return reading.status === 'FOUND' ? reading.found.keyArn : null;
}
