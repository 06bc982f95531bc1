import { SEVERITIES } from '../domain/catalogue-entry.ts';
import type { Problem, ProblemCode } from '../domain/reasons.ts';
import type { Target } from '../domain/target.ts';
import { CREATE_ALIAS } from '../domain/unusable-key.ts';
import type { Colors } from './colors.ts';
import type { ReportOptions } from './format.ts';
import { nameList } from './name-list.ts';
import { isLeftOut, LEFT_OUT_NOTE, withPolicies } from './policy-json.ts';
import { type SharedFix, sharedFix, templateOf } from './shared-fix.ts';

interface Group {
  readonly first: Problem<ProblemCode>;
  readonly fix: SharedFix;
  count: number;
  /** Whether a message other than the first one was added. */
  hasOthers: boolean;
  /** Of log stores, the first ones. */
  readonly names: string[];
  /** Those that lack an alias. */
  readonly accounts: Set<string>;
}

/** Problems with the same code and one fix. */
export interface ProblemGroup {
  readonly code: ProblemCode;
  readonly severity: Problem<ProblemCode>['severity'];
  /** Of the first one. */
  readonly message: string;
  readonly hasOtherMessages: boolean;
  readonly fix: string;
  readonly count: number;
}

/**
 * Collects problems, and lists each fix once, however many log stores it is for. A right that is missing on many resources is
 * one fix too.
 */
export interface ProblemList {
  /**
   * @param name of the log store, where the list is to name each
   * @param account where the problems are, if a fix may be for one account
   */
  add(problems: readonly Problem<ProblemCode>[], name?: string, account?: string): void;
  /** The worst first. @param targets those of the run: with several accounts, a fix for one account names it */
  groups(targets?: Accounts): readonly ProblemGroup[];
  /** How many problems are in no group. */
  omitted(): number;
  /** The groups, as a terminal shows them; empty where nothing was added. */
  text(title: string, options: Pick<ReportOptions, 'paint' | 'isVerbose'>, targets?: Accounts): string;
}

type Accounts = readonly Pick<Target, 'account'>[];

/** As many as a person reads; the JSON document has them all. */
const MAX_GROUPS = 50;

/** As many log stores of one fix as a person reads; `--all` shows each. */
const MAX_NAMES = 10;

/**
 * Keeps the worst problems, at most 50 of different fixes, so that memory stays bounded.
 * @param showAll whether every log store that is to be named is
 * @param one what a log store is called
 * @param groupOf what problems must share beside their code to be one; by default their fix, but for the part of its own
 */
export function problemList({
  showAll = false,
  one = 'log store',
  groupOf = templateOf,
}: {
  readonly showAll?: boolean;
  readonly one?: string;
  readonly groupOf?: (problem: Problem<ProblemCode>) => string;
} = {}): ProblemList {
  const maxNames = showAll ? Number.POSITIVE_INFINITY : MAX_NAMES;
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
  const sorted = () => [...groups.values()].sort((one, other) => rankOf(one.first) - rankOf(other.first));
  return {
    add(problems, name, account = '') {
      for (const problem of problems) {
        const accounts = problem.fix.startsWith(CREATE_ALIAS) && account !== '' ? [account] : [];
        const key = `${problem.code}\n${groupOf(problem)}`;
        const group = groups.get(key);
        if (group) {
          group.fix.add(problem);
          group.count++;
          for (const each of accounts) group.accounts.add(each);
          group.hasOthers ||= problem.message !== group.first.message;
          if (name !== undefined && group.names.length < maxNames) group.names.push(name);
        } else if (groups.size < MAX_GROUPS || makeRoom(problem)) {
          const names = name === undefined ? [] : [name];
          const own = { names, accounts: new Set(accounts) };
          groups.set(key, { first: problem, fix: sharedFix(problem), count: 1, hasOthers: false, ...own });
        } else omitted++;
      }
    },
    groups: (targets = []) =>
      sorted().map((group) => {
        const { first, count, hasOthers } = group;
        const { code, severity } = first;
        return { code, severity, hasOtherMessages: hasOthers, count, ...textsOf(group, targets) };
      }),
    omitted: () => omitted,
    text(title, { paint, isVerbose }, targets = []) {
      if (groups.size === 0) return '';
      const { bold, dim } = paint;
      const sections = sorted().map((group) => {
        const { first, count, hasOthers, names } = group;
        const { message, fix } = textsOf(group, targets);
        const head = `${severityText(first.severity, paint)} ${bold(first.code)} × ${count.toLocaleString('en')}`;
        const others = hasOthers ? dim(' (and others like it)') : '';
        const isNamed = names.length > 1 || names.some((name) => !first.message.includes(name));
        const about = isNamed ? namesText(names, count, one) : '';
        const how = withPolicies(fix.replaceAll('\n', '\n    '), isVerbose).trimEnd();
        return `${head}\n  ${message}${others}${about}\n  ${bold('fix:')} ${how}\n`;
      });
      const more =
        omitted === 0 ? '' : `${omitted.toLocaleString('en')} more with other fixes: --format json has them all\n`;
      const note = !isVerbose && sections.some(isLeftOut) ? dim(`${LEFT_OUT_NOTE}\n`) : '';
      return `\n${bold(title)}\n${sections.join('')}${more}${note}`;
    },
  };
}

/** What is wrong, and how to fix it; in a run over several accounts with those that it is about, if it is about an alias. */
function textsOf({ first, fix, accounts }: Group, targets: Accounts): Pick<ProblemGroup, 'message' | 'fix'> {
  const [message, how] = [first.message, fix.text()];
  if (accounts.size === 0 || new Set(targets.map(({ account }) => account)).size <= 1) return { message, fix: how };
  const where = `${accounts.size === 1 ? 'account' : 'accounts'} ${nameList([...accounts])}`;
  return { message: `${message} (${where})`, fix: `in ${where}: ${how}` };
}

function namesText(names: readonly string[], count: number, one: string): string {
  const more = count - names.length;
  return `\n  ${names.length === 1 ? one : `${one}s`}: ${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more: add --all to name each` : ''}`;
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
