import type { Finding } from '../../domain/finding.ts';
import { severityRank } from '../../domain/order.ts';
import type { Problem, ProblemCode } from '../../domain/reasons.ts';
import type { Provider } from '../../domain/target.ts';
import { type SharedFix, sharedFix, templateOf } from '../shared-fix.ts';

/** One fix, and the log stores that it is for. */
export interface FixGroup {
  readonly first: Problem<ProblemCode>;
  readonly fix: string;
  readonly provider: Provider;
  readonly stores: number;
  /** The first few of them. */
  readonly names: readonly string[];
  readonly regions: readonly string[];
  /** The key of all of them; null: they have none, or several. */
  readonly keyArn: string | null;
}

/** Collects problems, and lists each fix once, however many log stores it is for. */
export interface FixGroups {
  add(finding: Finding, problems: readonly Problem<ProblemCode>[]): void;
  /** The worst first, then those for the most log stores. */
  all(): FixGroup[];
  /** How many problems have other fixes, which were not kept. */
  omitted(): number;
}

/** As many fixes as a person reads; the findings have each. */
const MAX_FIXES = 100;
const MAX_NAMES = 3;

interface Collecting {
  readonly first: Problem<ProblemCode>;
  readonly fix: SharedFix;
  readonly provider: Provider;
  readonly names: string[];
  readonly regions: Set<string>;
  stores: number;
  keyArn: string | null;
}

export function fixGroups(): FixGroups {
  const groups = new Map<string, Collecting>();
  let omitted = 0;
  /** Drops the least severe group if the problem is worse. @returns whether there is room now */
  const makeRoom = (problem: Problem<ProblemCode>): boolean => {
    let least: [string, Collecting] | undefined;
    for (const entry of groups) if (!least || inOrder(entry[1], least[1]) > 0) least = entry;
    if (!least || severityRank(least[1].first.severity) <= severityRank(problem.severity)) return false;
    groups.delete(least[0]);
    omitted += least[1].stores;
    return true;
  };
  const add = (finding: Finding, problem: Problem<ProblemCode>): void => {
    const key = `${finding.provider}\n${problem.code}\n${templateOf(problem)}`;
    const group = groups.get(key);
    if (group) {
      group.stores++;
      group.fix.add(problem);
      group.regions.add(finding.region);
      if (group.names.length < MAX_NAMES) group.names.push(finding.name);
      if (group.keyArn !== finding.keyArn) group.keyArn = null;
    } else if (groups.size < MAX_FIXES || makeRoom(problem)) {
      const { provider, name, region, keyArn } = finding;
      const fix = sharedFix(problem);
      groups.set(key, { first: problem, fix, provider, names: [name], regions: new Set([region]), stores: 1, keyArn });
    } else omitted++;
  };
  return {
    add(finding, problems) {
      for (const problem of problems) add(finding, problem);
    },
    all: () =>
      [...groups.values()]
        .sort(inOrder)
        .map(({ fix, regions, ...group }) => ({ ...group, fix: fix.text(), regions: [...regions].sort() })),
    omitted: () => omitted,
  };
}

function inOrder(one: Pick<Collecting, 'first' | 'stores'>, other: Pick<Collecting, 'first' | 'stores'>): number {
  return severityRank(one.first.severity) - severityRank(other.first.severity) || other.stores - one.stores;
}
