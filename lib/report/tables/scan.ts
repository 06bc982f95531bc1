import { type Finding, isOpen } from '../../domain/finding.ts';
import { inFindingOrder, severityRank } from '../../domain/order.ts';
import type { Target } from '../../domain/target.ts';
import { columns, isNarrow } from '../columns.ts';
import type { ScanTotals } from '../documents.ts';
import { type ReportOptions, SHOWN_ROWS, type WriterOf } from '../format.ts';
import { placesText, totalsTable } from '../headline.ts';
import { problemList, severityText } from '../problem-list.ts';
import { skippedText } from '../skipped.ts';
import { NAME_COLUMN, placeColumns } from '../store-columns.ts';
import {
  apiCallsOf,
  counted,
  failures,
  incompleteText,
  leftOutText,
  nothingDone,
  omittedRows,
  shortKey,
} from '../table.ts';
import { worstOf } from '../worst.ts';
import { exemptionsText, exemptRows } from './exemptions.ts';

/** A scan as a person reads it: how many log stores are open, then which, the worst first, then why, and what to do. */
export const scanTable: WriterOf<'scan'> = (options) => {
  const { paint, showAll } = options;
  const rows = worstOf<Finding>(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, inFindingOrder);
  const reasons = problemList();
  const warnings = problemList({ showAll });
  const exempt = exemptRows(showAll);
  let warned = 0;
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        warnings.add(finding.warnings, finding.name);
        if (finding.warnings.length > 0) warned++;
        exempt.add(finding);
        if (!isOpen(finding)) continue;
        rows.add(finding);
        reasons.add(finding.reasons, undefined, finding.account);
      }
      return '';
    },
    end(totals) {
      const { status, summary, targets, exemptions, config, skipped } = totals;
      if (status === 'FAILED' && summary.stores === 0) {
        return `${failures(targets, options)}${nothingDone('scanned', targets, paint)}`;
      }
      const found = totalsTable(summary, options);
      return [
        headline(totals, options),
        failures(targets, options),
        skippedText(skipped),
        found === '' ? '' : `\n${found}`,
        rowsText(rows.kept(), targets, options),
        omittedRows(rows.omitted(), paint),
        reasons.text('Why, and how to fix it', options, targets),
        warnings.text('Warnings: encrypted, but the key policy may stop CloudWatch Logs', options),
        exempt.text(targets, options),
        exemptionsText(exemptions, config, options),
        lastLine(totals, warned, options),
      ].join('');
    },
  };
};

/** What was scanned, and how many log stores have each status. */
function headline({ summary, targets }: ScanTotals, { paint: { bold, green, red, yellow } }: ReportOptions): string {
  const parts = [
    green(`${summary.compliant.toLocaleString('en')} compliant`),
    summary.nonCompliant > 0 && red(`${summary.nonCompliant.toLocaleString('en')} not compliant`),
    summary.unknown > 0 && yellow(`${summary.unknown.toLocaleString('en')} unknown`),
    summary.exempt > 0 && `${summary.exempt.toLocaleString('en')} exempt`,
    summary.filtered > 0 && leftOutText(summary.filtered),
  ].filter(Boolean);
  const calls = apiCallsOf(targets);
  const total = bold(counted(summary.stores, 'log store'));
  const scanned = targets.filter((target) => target.status === 'COMPLETE' || target.stores > 0);
  return `${bold(`Scanned ${placesText(scanned)}`)}\n${total}: ${parts.join(', ')} (${counted(calls, 'API call')})\n`;
}

function rowsText(findings: readonly Finding[], targets: readonly Target[], options: ReportOptions): string {
  if (findings.length === 0) return '';
  const place = placeColumns([...targets, ...findings]);
  const hasKeys = findings.some(({ keyArn }) => keyArn !== null);
  const rows = findings.map((finding) => [
    finding.severity ? severityText(finding.severity, options.paint) : '-',
    ...place.cells(finding),
    finding.name,
    reasonsText(finding, options),
    ...(hasKeys ? [shortKey(finding.keyArn)] : []),
  ]);
  const head = ['SEVERITY', ...place.head, NAME_COLUMN, { title: 'REASONS', least: 28 }];
  return `\n${columns([...head, ...(hasKeys ? [{ title: 'KEY', least: 13 }] : [])], rows, options)}`;
}

/** Where there is little room, the worst reason, and how many more there are; --format json has all of them. */
function reasonsText({ reasons }: Finding, { width }: ReportOptions): string {
  const codes = reasons.map(({ code }) => code);
  if (!isNarrow(width) || codes.length < 2) return codes.join(', ');
  const [worst] = reasons.toSorted((one, other) => severityRank(one.severity) - severityRank(other.severity));
  return `${worst?.code} +${codes.length - 1}`;
}

/** What is still open, at the end of a long text, too. */
function lastLine({ summary, targets }: ScanTotals, warned: number, { paint }: ReportOptions): string {
  const { green, red, yellow } = paint;
  const open = summary.nonCompliant + summary.unknown;
  const incomplete = incompleteText(targets);
  const nothing = incomplete === '' ? green('nothing is open') : red('nothing is open in what was scanned');
  const warnings = warned === 0 ? '' : yellow(`, ${counted(warned, 'log store')} with warnings`);
  return `\n${open === 0 ? nothing : red(`${counted(open, 'log store')} open`)}${warnings}${red(incomplete)}\n`;
}
