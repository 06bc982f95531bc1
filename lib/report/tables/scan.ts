import { type Finding, isOpen } from '../../domain/finding.ts';
import { byPlace, severityRank } from '../../domain/order.ts';
import type { Colors } from '../colors.ts';
import type { ScanTotals } from '../documents.ts';
import { SHOWN_ROWS, type WriterOf } from '../format.ts';
import { problemList, severityText } from '../problem-list.ts';
import { columns, counted, failures, incompleteText, nothingDone, omittedRows, shortKey } from '../table.ts';
import { worstOf } from '../worst.ts';

/** A scan as a person reads it: what is not compliant, why, and what to do. Compliant log stores are only counted. */
export const scanTable: WriterOf<'scan'> = ({ paint, showAll }) => {
  const rows = worstOf(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, bySeverity);
  const reasons = problemList();
  const warnings = problemList();
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        warnings.add(finding.warnings);
        if (!isOpen(finding)) continue;
        rows.add(finding);
        reasons.add(finding.reasons);
      }
      return '';
    },
    end(totals) {
      const shown = rows.kept();
      const table =
        shown.length === 0
          ? ''
          : columns(
              HEAD,
              shown.map((finding) => rowOf(finding, paint)),
              paint,
            );
      return [
        table,
        omittedRows(rows.omitted(), paint),
        reasons.text('Why, and how to fix it', paint),
        warnings.text('Warnings: encrypted, but the key policy may stop CloudWatch Logs', paint),
        shown.length === 0 ? '' : '\n',
        failures(totals.targets, paint),
        lastLine(totals, paint),
      ].join('');
    },
  };
};

const HEAD = ['SEVERITY', 'REGION', 'LOG STORE', 'REASONS', 'KEY'];

function rowOf({ severity, region, name, reasons, keyArn }: Finding, paint: Colors): string[] {
  const codes = reasons.map(({ code }) => code).join(', ');
  return [severity ? severityText(severity, paint) : '-', region, name, codes, shortKey(keyArn)];
}

function bySeverity(one: Finding, other: Finding): number {
  return severityRank(one.severity) - severityRank(other.severity) || byPlace(one, other);
}

function lastLine({ status, summary, targets }: ScanTotals, { bold, green, red, yellow }: Colors): string {
  if (status === 'FAILED' && summary.stores === 0) return nothingDone('scanned', targets, { red });
  const parts = [
    green(`${summary.compliant.toLocaleString('en')} compliant`),
    summary.nonCompliant > 0 && red(`${summary.nonCompliant.toLocaleString('en')} not compliant`),
    summary.unknown > 0 && yellow(`${summary.unknown.toLocaleString('en')} unknown`),
    summary.exempt > 0 && `${summary.exempt.toLocaleString('en')} exempt`,
  ].filter(Boolean);
  const calls = targets.flatMap(({ apiCalls }) => Object.values(apiCalls)).reduce((sum, count) => sum + count, 0);
  const regions = [...new Set(targets.map(({ region }) => region))].join(', ');
  const total = bold(counted(summary.stores, 'log store'));
  return `${total} in ${regions}: ${parts.join(', ')}${red(incompleteText(targets))} (${counted(calls, 'API call')})\n`;
}
