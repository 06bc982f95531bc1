import { isOpen } from '../../domain/finding.ts';
import type { TemplateFinding } from '../../domain/template/finding.ts';
import { placeText, templateNoteText } from '../../domain/template/note.ts';
import type { TemplateTotals } from '../documents.ts';
import { SHOWN_ROWS, type WriterOf } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { counted } from '../table.ts';
import { groupOfProblem, inTemplateOrder, titleOfProblems } from '../template-finding.ts';
import { worstOf } from '../worst.ts';
import { problemSection } from './problems.ts';
import { block, code, document, MAX_ROWS, ROWS_LEFT_OUT, tableHead, tableRow } from './text.ts';

/** What is wrong in some templates: which log groups and where, why, and what to write. */
export const templateMarkdown: WriterOf<'template'> = ({ showAll }) => {
  const limit = showAll ? MAX_ROWS : SHOWN_ROWS;
  const open = worstOf<TemplateFinding>(limit, inTemplateOrder);
  const exempt = worstOf<TemplateFinding>(limit, inTemplateOrder);
  const reasons = problemList({ groupOf: groupOfProblem(showAll) });
  const warnings = problemList({ groupOf: groupOfProblem(showAll) });
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        warnings.add(finding.warnings);
        if (finding.exemption) exempt.add(finding);
        if (!isOpen(finding)) continue;
        open.add(finding);
        reasons.add(finding.reasons);
      }
      return '';
    },
    end: (totals) =>
      document(
        `## ${headline(totals)}\n`,
        [
          { head: '### Not evaluated\n\n', items: totals.mistakes.map((note) => block([templateNoteText(note)])) },
          {
            head: `### The worst first\n\n${tableHead(['Severity', 'Where', 'Log group', 'Name', 'Reasons'])}`,
            items: open.kept().map((each) => rowOf(each, each.severity ?? '')),
            omitted: { count: open.omitted(), how: ROWS_LEFT_OUT },
          },
          problemSection(titleOfProblems(totals, showAll), reasons, [], 'log group'),
          problemSection('Warnings', warnings, [], 'log group'),
          {
            head: `### Exempt\n\n${tableHead(['Exemption', 'Where', 'Log group', 'Name', 'Reasons'])}`,
            items: exempt.kept().map((each) => rowOf(each, code(each.exemption?.id ?? ''))),
            omitted: { count: exempt.omitted(), how: ROWS_LEFT_OUT },
          },
          {
            head: '### What the findings do not show\n\n',
            items: totals.warnings.map((note) => block([templateNoteText(note)])),
          },
        ],
        '',
      ),
  };
};

function rowOf(finding: TemplateFinding, first: string): string {
  const { id, name, reasons } = finding;
  const codes = reasons.map((reason) => `\`${reason.code}\``).join(' ');
  return tableRow([first, code(placeText(finding)), code(id), code(name ?? ''), codes]);
}

function headline({ summary, files, mistakes }: TemplateTotals): string {
  const open = summary.nonCompliant + summary.unknown;
  const groups = counted(summary.stores, 'log group');
  const need = summary.stores === 1 ? 'needs' : 'need';
  const what =
    open === 0 ? `none of ${groups} needs attention` : `${open.toLocaleString('en')} of ${groups} ${need} attention`;
  const unread = mistakes.length === 0 ? '' : `, and ${counted(mistakes.length, 'mistake')} in what was not evaluated`;
  return `logseal: ${what} in ${counted(files, 'file')}${unread}`;
}
