import type { Skipped } from '../app/find-targets.ts';
import { counted } from './table.ts';

const NONE: Skipped = { accounts: [], regions: [] };

/** As many as a person compares; `--format json` has all. */
const NAMES_SHOWN = 20;

/** What was left out of the organization and of all Regions, in whole sentences; none: nothing was. */
export function skippedLines({ accounts, regions }: Skipped = NONE): string[] {
  const alike = Map.groupBy(regions, (one) => one.regions.join(','));
  return [
    ...(accounts.length > 0
      ? [`Skipped ${counted(accounts.length, 'account that is', 'accounts that are')} not active: ${listOf(accounts)}`]
      : []),
    ...[...alike.values()].flatMap(([first, ...others]) => {
      if (!first) return [];
      const where = others.length === 0 ? first.account : counted(others.length + 1, 'account');
      const what = counted(first.regions.length, 'Region that is', 'Regions that are');
      return [`Skipped ${what} not enabled${where === '' ? '' : ` in ${where}`}: ${listOf(first.regions)}`];
    }),
  ];
}

/** The same for a table. */
export function skippedText(skipped: Skipped | undefined): string {
  return skippedLines(skipped)
    .map((line) => `${line}\n`)
    .join('');
}

function listOf(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${(names.length - NAMES_SHOWN).toLocaleString('en')} more` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}
