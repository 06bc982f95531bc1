import type { Step } from '../domain/plan-step.ts';
import { kindOf } from '../domain/stores/index.ts';
import type { ConfiguredKey } from './documents.ts';

/** Counts the steps that seal, and says with which keys. */
export interface SealingKeys {
  add(step: Step): void;
  count(): number;
  /** Follows what is sealed: ` with KEY`, or how many with which, some perhaps under the key that they were configured with. */
  text(key: ConfiguredKey): string;
}

export function sealingKeys(): SealingKeys {
  let seals = 0;
  /** Of log stores that may be fixed to another key than the configured one. */
  const fixable = new Map<string, number>();
  const byRule = new Map<number, number>();
  return {
    add({ action, store, toKeyArn, keyRule }) {
      if (action !== 'SEAL') return;
      seals++;
      if (keyRule !== undefined) count(byRule, keyRule);
      else if (kindOf(store).configuresForGood) count(fixable, toKeyArn);
    },
    count: () => seals,
    text({ configured, rules = [] }) {
      const own = [...fixable].reduce((sum, [key, some]) => (key === configured ? sum : sum + some), 0);
      const theirs = own === 1 ? 'the key that it was configured with' : 'the keys that they were configured with';
      const ruled = [...byRule].map(([rule, some]) => [`${rules[rule]} (key rule ${rule + 1})`, some] as const);
      const others = seals - own - ruled.reduce((sum, [, some]) => sum + some, 0);
      const all = [[configured ?? 'no key', others] as const, ...ruled, [theirs, own] as const];
      const parts = all.filter(([, some]) => some > 0);
      const [first] = parts;
      if (!first) return configured === null ? '' : ` with ${configured}`;
      if (parts.length === 1) return ` with ${first[0]}`;
      const texts = parts.map(([key, some]) => `${some.toLocaleString('en')} with ${key}`);
      return `, ${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
    },
  };
}

function count<T>(counts: Map<T, number>, name: T): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
