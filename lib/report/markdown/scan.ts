import { CATALOGUE } from '../../domain/catalogue.ts';
import { SEVERITIES } from '../../domain/catalogue-entry.ts';
import { type Finding, isOpen } from '../../domain/finding.ts';
import { byPlace, inFindingOrder, severityRank } from '../../domain/order.ts';
import { REASON_CODES, type ReasonCode } from '../../domain/reasons.ts';
import type { Summary } from '../../domain/summary.ts';
import type { ScanTotals } from '../documents.ts';
import { SHOWN_ROWS, type WriterOf } from '../format.ts';
import { accountName } from '../headline.ts';
import { problemList } from '../problem-list.ts';
import { skippedLines } from '../skipped.ts';
import { apiCallsOf, counted, incompleteText, leftOutText } from '../table.ts';
import { worstOf } from '../worst.ts';
import { exemptionSection, unreadableConfiguration } from './exemptions.ts';
import { failedSection, problemSection } from './problems.ts';
import { code, document, MAX_ROWS, ROWS_LEFT_OUT, tableHead, tableRow } from './text.ts';

/** A scan: how many log stores need attention, why, which are the worst, and each fix once. */
export const scanMarkdown: WriterOf<'scan'> = (options) => {
  const limit = options.showAll ? MAX_ROWS : SHOWN_ROWS;
  const open = worstOf<Finding>(limit, inFindingOrder);
  const exempt = worstOf<Finding>(limit, byPlace);
  const reasons = problemList();
  const warnings = problemList();
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        warnings.add(finding.warnings);
        if (finding.exemption) exempt.add(finding);
        if (!isOpen(finding)) continue;
        open.add(finding);
        reasons.add(finding.reasons, undefined, finding.account);
      }
      return '';
    },
    end: (totals) =>
      document(
        `## ${headline(totals)}\n\n${totalsText(totals)}${unreadableConfiguration(totals.config)}`,
        [
          failedSection(totals.targets, options),
          {
            head: `### The worst first\n\n${tableHead(HEAD)}`,
            items: open.kept().map(rowOf),
            omitted: { count: open.omitted(), how: ROWS_LEFT_OUT },
          },
          problemSection('Why, and how to fix it', reasons, totals.targets),
          problemSection('Warnings: encrypted, but the key policy may stop CloudWatch Logs', warnings),
          {
            head: `### Exempt\n\n${tableHead(['Account', 'Region', 'Log store', 'Reasons', 'Exemption', 'Until'])}`,
            items: exempt.kept().map(exemptRow),
            omitted: { count: exempt.omitted(), how: ROWS_LEFT_OUT },
          },
          exemptionSection(totals.exemptions),
        ],
        footer(totals),
      ),
  };
};

const HEAD = ['Severity', 'Account', 'Region', 'Log store', 'Reasons', 'Key'];

function rowOf({ severity, account, region, name, reasons, keyArn }: Finding): string {
  const codes = reasons.map((reason) => `\`${reason.code}\``).join(' ');
  return tableRow([severity ?? '', code(account), code(region), code(name), codes, code(keyArn ?? '')]);
}

function exemptRow({ account, region, name, reasons, exemption }: Finding): string {
  const codes = reasons.map((reason) => `\`${reason.code}\``).join(' ');
  const { id = '', expires } = exemption ?? {};
  return tableRow([code(account), code(region), code(name), codes, code(id), expires ? code(expires) : 'no end']);
}

function headline({ status, summary, targets }: ScanTotals): string {
  if (status === 'FAILED' && summary.stores === 0) return 'logseal: nothing was scanned';
  const attention = summary.nonCompliant + summary.unknown;
  const needs = summary.stores === 1 ? 'needs' : 'need';
  const what =
    attention === 0
      ? `none of ${counted(summary.stores, 'log store')} ${status === 'COMPLETE' ? '' : 'that were scanned '}needs attention`
      : `${attention.toLocaleString('en')} of ${counted(summary.stores, 'log store')} ${needs} attention`;
  return `logseal: ${what}${incompleteText(targets)}`;
}

function totalsText({ summary, targets, skipped }: ScanTotals): string {
  const { compliant, nonCompliant, unknown, exempt, filtered } = summary;
  const numbers = [compliant, nonCompliant, unknown, exempt].map((count) => count.toLocaleString('en'));
  const scanned = targets.filter(({ status, stores }) => status === 'COMPLETE' || stores > 0);
  const regions = [...new Set(scanned.map((target) => [accountName(target), target.region].filter(Boolean).join(' ')))];
  return [
    tableHead(['Compliant', 'Not compliant', 'Unknown', 'Exempt']),
    tableRow(numbers),
    `\n${countsText(summary)}`,
    filtered > 0 ? `${leftOutText(filtered)}\n\n` : '',
    `Scanned: ${namesText(regions)}\n`,
    ...skippedLines(skipped).map((line) => `\n${line}\n`),
  ].join('');
}

/** As many accounts and Regions as a person reads in a line. */
const MAX_NAMES = 20;

function namesText(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${(names.length - MAX_NAMES).toLocaleString('en')} more` : '';
  return `${names.slice(0, MAX_NAMES).map(code).join(', ')}${more}`;
}

function countsText({ bySeverity: severities, byReason }: Summary): string {
  const ofSeverity = SEVERITIES.flatMap((severity) => {
    const count = severities[severity];
    return count === undefined ? [] : [`**${severity} ${count.toLocaleString('en')}**`];
  });
  const rankOf = (reason: ReasonCode) => severityRank(CATALOGUE[reason].severity);
  const ofReason = REASON_CODES.toSorted((one, other) => rankOf(one) - rankOf(other)).flatMap((reason) => {
    const count = byReason[reason];
    return count === undefined ? [] : [`\`${reason}\` ${count.toLocaleString('en')}`];
  });
  return ofSeverity.length === 0 ? '' : `${ofSeverity.join(', ')}: ${ofReason.join(', ')}\n\n`;
}

function footer({ run, targets }: ScanTotals): string {
  const calls = apiCallsOf(targets);
  return `\nRun ${code(run.id)}, ${run.startedAt} to ${run.finishedAt}, ${counted(calls, 'API call')}\n`;
}
