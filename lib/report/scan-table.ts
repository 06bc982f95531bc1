import { type Finding, isOpen } from '../domain/finding.ts';
import type { Colors } from './colors.ts';
import type { ScanTotals } from './documents.ts';
import { columns, counted, failures, problems, shortKey } from './table.ts';

/** A scan as a person reads it: what is not compliant, why, and what to do. Compliant log stores are only counted. */
export function scanTable(findings: readonly Finding[], totals: ScanTotals, paint: Colors): string {
  const flagged = findings.filter(isOpen);
  const rows = flagged.map(({ status, region, name, reasons, keyArn }) => [
    status === 'UNKNOWN' ? paint.yellow(status) : paint.red(status),
    region,
    name,
    reasons.map(({ code }) => code).join(', '),
    shortKey(keyArn),
  ]);
  const table = rows.length === 0 ? '' : columns(['STATUS', 'REGION', 'LOG STORE', 'REASONS', 'KEY'], rows, paint);
  return [
    table,
    problems(
      'Why, and what fixes it',
      flagged.flatMap(({ reasons }) => reasons),
      paint,
    ),
    problems(
      'Warnings: encrypted, but the key policy may stop CloudWatch Logs',
      findings.flatMap(({ warnings }) => warnings),
      paint,
    ),
    rows.length === 0 ? '' : '\n',
    failures(totals.targets, paint),
    summaryLine(totals, paint),
  ].join('');
}

function summaryLine({ summary, targets }: ScanTotals, { bold, green, red, yellow }: Colors): string {
  const parts = [
    green(`${summary.compliant} compliant`),
    summary.nonCompliant > 0 && red(`${summary.nonCompliant} not compliant`),
    summary.unknown > 0 && yellow(`${summary.unknown} unknown`),
  ].filter(Boolean);
  const calls = targets.flatMap(({ apiCalls }) => Object.values(apiCalls)).reduce((sum, count) => sum + count, 0);
  const regions = targets.map(({ region }) => region).join(', ');
  return `${bold(counted(summary.stores, 'log store'))} in ${regions}: ${parts.join(', ')} (${calls} API calls)\n`;
}
