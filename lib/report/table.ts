import type { PlannedKey } from '../app/change/plan-target.ts';
import type { TargetReport } from '../app/scan/scan-target.ts';
import { isUnread } from '../domain/key-use.ts';
import type { Colors } from './colors.ts';
import { isUnusableEverywhere } from './documents.ts';
import { failedPlaces } from './failed-targets.ts';

/** What a table leaves out; empty where it leaves out nothing. */
export function omittedRows(omitted: number, { dim }: Colors): string {
  return omitted === 0 ? '' : dim(`… and ${omitted.toLocaleString('en')} more: add --all to show every row\n`);
}

/** The targets that were not scanned completely. */
export function failures(targets: readonly TargetReport[], { red }: Colors): string {
  return failedPlaces(targets)
    .map(({ message, fix }) => `${red(message)}\n${fix ? `  fix: ${fix}\n` : ''}`)
    .join('');
}

/** The end of a summary line, so that it does not read like success: how many targets were not scanned completely. */
export function incompleteText(targets: readonly TargetReport[]): string {
  const failed = targets.filter(({ status }) => status === 'FAILED').length;
  return failed === 0
    ? ''
    : `; ${failed.toLocaleString('en')} of ${counted(targets.length, 'target')} not scanned completely`;
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

/** Why nothing at all was done: the first failure. Only where every target failed. */
export function nothingDone(what: string, targets: readonly TargetReport[], { red }: Pick<Colors, 'red'>): string {
  const error = targets.find((target) => target.error)?.error;
  return `${red(`Nothing was ${what}`)}: ${error?.code}: ${error?.message}\n`;
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
