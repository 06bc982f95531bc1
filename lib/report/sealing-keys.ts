import type { Step } from '../domain/plan-step.ts';
import { kindOf } from '../domain/stores/index.ts';

/** Counts the steps that seal, and says with which keys. */
export interface SealingKeys {
  add(step: Step): void;
  count(): number;
  /** Follows what is sealed: ` with KEY`, or how many are switched on under the key that they were configured with. */
  text(configured: string): string;
}

export function sealingKeys(): SealingKeys {
  let seals = 0;
  /** Of log stores that may be fixed to another key than the configured one. */
  const counts = new Map<string, number>();
  return {
    add({ action, store, toKeyArn }) {
      if (action !== 'SEAL') return;
      seals++;
      if (kindOf(store).configuresForGood) counts.set(toKeyArn, (counts.get(toKeyArn) ?? 0) + 1);
    },
    count: () => seals,
    text(configured) {
      const own = [...counts].reduce((sum, [key, count]) => (key === configured ? sum : sum + count), 0);
      if (own === 0) return ` with ${configured}`;
      const theirs = own === 1 ? 'the key that it was configured with' : 'the keys that they were configured with';
      if (own === seals) return ` with ${theirs}`;
      return `, ${(seals - own).toLocaleString('en')} with ${configured} and ${own.toLocaleString('en')} with ${theirs}`;
    },
  };
}
