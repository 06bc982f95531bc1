import type { Exemption } from '../../domain/exemption.ts';
import { isOpen } from '../../domain/finding.ts';
import type { WriterOf } from '../format.ts';
import type { Assets } from './assets.ts';
import { countedCustodies } from './custody.ts';
import { fixGroups } from './fix-groups.ts';
import { countedKeys } from './key-uses.ts';
import { page } from './page.ts';
import { countedPlaces } from './places.ts';
import { keptRows } from './rows.ts';

/**
 * How many findings one file carries, the worst first: about 10 MB. Counts, keys and fixes are those of all findings, and the
 * report says how many it left out.
 */
export const MAX_FINDINGS = 100_000;

/** A scan as one HTML file that needs no network. Everything is written at the end, since the worst comes first. */
export function htmlReport(assets: Assets, maxFindings = MAX_FINDINGS): WriterOf<'scan'> {
  return ({ asTyped }) => {
    const rows = keptRows(maxFindings);
    const places = countedPlaces();
    const keys = countedKeys();
    const custodies = countedCustodies();
    const fixes = fixGroups();
    const warnings = fixGroups();
    /** By id; those that are built in are in no other list. */
    const exemptions = new Map<string, { readonly exemption: Exemption; covered: number }>();
    return {
      begin: () => '',
      page(findings) {
        for (const finding of findings) {
          for (const counter of [rows, places, keys, custodies]) counter.add(finding);
          if (isOpen(finding)) fixes.add(finding, finding.reasons);
          warnings.add(finding, finding.warnings);
          const { exemption } = finding;
          if (!exemption) continue;
          const use = exemptions.get(exemption.id) ?? { exemption, covered: 0 };
          use.covered++;
          exemptions.set(exemption.id, use);
        }
        return '';
      },
      end: (totals) =>
        page(assets, {
          totals,
          places: places.of(totals.targets),
          keys: keys.all(),
          storesUnderOmittedKeys: keys.omitted(),
          custodies: custodies.counts,
          fixes: fixes.all(),
          warnings: warnings.all(),
          exemptions: [...exemptions.values()],
          asTyped,
          rows: rows.kept(),
          omittedRows: rows.omitted(),
        }),
    };
  };
}
