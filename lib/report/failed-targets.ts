import type { TargetReport } from '../app/scan/scan-target.ts';
import { type Target, targetOf } from '../domain/target.ts';
import { fixForFailure } from './fixes.ts';
import { placesOf } from './places-of.ts';

/** A target that was not scanned completely, so that what was found proves nothing about the rest. */
export interface FailedTarget extends Target {
  readonly code: string;
  readonly message: string;
  /** null: the message has to do. */
  readonly fix: string | null;
}

/** The targets that were not scanned completely, and why. */
export function failedTargets(targets: readonly TargetReport[]): FailedTarget[] {
  const placeOf = placesOf(targets);
  return failed(targets).map((target) => ({
    ...targetOf(target),
    code: target.error?.code ?? 'FAILED',
    message: messageOf(placeOf(target.account, [target.region]), 'was', target),
    fix: fixOf(target),
  }));
}

/** The same as people read it: the Regions of an account that failed alike are named together. */
export function failedPlaces(targets: readonly TargetReport[]): Pick<FailedTarget, 'message' | 'fix'>[] {
  const placeOf = placesOf(targets);
  const alike = Map.groupBy(failed(targets), ({ provider, account, error, stores }) =>
    [provider, account, error?.code, error?.message, stores].join('\n'),
  );
  return [...alike.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const place = placeOf(first.account, new Set(some.map(({ region }) => region)));
    return [{ message: messageOf(place, some.length === 1 ? 'was' : 'were', first), fix: fixOf(first) }];
  });
}

function failed(targets: readonly TargetReport[]): TargetReport[] {
  return targets.filter(({ status }) => status === 'FAILED');
}

function messageOf(place: string, verb: 'was' | 'were', { stores, error }: TargetReport): string {
  const seen =
    stores > 0 ? `stopped after ${stores === 1 ? '1 log store' : `${stores.toLocaleString('en')} log stores`}: ` : '';
  return `${place} ${verb} not scanned completely: ${seen}${error?.code}: ${error?.message}`;
}

function fixOf({ provider, error }: TargetReport): string | null {
  return (error && fixForFailure(error.code, provider)) ?? null;
}
