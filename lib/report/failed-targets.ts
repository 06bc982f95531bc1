import type { TargetReport } from '../app/scan/scan-target.ts';
import { type Target, targetOf } from '../domain/target.ts';
import { fixForFailure } from './fixes.ts';

/** A target that was not scanned completely, so that what was found proves nothing about the rest. */
export interface FailedTarget extends Target {
  readonly code: string;
  readonly message: string;
  /** null: the message has to do. */
  readonly fix: string | null;
}

/** The targets that were not scanned completely, and why. */
export function failedTargets(targets: readonly TargetReport[]): FailedTarget[] {
  const isOneAccount = new Set(targets.map(({ account }) => account)).size <= 1;
  return targets
    .filter(({ status }) => status === 'FAILED')
    .map((target) => {
      const { provider, account, region, stores, error } = target;
      const place = isOneAccount || account === '' ? region : `${account} ${region}`;
      const seen =
        stores > 0
          ? `stopped after ${stores === 1 ? '1 log store' : `${stores.toLocaleString('en')} log stores`}: `
          : '';
      return {
        ...targetOf(target),
        code: error?.code ?? 'FAILED',
        message: `${place} was not scanned completely: ${seen}${error?.code}: ${error?.message}`,
        fix: (error && fixForFailure(error.code, provider)) ?? null,
      };
    });
}
