import type { TargetReport } from '../lib/app/scan/scan-target.ts';
import { addMatches, type ExemptionUse, exemptionUses } from '../lib/domain/exemption-use.ts';
import { scanStatusOf } from '../lib/report/documents.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';
import type { RunConfiguration } from './run-configuration.ts';

/** What the exemptions of a configuration came to in all targets. @param filtered how many log stores were left out */
export function exemptionTotals(
  { configuration }: RunConfiguration,
  scans: readonly { readonly report: TargetReport; readonly matched: readonly number[] }[],
  filtered: number,
  args: Arguments,
  host: Host,
): ExemptionUse[] {
  const reports = scans.map(({ report }) => report);
  const isWhole = scanStatusOf(reports) === 'COMPLETE' && filtered === 0;
  const matched = scans.map((scan) => scan.matched).reduce(addMatches, []);
  const listed = { targets: isWhole ? reports : null, queryResults: args.flag('query-results') };
  return exemptionUses(configuration, matched, listed, host.now());
}
