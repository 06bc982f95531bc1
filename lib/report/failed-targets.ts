import type { TargetReport } from '../app/scan/scan-target.ts';
import { type Target, targetOf } from '../domain/target.ts';
import { fixForFailure } from './fixes.ts';
import type { ReportOptions } from './format.ts';
import { nameList } from './name-list.ts';
import { placesOf } from './places-of.ts';

/** A target that was not scanned completely, so that what was found proves nothing about the rest. */
export interface FailedTarget extends Target {
  readonly code: string;
  readonly message: string;
  /** null: the message has to do. */
  readonly fix: string | null;
}

/** What a run does with targets: a scan or a plan lists them, and what changes them reaches them. */
export type Work = 'scan' | 'change';

/** The targets that were not scanned completely, and why. */
export function failedTargets(targets: readonly TargetReport[]): FailedTarget[] {
  const placeOf = placesOf(targets);
  return failed(targets).map((target) => {
    const { account, region, error } = target;
    const place = isOfAccount(target) && account !== '' ? account : placeOf(account, [region]);
    return {
      ...targetOf(target),
      code: error?.code ?? 'FAILED',
      message: messageOf(place, false, target, 'scan'),
      fix: fixOf(target),
    };
  });
}

/** The same as people read it: the Regions of an account that failed alike are named together, and so are such accounts. */
export function failedPlaces(
  targets: readonly TargetReport[],
  { asTyped }: Pick<ReportOptions, 'asTyped'>,
  work: Work = 'scan',
): Pick<FailedTarget, 'message' | 'fix'>[] {
  const placeOf = placesOf(targets);
  const byAccount = Map.groupBy(failed(targets), (target) => `${target.account}\n${templateOf(target)}`);
  const accounts = [...byAccount.values()].flatMap((some) => {
    const [first] = some;
    const regions = first && !isOfAccount(first) ? [...new Set(some.map(({ region }) => region))] : [];
    return first ? [{ first, regions }] : [];
  });
  const alike = Map.groupBy(accounts, ({ first, regions }) => `${templateOf(first)}\n${regions}`);
  return [...alike.values()].flatMap(([one, ...others]) => {
    if (!one) return [];
    const { first, regions } = one;
    const { account } = first;
    const isSeveral = others.length > 0;
    const named = nameList([account, ...others.map((other) => other.first.account)]);
    const regionsNamed = new Intl.ListFormat('en').format(regions);
    const inRegions = isSeveral ? [named, regionsNamed].filter(Boolean).join(' in ') : placeOf(account, regions);
    const place = regions.length > 0 ? inRegions : named || 'the account';
    const error = isSeveral && first.error ? { ...first.error, message: templateMessage(first) } : first.error;
    const message = messageOf(place, isSeveral || regions.length > 1, { ...first, error }, work);
    const fix = fixOf(first);
    return [{ message, fix: fix && asTyped(fix) }];
  });
}

function failed(targets: readonly TargetReport[]): TargetReport[] {
  return targets.filter(({ status }) => status === 'FAILED');
}

/** Whether the whole account failed, so that no Region of it is worth a word. */
function isOfAccount({ error, stores, regionsUnlisted }: TargetReport): boolean {
  return regionsUnlisted === true || (stores === 0 && error?.code === 'ROLE_REFUSED');
}

/** The same for targets that failed alike, whatever account each is in. */
function templateOf(target: TargetReport): string {
  const { provider, error, stores } = target;
  return [provider, error?.code, templateMessage(target), stores].join('\n');
}

function templateMessage({ account, error }: TargetReport): string {
  const { message = '' } = error ?? {};
  return account === '' ? message : message.replaceAll(account, 'ACCOUNT');
}

function messageOf(place: string, isSeveral: boolean, target: TargetReport, work: Work): string {
  const { stores, error } = target;
  const why = `${error?.code}: ${error?.message}`;
  if (stores === 0 && error?.code === 'ROLE_REFUSED') return `${place} could not be entered: ${why}`;
  if (stores === 0 && work === 'change') return `${place} could not be reached: ${why}`;
  const was = isSeveral ? 'were' : 'was';
  if (isOfAccount(target)) return `${place} ${was} not scanned: ${why}`;
  const seen =
    stores > 0 ? `stopped after ${stores === 1 ? '1 log store' : `${stores.toLocaleString('en')} log stores`}: ` : '';
  return `${place} ${was} not scanned completely: ${seen}${why}`;
}

function fixOf({ provider, error }: TargetReport): string | null {
  return (error && fixForFailure(error.code, provider)) ?? null;
}
