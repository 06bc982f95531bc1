import type { DocumentProblem } from '../../domain/key-policy/document-problem.ts';
import type { CheckedPolicy } from '../documents.ts';
import type { ReportOptions, WriterOf } from '../format.ts';
import { repairText, whyNotAllowed } from '../verdict-text.ts';
import { beginSuites, END_SUITES, PASSED, suite, type TestCase } from './suite.ts';

/** A key policy's verdict: one test case for it, and one for whether KMS would accept the document. */
export const verdictJunit: WriterOf<'policy-verdict'> = (options) => ({
  begin: () => beginSuites(NAME),
  page: () => '',
  end: (checked) =>
    suiteOf(options, [caseOf(options.policy?.subject ?? 'the key', checked), acceptance(checked.problems)]) +
    END_SUITES,
});

/** A key policy's verdicts: a test case for each log group, and one for whether KMS would accept the document. */
export const verdictsJunit: WriterOf<'policy-verdicts'> = (options) => {
  let problems: readonly DocumentProblem[] = [];
  return {
    begin: () => beginSuites(NAME),
    page(verdicts) {
      // They are about the document, so all verdicts have the same.
      problems = verdicts[0]?.problems ?? problems;
      return suiteOf(
        options,
        verdicts.map((checked) => caseOf(checked.logGroupArn, checked)),
      );
    },
    end: () => suiteOf(options, [acceptance(problems)]) + END_SUITES,
  };
};

const NAME = 'logseal policy check';

function suiteOf({ policy }: ReportOptions, cases: readonly TestCase[]): string {
  const file = policy?.file ?? 'standard input';
  return suite(file, 'logseal.policy-check', cases);
}

function caseOf(name: string, checked: CheckedPolicy): TestCase {
  const output = checked.warnings.map(({ code, severity, message }) => `warning: ${severity} ${code}: ${message}`);
  if (checked.verdict === 'ALLOWED') return { ...PASSED, name, output };
  const { why } = whyNotAllowed(checked);
  const repair = repairText(checked);
  return {
    name,
    result: checked.verdict === 'UNCERTAIN' ? 'error' : 'failure',
    type: checked.verdict,
    message: why,
    details: repair === null ? [why] : [why, `fix: ${repair}`],
    output,
  };
}

function acceptance(problems: readonly DocumentProblem[]): TestCase {
  const name = 'KMS accepts the document';
  const [first] = problems;
  if (!first) return { ...PASSED, name };
  const details = problems.flatMap(({ code, message, fix }) => [`${code}: ${message}`, `fix: ${fix}`]);
  return { ...PASSED, name, result: 'failure', type: first.code, message: first.message, details };
}
