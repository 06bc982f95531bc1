import type { PlannedKey } from '../app/change/plan-target.ts';
import type { TargetReport } from '../app/scan/scan-target.ts';
import { isUnread } from '../domain/key-use.ts';
import type { Colors } from './colors.ts';
import { isUnusableEverywhere } from './documents.ts';
import { failedPlaces, type Work } from './failed-targets.ts';
import type { ReportOptions } from './format.ts';
import { fewAccounts } from './name-list.ts';

/** What a table leaves out; empty where it leaves out nothing. */
export function omittedRows(omitted: number, { dim }: Colors): string {
  return omitted === 0 ? '' : dim(`… and ${omitted.toLocaleString('en')} more: add --all to show every row\n`);
}

/** The targets that were not scanned completely. */
export function failures(
  targets: readonly TargetReport[],
  options: Pick<ReportOptions, 'paint' | 'asTyped'>,
  work: Work = 'scan',
): string {
  return failedPlaces(targets, options, work)
    .map(({ message, fix }) => `${options.paint.red(message)}\n${fix ? `  fix: ${fix}\n` : ''}`)
    .join('');
}

/** The end of a summary line, so that it does not read like success: how many targets were not scanned completely. */
export function incompleteText(targets: readonly TargetReport[], work: Work = 'scan'): string {
  const failed = targets.filter(({ status }) => status === 'FAILED');
  if (failed.length === 0) return '';
  const isUnreached = work === 'change' && failed.every(({ stores }) => stores === 0);
  const what = isUnreached ? 'could not be reached' : 'not scanned completely';
  return `; ${failed.length.toLocaleString('en')} of ${counted(targets.length, 'target')} ${what}`;
}

/** How many calls were made for some targets together. */
export function apiCallsOf(targets: readonly Pick<TargetReport, 'apiCalls'>[]): number {
  return targets.flatMap(({ apiCalls }) => Object.values(apiCalls)).reduce((sum, count) => sum + count, 0);
}

/** How many log stores a selection left out. */
export function leftOutText(filtered: number): string {
  return `${filtered.toLocaleString('en')} left out by --include/--exclude`;
}

/** What of a plan is done another time, or is no part of it, to follow what is done; empty where that is nothing. */
export function restText(later: number, filtered: number): string {
  const parts = [
    later > 0 && `, ${later.toLocaleString('en')} left for later by --limit`,
    filtered > 0 && `, ${leftOutText(filtered)}`,
  ];
  return parts.filter(Boolean).join('');
}

/** That nothing at all was done, and where, below the failures, which say why. Only where every target failed. */
export function nothingDone(what: string, targets: readonly TargetReport[], { red }: Pick<Colors, 'red'>): string {
  const accounts = [...new Set(targets.map(({ account }) => account))].filter(Boolean);
  const where = accounts.length === 0 ? '' : ` in ${fewAccounts(accounts)}`;
  const codes = new Set(targets.flatMap(({ error }) => error?.code ?? []));
  return `${red(`Nothing was ${what}${where}`)}: ${[...codes].join(', ')}\n`;
}

/**
 * Says in one line of each key that it can be attached to no log store, or that this is not known, and why; empty where
 * it can.
 * @param explained the codes of the problems that are listed above: the code of one is enough
 */
export function unusableKey(
  keys: readonly PlannedKey[],
  { red, yellow }: Pick<Colors, 'red' | 'yellow'>,
  explained: ReadonlySet<string> = new Set(),
): string {
  const byName = [...Map.groupBy(keys, ({ configured }) => configured)];
  const lines = byName.map(([name, some]) => {
    const [first, ...others] = some.map(
      ({ refusals }) => refusals.find((refusal) => !isUnread(refusal)) ?? refusals[0],
    );
    if (!first || others.includes(undefined)) return '';
    const key = byName.length === 1 ? 'the key' : `the key ${name}`;
    const what = isUnusableEverywhere(some)
      ? red(`${key} cannot be used`)
      : yellow(`whether ${key} can be used is not known`);
    return `${what}: ${explained.has(first.code) ? first.code : first.message}\n`;
  });
  return lines.join('');
}

/** `1 change`, `2 changes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `1 key policy`, `2 key policies`. */
export function keyPolicies({ length }: readonly unknown[]): string {
  return counted(length, 'key policy', 'key policies');
}

/** The id is enough to tell keys of one account and Region apart. */
export function shortKey(keyArn: string | null): string {
  return keyArn === null ? '-' : (keyArn.split(/:key\//)[1] ?? keyArn);
}
