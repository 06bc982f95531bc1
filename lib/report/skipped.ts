import type { Skipped } from '../app/find-targets.ts';
import { fewAccounts, nameList } from './name-list.ts';
import { counted } from './table.ts';

const NONE: Skipped = { accounts: [], regions: [] };

/** What was left out of the organization and of all Regions, in whole sentences; none: nothing was. */
export function skippedLines({ accounts, regions }: Skipped = NONE): string[] {
  const alike = Map.groupBy(regions, (one) => one.regions.join(','));
  return [
    ...(accounts.length > 0
      ? [
          `Skipped ${counted(accounts.length, 'account that is', 'accounts that are')} not active: ${nameList(accounts)}`,
        ]
      : []),
    ...[...alike.values()].flatMap((some) => {
      const [first] = some;
      if (!first) return [];
      const where = fewAccounts(some.map(({ account }) => account).filter(Boolean));
      const what = counted(first.regions.length, 'Region that is', 'Regions that are');
      return [`Skipped ${what} not enabled${where === '' ? '' : ` in ${where}`}: ${nameList(first.regions)}`];
    }),
  ];
}

/** The same for a table. */
export function skippedText(skipped: Skipped | undefined): string {
  return skippedLines(skipped)
    .map((line) => `${line}\n`)
    .join('');
}
