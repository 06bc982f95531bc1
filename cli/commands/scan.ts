import pMap from 'p-map';
import { scanTarget } from '../../lib/app/scan/scan-target.ts';
import { EMPTY_SUMMARY, type Finding, merge } from '../../lib/domain/finding.ts';
import { type Target, targetKey } from '../../lib/domain/target.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { ScanDocument, ScanTotals } from '../../lib/report/documents.ts';
import { readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  keyOf,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
  tellOfQuery,
  validateProvider,
} from '../common.ts';
import { connect, unlessInterrupted } from '../connect.ts';
import { type ExitStatus, scanStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { withOutput } from '../output.ts';
import { withProgress } from '../progress.ts';

/** `logseal scan`: lists every log group of the targets and judges each. Changes nothing. */
export async function scan(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(words, { ...TARGET_OPTIONS, ...PROFILE_OPTION, ...OUTPUT_OPTIONS }, host);
  validateProvider(args);
  const key = keyOf(args);
  if (args.flag('require-key') && key === undefined) args.mistakes.push('--require-key: expected --key beside it');
  await refuseMistakes(args, host);
  tellOfQuery(args, host);

  const run = newRun();
  const format = formatOf(args);
  return withOutput(args.value('output'), host, async (output) => {
    const { cloudOf, targets } = await connect(args, host);
    // Only `ndjson` forgets a finding once it is written; a table needs those that say something.
    const kept = new Map<string, Finding[]>(targets.map((target) => [targetKey(target), []]));
    const take = async (target: Target, findings: readonly Finding[]): Promise<void> => {
      if (format === 'ndjson') await output.write(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''));
      else kept.get(targetKey(target))?.push(...(format === 'json' ? findings : findings.filter(isNoteworthy)));
    };
    const listing = withProgress('listed', args, host, (add) =>
      pMap(
        targets,
        (target) =>
          scanTarget(target, cloudOf(target), {
            requiredKey: args.flag('require-key') ? (key ?? null) : null,
            now: new Date(run.startedAt),
            queryResults: args.flag('query-results'),
            onFindings: (findings) => {
              add(target, findings.length);
              return take(target, findings);
            },
            signal: host.signal,
          }),
        { concurrency: CONCURRENT_TARGETS },
      ),
    );
    const scans = await unlessInterrupted(host.signal, listing);
    const totals: ScanTotals = {
      run: finished(run),
      summary: scans.map(({ summary }) => summary).reduce(merge, EMPTY_SUMMARY),
      targets: scans.map(({ report }) => report),
    };
    const findings = [...kept.values()].flat();
    if (format === 'table') {
      // Drawing takes ten modules that the other formats do without.
      const { scanTable } = await import('../../lib/report/scan-table.ts');
      await output.write(scanTable(findings, totals, paintFor(args, host, output)));
    } else {
      const document = format === 'json' ? scanDocument(totals, findings) : summaryLine(totals);
      await output.write(`${JSON.stringify(document)}\n`);
    }
    await output.finish();
    return scanStatus(totals);
  });
}

function isNoteworthy({ status, warnings }: Finding): boolean {
  return status !== 'COMPLIANT' || warnings.length > 0;
}

function scanDocument(totals: ScanTotals, findings: readonly Finding[]): ScanDocument {
  return { schema: 'logseal/scan/1', ...totals, findings };
}

function summaryLine(totals: ScanTotals) {
  return { schema: 'logseal/scan-summary/1', ...totals };
}
