import { element, xmlText } from './xml.ts';

/** One test case. */
export interface TestCase {
  readonly name: string;
  /** `failure`: what was tested is wrong. `error`: it could not be tested. null: it is right. */
  readonly result: 'failure' | 'error' | 'skipped' | null;
  /** What went wrong, in one word. */
  readonly type: string;
  /** In one line. */
  readonly message: string;
  /** Line by line. */
  readonly details: readonly string[];
  /** What else there is to say of it, line by line. */
  readonly output: readonly string[];
}

export const PASSED: Omit<TestCase, 'name'> = { result: null, type: '', message: '', details: [], output: [] };

/** The beginning of a document. @param name what was tested */
export function beginSuites(name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xmlText(name)}">\n`;
}

export const END_SUITES = '</testsuites>\n';

/**
 * One test suite with some cases. Its counts come before the cases, so a document that is written as its items come has one suite
 * for each page, and suites of the same name belong together.
 * @param classname where reports that have folders put the cases; a dot begins another folder
 */
export function suite(name: string, classname: string, cases: readonly TestCase[]): string {
  if (cases.length === 0) return '';
  const count = (result: TestCase['result']) => cases.filter((each) => each.result === result).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  return `${element('testsuite', { name, ...counts }, '\n', ...cases.map((each) => `${testCase(classname, each)}\n`))}\n`;
}

function testCase(classname: string, { name, result, type, message, details, output }: TestCase): string {
  const results = result === null ? [] : [element(result, { type, message }, ...linesOf(details))];
  const outputs = output.length === 0 ? [] : [element('system-out', {}, ...linesOf(output))];
  return element('testcase', { name, classname }, ...results, ...outputs);
}

function linesOf(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [lines.map(xmlText).join('\n')];
}
