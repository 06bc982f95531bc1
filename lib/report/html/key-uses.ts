import { CATALOGUE } from '../../domain/catalogue.ts';
import type { Severity } from '../../domain/catalogue-entry.ts';
import type { Finding } from '../../domain/finding.ts';
import { severityRank } from '../../domain/order.ts';
import { type Reason, type Warning, worstSeverity } from '../../domain/reasons.ts';
import { deletionDay } from '../../domain/unusable-key.ts';

/** A key that log stores are encrypted with, and what is wrong with it. */
export interface KeyUse {
  readonly keyArn: string;
  /** How many log stores it is attached to. */
  readonly stores: number;
  /** How many of them are exempt. */
  readonly exempt: number;
  /** Of the key itself, the worst first; none: it works, as far as is known. */
  readonly problems: readonly (Reason | Warning)[];
  /** Of the worst problem; null: there is none. */
  readonly severity: Severity | null;
  /** The day on which it is deleted, as `2027-03-31`; null: on no day that is known. */
  readonly deletedOn: string | null;
}

/** Counts log stores by key. */
export interface KeyUses {
  add(finding: Finding): void;
  /** Those with the worst problems first, then those with the most log stores. */
  all(): KeyUse[];
  /** How many log stores are under further keys, which have no problem. */
  omitted(): number;
}

/** As many keys without a problem as are told apart. Every key with one is. */
const MAX_HEALTHY = 10_000;

interface Counting {
  stores: number;
  exempt: number;
  readonly problems: Map<string, Reason | Warning>;
}

export function countedKeys(): KeyUses {
  const counting = new Map<string, Counting>();
  let healthy = 0;
  let omitted = 0;
  return {
    add({ keyArn, reasons, warnings, status }) {
      if (keyArn === null) return;
      // A healthy key other than the required one has no problem of its own.
      const problems = [...reasons, ...warnings].filter(({ code }) => code !== 'KEY_NOT_CONFIGURED');
      let own = counting.get(keyArn);
      if (!own) {
        if (problems.length === 0 && ++healthy > MAX_HEALTHY) {
          omitted++;
          return;
        }
        own = { stores: 0, exempt: 0, problems: new Map() };
        counting.set(keyArn, own);
      }
      own.stores++;
      if (status === 'EXEMPT') own.exempt++;
      for (const problem of problems) if (!own.problems.has(problem.code)) own.problems.set(problem.code, problem);
    },
    all() {
      const uses = [...counting].map(([keyArn, own]) => keyUse(keyArn, own));
      return uses.sort(
        (one, other) => severityRank(one.severity) - severityRank(other.severity) || other.stores - one.stores,
      );
    },
    omitted: () => omitted,
  };
}

function keyUse(keyArn: string, { stores, exempt, problems }: Counting): KeyUse {
  const sorted = [...problems.values()].sort((one, other) => severityRank(one.severity) - severityRank(other.severity));
  const deletedOn = sorted.map(deletionDay).find((day) => day !== null) ?? null;
  return { keyArn, stores, exempt, problems: sorted, severity: worstSeverity(sorted), deletedOn };
}

/** The state of a key, in a few words. */
export function keyState({ problems }: KeyUse): string {
  const [worst] = problems;
  return worst ? CATALOGUE[worst.code].title : 'The key works';
}
