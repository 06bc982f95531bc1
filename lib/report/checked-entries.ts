import type { Configuration } from '../domain/configuration.ts';
import type { EntryMatches } from '../domain/entry-matches.ts';
import { daysLeft } from '../domain/exemption.ts';
import type { CheckedEntry } from './documents.ts';

/**
 * What a configuration file says, entry by entry.
 * @param lines where each entry begins
 * @param counts what each matches in a scan, the exemptions first; null: no scan was given
 */
export function checkedEntries(
  { exemptions, keys }: Configuration,
  lines: { readonly exemptions: readonly number[]; readonly keys: readonly number[] },
  counts: readonly (EntryMatches | null)[] | null,
  now: Date,
): CheckedEntry[] {
  const matched = (entry: number) => ({ matched: counts?.[entry] ?? null });
  return [
    ...exemptions.map(({ match, ...exemption }, index): CheckedEntry => {
      const left = daysLeft(exemption.expires, now);
      const expiry = { state: left < 0 ? 'EXPIRED' : 'ACTIVE', daysLeft: left } as const;
      return {
        type: 'EXEMPTION',
        line: lines.exemptions[index] ?? 0,
        exemption: { ...exemption, ...expiry },
        key: null,
        match,
        ...matched(index),
      };
    }),
    ...keys.map(
      ({ match, key }, index): CheckedEntry => ({
        type: 'KEY_RULE',
        line: lines.keys[index] ?? 0,
        exemption: null,
        key,
        match,
        ...matched(exemptions.length + index),
      }),
    ),
  ];
}
