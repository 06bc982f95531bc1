import { CATALOGUE } from '../../domain/catalogue.ts';
import { SEVERITIES } from '../../domain/catalogue-entry.ts';
import { type Finding, isOpen } from '../../domain/finding.ts';
import { byPlace, severityRank } from '../../domain/order.ts';
import { REASON_CODES } from '../../domain/reasons.ts';
import type { Summary } from '../../domain/summary.ts';
import type { Colors } from '../colors.ts';
import type { ScanTotals } from '../documents.ts';
import { SHOWN_ROWS, type WriterOf } from '../format.ts';
import { problemList, severityText } from '../problem-list.ts';
import {
  columns,
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

/** A scan as a person reads it: what is not compliant, why, and what to do. Compliant log stores are only counted. */
export const scanTable: WriterOf<'scan'> = ({ paint, showAll }) => {
  const rows = worstOf(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, bySeverity);
  const reasons = problemList();
  const warnings = problemList();
  const exempt = exemptRows(showAll);
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        warnings.add(finding.warnings);
        exempt.add(finding);
        if (!isOpen(finding)) continue;
        rows.add(finding);
        reasons.add(finding.reasons);
      }
      return '';
    },
    end(totals) {
      const shown = rows.kept();
      const exemptions = `${exempt.text(paint)}${exemptionsText(totals.exemptions, totals.config, paint)}`;
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
        exemptions,
        shown.length === 0 && exemptions === '' ? '' : '\n',
        failures(totals.targets, paint),
        countsLine(totals.summary, paint),
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

/** How many there are of each severity and of each reason, the worst first; empty where nothing is open. */
function countsLine({ bySeverity, byReason }: Summary, paint: Colors): string {
  const severities = SEVERITIES.flatMap((severity) => {
    const count = bySeverity[severity];
    return count === undefined ? [] : [`${severityText(severity, paint)} ${count.toLocaleString('en')}`];
  });
  const codes = REASON_CODES.toSorted((one, other) => rankOfCode(one) - rankOfCode(other));
  const reasons = codes.flatMap((code) => {
    const count = byReason[code];
    return count === undefined ? [] : [`${code} ${count.toLocaleString('en')}`];
  });
  return severities.length === 0 ? '' : `${severities.join(', ')}: ${reasons.join(', ')}\n`;
}

function rankOfCode(code: (typeof REASON_CODES)[number]): number {
  return severityRank(CATALOGUE[code].severity);
}

function lastLine({ status, summary, targets }: ScanTotals, { bold, green, red, yellow }: Colors): string {
  if (status === 'FAILED' && summary.stores === 0) return nothingDone('scanned', targets, { red });
  const parts = [
    green(`${summary.compliant.toLocaleString('en')} compliant`),
    summary.nonCompliant > 0 && red(`${summary.nonCompliant.toLocaleString('en')} not compliant`),
    summary.unknown > 0 && yellow(`${summary.unknown.toLocaleString('en')} unknown`),
    summary.exempt > 0 && `${summary.exempt.toLocaleString('en')} exempt`,
    summary.filtered > 0 && leftOutText(summary.filtered),
  ].filter(Boolean);
  const calls = targets.flatMap(({ apiCalls }) => Object.values(apiCalls)).reduce((sum, count) => sum + count, 0);
  const regions = [...new Set(targets.map(({ region }) => region))].join(', ');
  const total = bold(counted(summary.stores, 'log store'));
  return `${total} in ${regions}: ${parts.join(', ')}${red(incompleteText(targets))} (${counted(calls, 'API call')})\n`;
}
