import { allAtOnce } from '../all-at-once.ts';
import { NEXT_CHANGE } from '../document-problems.ts';
import type { CheckedKey } from '../documents.ts';
import type { ReportOptions, WriterOf } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { keyCheckSum, openChecks } from '../tables/key-check.ts';
import { readersAndWritersText } from '../tables/readers-and-writers.ts';
import { documentProblemSection, problemSection } from './problems.ts';
import { inBlocks, textSection } from './steps.ts';
import { code, document, type Section, tableHead, tableRow } from './text.ts';

/** Every check with its result, target by target, and then the fixes of those that do not pass. */
export const keyCheckMarkdown: WriterOf<'key-check'> = (options) =>
  allAtOnce((checked, { run, key }) =>
    document(
      `## logseal key check: ${code(key.configured)}\n`,
      checked.flatMap((each) => sectionsOf(each, inBlocks(options))),
      `\nRun ${code(run.id)}\n`,
    ),
  );

function sectionsOf(each: CheckedKey, options: ReportOptions): Section[] {
  const { store, keyArn, checks, note, readersAndWriters, warnings, problems } = each;
  const { failed, unknown } = openChecks(checks);
  const fixes = problemList();
  fixes.add(failed);
  const warned = problemList();
  warned.add(warnings);
  const place = [store.account, store.region].filter(Boolean).map(code).join(' ');
  const about = note === undefined ? '' : `Note: ${code(note)}\n\n`;
  return [
    {
      head: `### ${place}, ${code(keyArn ?? 'the ARN of the key is not known')}\n\n${keyCheckSum(checks)}\n\n${about}${tableHead(['Result', 'Check', 'Action', 'Why'])}`,
      items: checks.map(({ result, check, action, message }) =>
        tableRow([result, check, code(action ?? ''), code(message)]),
      ),
    },
    problemSection('Fixes', fixes, [], 'check'),
    textSection('Not known', unknown),
    textSection(
      'Who writes and reads the logs',
      readersAndWriters === null ? '' : readersAndWritersText(readersAndWriters, options),
    ),
    problemSection('Warnings', warned, [], 'key'),
    documentProblemSection(NEXT_CHANGE, problems),
  ];
}
