import type { TargetReport, TargetScan } from '../lib/app/scan/scan-target.ts';
import type { ConfigStatus } from '../lib/domain/configuration.ts';
import type { Matches } from '../lib/domain/exemption-matches.ts';
import { type ExemptionUse, exemptionUses } from '../lib/domain/exemption-use.ts';
import { printable } from '../lib/domain/printable.ts';
import { scanStatusOf } from '../lib/report/documents.ts';
import { placesOf } from '../lib/report/places-of.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';
import type { RunConfiguration } from './run-configuration.ts';

/** What came of a configuration in all targets, as documents say it. */
export interface ConfigurationTotals {
  readonly config: ConfigStatus;
  readonly exemptions: readonly ExemptionUse[];
}

/** What is known of all targets together. */
export interface ConfigurationUse {
  /** Of all targets, whether they could be scanned or not. */
  readonly reports: readonly TargetReport[];
  readonly scans: readonly Pick<TargetScan, 'report' | 'unreadTags'>[];
  readonly matches: Matches;
  /** How many log stores were left out. */
  readonly filtered: number;
}

/** Says which tags could not be read, so that not all of the configuration counts. */
export function configurationTotals(
  { configuration, status }: RunConfiguration,
  { reports, scans, matches, filtered }: ConfigurationUse,
  args: Arguments,
  host: Host,
): ConfigurationTotals {
  const isWhole = scanStatusOf(reports) === 'COMPLETE' && filtered === 0;
  const listed = { targets: isWhole ? reports : null, queryResults: args.flag('query-results') };
  const placeOf = placesOf(reports);
  for (const { report, unreadTags } of scans) {
    if (!unreadTags) continue;
    const place = placeOf(report.account, [report.region]);
    const why = `${unreadTags.code}: ${unreadTags.call}: ${printable(unreadTags.message)}`;
    host.err.write(`Which entries of the configuration match is not known of all log stores in ${place}: ${why}\n`);
  }
  const isKnown = scans.every(({ unreadTags }) => unreadTags === null);
  return {
    config: isKnown ? status : 'UNREADABLE',
    exemptions: exemptionUses(configuration, matches, listed, host.now()),
  };
}
