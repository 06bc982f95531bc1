import type { TemplateFinding } from '../../domain/template/finding.ts';
import { placeText, templateNoteText } from '../../domain/template/note.ts';
import type { WriterOf } from '../format.ts';
import { shownName } from '../template-finding.ts';
import { beginSuites, END_SUITES, PASSED, suite, type TestCase } from './suite.ts';

/** One suite a file and one test case a log group, as they come. A file that was not evaluated is an error. */
export const templateJunit: WriterOf<'template'> = () => ({
  begin: () => beginSuites('logseal template check'),
  page: (findings) =>
    [...Map.groupBy(findings, ({ file }) => file)]
      .map(([file, some]) => suite(file, classOf(file), some.map(caseOf)))
      .join(''),
  end: ({ mistakes }) =>
    mistakes
      .map((note) => {
        const message = templateNoteText(note);
        const wrong = {
          ...PASSED,
          name: 'is evaluated',
          result: 'error',
          type: 'NOT_EVALUATED',
          message,
          details: [message],
        } as const;
        return suite(note.file, classOf(note.file), [wrong]);
      })
      .join('') + END_SUITES,
});

/** A dot would begin another folder. */
function classOf(file: string): string {
  return `logseal.${file.replaceAll('.', '_')}`;
}

const RESULTS = { COMPLIANT: null, NON_COMPLIANT: 'failure', UNKNOWN: 'error', EXEMPT: 'skipped' } as const;

function caseOf(finding: TemplateFinding): TestCase {
  const { status, severity, reasons, warnings, exemption } = finding;
  const worst = reasons.find((reason) => reason.severity === severity);
  return {
    name: shownName(finding),
    result: RESULTS[status],
    type: worst?.code ?? status,
    message: exemption
      ? `exempt by ${exemption.id}, owner ${exemption.owner}: ${exemption.reason}`
      : (worst?.message ?? ''),
    details: reasons.flatMap(({ code, severity: own, message, fix }) => [
      `${placeText(finding)}: ${own} ${code}: ${message}`,
      ...`fix: ${fix}`.split('\n'),
    ]),
    output: warnings.flatMap(({ code, severity: own, message, fix }) => [
      `warning: ${own} ${code}: ${message}`,
      ...`fix: ${fix}`.split('\n'),
    ]),
  };
}
