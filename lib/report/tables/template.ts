import { isOpen } from '../../domain/finding.ts';
import type { TemplateFinding } from '../../domain/template/finding.ts';
import { placeText } from '../../domain/template/note.ts';
import { columns } from '../columns.ts';
import type { TemplateTotals } from '../documents.ts';
import { type ReportOptions, SHOWN_ROWS, type WriterOf } from '../format.ts';
import { totalsTable } from '../headline.ts';
import { problemList, severityText } from '../problem-list.ts';
import { counted, omittedRows } from '../table.ts';
import { groupOfProblem, inTemplateOrder, shownName, titleOfProblems } from '../template-finding.ts';
import { worstOf } from '../worst.ts';

/** What is wrong in some templates, as a person reads it: how many log groups, then which and where, then why and what to write. */
export const templateTable: WriterOf<'template'> = (options) => {
  const { paint, showAll } = options;
  const rows = worstOf<TemplateFinding>(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, inTemplateOrder);
  const grouping = { showAll, one: 'log group', groupOf: groupOfProblem(showAll) };
  const reasons = problemList(grouping);
  const warnings = problemList(grouping);
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        const where = `${placeText(finding)} ${shownName(finding)}`;
        warnings.add(finding.warnings, where);
        if (!isOpen(finding)) continue;
        rows.add(finding);
        reasons.add(finding.reasons, where);
      }
      return '';
    },
    end(totals) {
      const found = totalsTable(totals.summary, options);
      return [
        headline(totals, options),
        found === '' ? '' : `\n${found}`,
        rowsText(rows.kept(), options),
        omittedRows(rows.omitted(), paint),
        reasons.text(titleOfProblems(totals, showAll), { ...options, isVerbose: true }),
        warnings.text('Warnings', { ...options, isVerbose: true }),
        lastLine(totals, options),
      ].join('');
    },
  };
};

function headline({ summary, files }: TemplateTotals, { paint: { bold, green, red, yellow } }: ReportOptions): string {
  const parts = [
    green(`${summary.compliant.toLocaleString('en')} compliant`),
    summary.nonCompliant > 0 && red(`${summary.nonCompliant.toLocaleString('en')} not compliant`),
    summary.unknown > 0 && yellow(`${summary.unknown.toLocaleString('en')} unknown`),
    summary.exempt > 0 && `${summary.exempt.toLocaleString('en')} exempt`,
  ].filter(Boolean);
  return `${bold(`Checked ${counted(files, 'file')}`)}\n${bold(counted(summary.stores, 'log group'))}: ${parts.join(', ')}\n`;
}

/** As wide as the longest code. */
const REASONS = { title: 'REASONS', least: 27, isProse: true };

function rowsText(findings: readonly TemplateFinding[], options: ReportOptions): string {
  if (findings.length === 0) return '';
  const rows = findings.map((finding) => [
    finding.severity ? severityText(finding.severity, options.paint) : '-',
    placeText(finding),
    shownName(finding),
    finding.reasons.map(({ code }) => code).join(', '),
  ]);
  const head = ['SEVERITY', { title: 'WHERE', least: 20 }, { title: 'LOG GROUP', least: 20 }, REASONS];
  return `\n${columns(head, rows, options)}`;
}

function lastLine({ summary, mistakes }: TemplateTotals, { paint: { green, red } }: ReportOptions): string {
  const open = summary.nonCompliant + summary.unknown;
  const unread = mistakes.length === 0 ? '' : red(`; ${counted(mistakes.length, 'mistake')} in what was not evaluated`);
  const nothing = mistakes.length === 0 ? green('nothing is open') : red('nothing is open in what was evaluated');
  return `\n${open === 0 ? nothing : red(`${counted(open, 'log group')} open`)}${unread}\n`;
}
