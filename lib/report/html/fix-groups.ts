import type { Finding } from '../../domain/finding.ts';
import { severityRank } from '../../domain/order.ts';
import type { Problem, ProblemCode } from '../../domain/reasons.ts';
import type { Provider } from '../../domain/target.ts';
import { type SharedFix, sharedFix, templateOf } from '../shared-fix.ts';

/** What is wrong, and the fixes for it. */
export interface FixGroup {
  readonly code: ProblemCode;
  readonly severity: Problem<ProblemCode>['severity'];
  /** How many log stores have it. */
  readonly stores: number;
  readonly regions: readonly string[];
  readonly provider: Provider;
  /** Those for the most log stores first. */
  readonly fixes: readonly Fix[];
  /** How many log stores have a fix that was not kept. */
  readonly omitted: number;
}

/** One fix, and the log stores that it is for. */
export interface Fix {
  /** What is said of the first of them. */
  readonly message: string;
  readonly text: string;
  readonly stores: number;
  /** The first few. */
  readonly names: readonly string[];
  /** The key of all of them; null: they have none, or several. */
  readonly keyArn: string | null;
}

/** Collects problems, and lists each fix once, however many log stores it is for. */
export interface FixGroups {
  add(finding: Finding, problems: readonly Problem<ProblemCode>[]): void;
  /** The worst first, then those for the most log stores. */
  all(): FixGroup[];
}

/** As many fixes as are kept for one code, so that memory stays bounded. The findings have each. */
const MAX_FIXES = 500;
const MAX_NAMES = 3;

interface CollectedFix {
  readonly message: string;
  readonly fix: SharedFix;
  readonly names: string[];
  stores: number;
  keyArn: string | null;
}

interface Collected extends Pick<FixGroup, 'code' | 'severity' | 'provider'> {
  readonly regions: Set<string>;
  readonly fixes: Map<string, CollectedFix>;
  stores: number;
  omitted: number;
}

export function fixGroups(): FixGroups {
  const groups = new Map<ProblemCode, Collected>();
  const groupOf = ({ code, severity }: Problem<ProblemCode>, provider: Provider): Collected => {
    const known = groups.get(code);
    if (known) return known;
    const made = { code, severity, provider, regions: new Set<string>(), fixes: new Map(), stores: 0, omitted: 0 };
    groups.set(code, made);
    return made;
  };
  return {
    add({ provider, region, name, keyArn }, problems) {
      for (const problem of problems) {
        const group = groupOf(problem, provider);
        group.stores++;
        group.regions.add(region);
        const template = templateOf(problem);
        const fix = group.fixes.get(template);
        if (fix) {
          fix.stores++;
          fix.fix.add(problem);
          if (fix.names.length < MAX_NAMES) fix.names.push(name);
          if (fix.keyArn !== keyArn) fix.keyArn = null;
        } else if (group.fixes.size < MAX_FIXES) {
          const { message } = problem;
          group.fixes.set(template, { message, fix: sharedFix(problem), names: [name], stores: 1, keyArn });
        } else group.omitted++;
      }
    },
    all: () =>
      [...groups.values()]
        .map(({ fixes, regions, ...group }) => ({
          ...group,
          regions: [...regions].sort(),
          fixes: [...fixes.values()].map(({ fix, ...own }) => ({ ...own, text: fix.text() })).sort(byStores),
        }))
        .sort((one, other) => severityRank(one.severity) - severityRank(other.severity) || byStores(one, other)),
  };
}

function byStores(one: { readonly stores: number }, other: { readonly stores: number }): number {
  return other.stores - one.stores;
}
