import { SEVERITIES } from '../domain/catalogue-entry.ts';
import type { Problem, ProblemCode } from '../domain/reasons.ts';
import type { Colors } from './colors.ts';
import { type SharedFix, sharedFix, templateOf } from './shared-fix.ts';

interface Group {
  readonly first: Problem<ProblemCode>;
  readonly fix: SharedFix;
  count: number;
  /** Whether a message other than the first one was added. */
  hasOthers: boolean;
}

/**
 * Collects problems, and lists each fix once, however many log stores it is for. A right that is missing on many resources is
 * one fix too.
 */
export interface ProblemList {
  add(problems: readonly Problem<ProblemCode>[]): void;
  /** The worst first; empty where nothing was added. */
  text(title: string, paint: Colors): string;
}

/** As many as a person reads; the JSON document has them all. */
const MAX_GROUPS = 50;

/** Keeps the worst problems, at most 50 of different fixes, so that memory stays bounded. */
export function problemList(): ProblemList {
  const groups = new Map<string, Group>();
  let omitted = 0;
  /** Drops the least severe group if the problem is worse. @returns whether there is room now */
  const makeRoom = (problem: Problem<ProblemCode>): boolean => {
    let least: [string, Group] | undefined;
    for (const entry of groups) {
      if (!least || rankOf(entry[1].first) >= rankOf(least[1].first)) least = entry;
    }
    if (!least || rankOf(least[1].first) <= rankOf(problem)) return false;
    groups.delete(least[0]);
    omitted += least[1].count;
    return true;
  };
  return {
    add(problems) {
      for (const problem of problems) {
        const key = `${problem.code}\n${templateOf(problem)}`;
        const group = groups.get(key);
        if (group) {
          group.fix.add(problem);
          group.count++;
          group.hasOthers ||= problem.message !== group.first.message;
        } else if (groups.size < MAX_GROUPS || makeRoom(problem)) {
          groups.set(key, { first: problem, fix: sharedFix(problem), count: 1, hasOthers: false });
        } else omitted++;
      }
    },
    text(title, { bold, dim, ...paint }) {
      if (groups.size === 0) return '';
      const sorted = [...groups.values()].sort((one, other) => rankOf(one.first) - rankOf(other.first));
      const sections = sorted.map(({ first, fix, count, hasOthers }) => {
        const head = `${severityText(first.severity, { bold, dim, ...paint })} ${bold(first.code)} × ${count}`;
        return `${head}\n  ${first.message}${hasOthers ? dim(' (and others like it)') : ''}\n  ${bold('fix:')} ${fix.text()}\n`;
      });
      const more = omitted === 0 ? '' : `${omitted} more with other fixes: --format json has them all\n`;
      return `\n${bold(title)}\n${sections.join('')}${more}`;
    },
  };
}

function rankOf({ severity }: Problem<ProblemCode>): number {
  return SEVERITIES.indexOf(severity);
}

/** A severity in its colour. */
export function severityText(severity: Problem<ProblemCode>['severity'], { red, yellow, dim }: Colors): string {
  switch (severity) {
    case 'CRITICAL':
    case 'HIGH':
      return red(severity);
    case 'MEDIUM':
      return yellow(severity);
    case 'LOW':
      return dim(severity);
  }
}
