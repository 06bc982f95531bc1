import pMap from 'p-map';
import { scanTarget } from '../../lib/app/scan/scan-target.ts';
import { addKnown, type Matches } from '../../lib/domain/exemption-matches.ts';
import { EMPTY_SUMMARY, merge } from '../../lib/domain/summary.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import { type ScanTotals, scanStatusOf } from '../../lib/report/documents.ts';
import { withAliases } from '../account-alias.ts';
import { readArguments } from '../arguments.ts';
import { finished, newRun } from '../command-run.ts';
import { CONFIG_OPTION } from '../config-input.ts';
import { nameConfiguration } from '../configuration.ts';
import { configurationTotals } from '../configuration-totals.ts';
import { connect, unlessInterrupted, whereOf } from '../connect.ts';
import type { ExitStatus } from '../exit.ts';
import { scanStatus } from '../exit-status.ts';
import { FAIL_ON_OPTION, failOn } from '../fail-on.ts';
import type { Host } from '../host.ts';
import {
  ENTER_OPTIONS,
  keyOf,
  ORGANIZATION_OPTIONS,
  PROFILE_OPTION,
  providerOf,
  rulesOf,
  TARGET_OPTIONS,
} from '../options.ts';
import { withProgress } from '../progress.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, refuseForeignFormats, withOutputs } from '../report.ts';
import { announceSelection, SELECTION_OPTIONS, sayUnmatched, selection } from '../selection.ts';
import { announceQuery } from '../subject.ts';
import { refuseMistakes, validateEntering, validateProvider } from '../validation.ts';

/** `logseal scan`: lists every log store of the targets and evaluates each. Changes nothing. */
export async function scan(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      ...TARGET_OPTIONS,
      ...SELECTION_OPTIONS,
      ...CONFIG_OPTION,
      ...FAIL_ON_OPTION,
      ...PROFILE_OPTION,
      ...ENTER_OPTIONS,
      ...ORGANIZATION_OPTIONS,
      ...outputOptions('scan'),
    },
    host,
  );
  validateProvider(args);
  refuseForeignFormats('scan', args, providerOf(args));
  const named = await nameConfiguration(args, host);
  if (args.flag('require-key') && keyOf(args) === undefined && !named.mayNameKeys) {
    args.mistakes.push('--require-key: expected --key as well, or --config with key rules');
  }
  validateEntering(args);
  await refuseMistakes(args, host);
  announceQuery(args, host);
  announceSelection(args, host);

  const run = newRun(host);
  const chosen = selection(args);
  return withOutputs('scan', args, host, async (outputs) => {
    const connection = await connect(args, host, whereOf(args), run.id);
    const { cloudOf, targets, unlisted, skipped } = connection;
    const config = await unlessInterrupted(host.signal, named.read());
    const report = await openReport('scan', outputs, args, host, { asTyped: typing(args, host, connection) });
    let summary = EMPTY_SUMMARY;
    let matches: Matches | null = null;
    const listing = withProgress('listed', args, host, (add) =>
      pMap(
        targets,
        async (target) => {
          const found = await scanTarget(target, cloudOf(target), {
            rules: rulesOf(args, host, new Date(run.startedAt), config),
            selection: chosen,
            queryResults: args.flag('query-results'),
            onStores: (stores) => {
              add(target, stores.length);
              return report.page(stores.map(({ finding }) => finding));
            },
            signal: host.signal,
          });
          summary = merge(summary, found.summary);
          matches = matches ? addKnown(matches, found.matches) : found.matches;
          // Nothing else is kept of a target: there may be thousands, each with its keys and their clients.
          return { report: found.report, unreadTags: found.unreadTags };
        },
        { concurrency: CONCURRENT_TARGETS },
      ),
    );
    const scans = await unlessInterrupted(host.signal, listing);
    const reports = await withAliases([...unlisted, ...scans.map((each) => each.report)], cloudOf, outputs);
    const use = { reports, scans, matches: matches ?? new Map(), filtered: summary.filtered };
    const totals: ScanTotals = {
      status: scanStatusOf(reports),
      run: finished(run, host),
      summary,
      targets: reports,
      ...(skipped && { skipped }),
      ...configurationTotals(config, use, args, host),
    };
    await report.end(totals);
    sayUnmatched(args, chosen, totals.status, host);
    return scanStatus(totals, failOn(args));
  });
}
