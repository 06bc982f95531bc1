import { isOpen } from '../../domain/finding.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import type { WriterOf } from '../format.ts';
import { shownName } from '../template-finding.ts';
import { placeOf, plain, type SarifResult, sarifLog } from './log.ts';

/** What was not evaluated: without this the document would be as that of files in which nothing is wrong. */
function invocationWith(mistakes: readonly TemplateNote[]): object {
  const toolExecutionNotifications = mistakes.map(({ file, line, message }) => ({
    level: 'error',
    message: { text: plain(message) },
    locations: [{ physicalLocation: placeOf(file, { startLine: line ?? 1 }) }],
  }));
  return { executionSuccessful: mistakes.length === 0, toolExecutionNotifications };
}

/** What comes of each reason that is HIGH (docs/templates.md). */
const FAILS = 'AWS refuses the log group, so the deployment fails.';

/** Each reason of a log group that is not compliant, and each warning that is worse than LOW, where the log group is declared. */
export const templateSarif: WriterOf<'template'> = () => {
  const results: SarifResult[] = [];
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        const { file, line, reasons, warnings } = finding;
        const problems = [
          ...(isOpen(finding) ? reasons : []).map((each) => ({ ...each, isWarning: false })),
          ...warnings.filter(({ severity }) => severity !== 'LOW').map((each) => ({ ...each, isWarning: true })),
        ];
        for (const { code, severity, message, fix, isWarning } of problems) {
          const result = { code, isWarning, message: `${shownName(finding)}: ${message}. Fix: ${fix}`, file };
          const impact = severity === 'HIGH' && !isWarning ? { impact: FAILS } : {};
          results.push({ ...result, ...impact, region: { startLine: line ?? 1 } });
        }
      }
      return '';
    },
    end: ({ mistakes }) => sarifLog(results, { invocations: [invocationWith(mistakes)] }),
  };
};
