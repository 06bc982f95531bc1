import type { Target } from '../domain/target.ts';
import type { Column } from './columns.ts';

/** The column of a log store's name. */
export const NAME_COLUMN: Column = { title: 'LOG STORE', least: 20 };

/**
 * The columns that say where log stores are: account and Region, each only where they differ.
 * @param targets those of the run too, so that a column is there even if all rows are of one account
 */
export function placeColumns(targets: readonly Target[]): {
  readonly head: readonly string[];
  cells(target: Target): readonly string[];
} {
  const differs = (part: (target: Target) => string) => new Set(targets.map(part).filter(Boolean)).size > 1;
  const parts = [
    { title: 'ACCOUNT', of: ({ account }: Target) => account },
    { title: 'REGION', of: ({ region }: Target) => region },
  ].filter(({ of }) => differs(of));
  return { head: parts.map(({ title }) => title), cells: (target) => parts.map(({ of }) => of(target)) };
}
