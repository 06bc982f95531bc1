import type { KeyCheck } from '../../domain/key-check.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { problem } from '../../domain/reasons.ts';
import { ANY_LOG_GROUP_NAME } from '../../domain/stores/log-group.ts';
import { allAtOnce } from '../all-at-once.ts';
import { columns } from '../columns.ts';
import { documentProblemsText, NEXT_CHANGE } from '../document-problems.ts';
import type { CheckedKey } from '../documents.ts';
import type { ReportOptions, WriterOf } from '../format.ts';
import { placesOf } from '../places-of.ts';
import { problemList } from '../problem-list.ts';
import { readersAndWritersSum, readersAndWritersText, resultText, WHY_COLUMN } from './readers-and-writers.ts';

/** Every check with its result, and then the fixes of those that do not pass. */
export const keyCheckTable: WriterOf<'key-check'> = (options) =>
  allAtOnce((checked, { key }) => {
    const placeOf = placesOf(checked.map(({ store }) => store));
    const sections = checked.map((each) => {
      const place = placeOf(each.store.account, [each.store.region]);
      return section(`${key.configured} for ${nameOf(each.store)} in ${place}`, each, options);
    });
    return sections.join('\n');
  });

function section(title: string, checked: CheckedKey, options: ReportOptions): string {
  const { paint } = options;
  const { keyArn, checks, note, readersAndWriters, warnings, problems } = checked;
  const rows = [...Map.groupBy(checks, (check) => rowOf(check, options).join('\n')).values()].flatMap((same) => {
    const [first] = same;
    const actions = same.flatMap(({ action }) => action ?? []);
    return first ? [[resultText(first, paint), first.check, actions.join(', ') || '-', whyOf(first, options)]] : [];
  });
  const { failed, unknown } = openChecks(checks, paint.bold);
  const fixes = problemList();
  fixes.add(failed);
  const warned = problemList();
  warned.add(warnings);
  const sum = `key: ${keyCheckSum(checks)}`;
  const isPassed = checks.every(({ result }) => result === 'PASS');
  const others =
    readersAndWriters === null ? '' : `; readers and writers: ${readersAndWritersSum(readersAndWriters, paint)}`;
  return [
    `${paint.bold(title)} (${keyArn ?? 'its ARN is not known'})\n`,
    note === undefined ? '' : `${paint.yellow('note:')} ${note}\n`,
    columns(['RESULT', 'CHECK', { title: 'ACTION', least: 22, isProse: true }, WHY_COLUMN], rows, options),
    fixes.text('Fixes', options),
    unknown === '' ? '' : `\n${paint.bold('Not known')}\n${unknown}`,
    readersAndWriters === null ? '' : readersAndWritersText(readersAndWriters, options),
    warned.text('Warnings', options),
    documentProblemsText(NEXT_CHANGE, problems, paint),
    `\n${(isPassed ? paint.green : paint.yellow)(sum)}${others}\n`,
  ].join('');
}

/** What checks of several actions that are shown together have in common. */
function rowOf(check: KeyCheck, options: ReportOptions): string[] {
  return [check.result, check.check, whyOf(check, options)];
}

/** Why an action passes is long, and nobody has to do anything about it. */
function whyOf({ result, action, message }: KeyCheck, { isVerbose }: ReportOptions): string {
  return result === 'PASS' && action !== null && !isVerbose ? '' : message;
}

/** How many checks have each result. */
export function keyCheckSum(checks: readonly KeyCheck[]): string {
  const count = (result: KeyCheck['result']) => checks.filter((check) => check.result === result).length;
  return `${count('PASS')} pass, ${count('FAIL')} fail, ${count('UNKNOWN')} not known`;
}

/**
 * The checks that failed, as problems, and what would settle those whose result is not known, in whole lines. A fact that is not
 * known has no severity. A check that is not known because of one that failed is fixed with it.
 */
export function openChecks(checks: readonly KeyCheck[], bold = (text: string) => text) {
  const failed = checks.flatMap(({ result, code, message, fix }) =>
    result === 'FAIL' && code && fix ? [problem(code, message, fix)] : [],
  );
  const fixed = new Set(failed.map(({ fix }) => fix));
  const unknown = new Map(
    checks.flatMap(({ result, message, fix }) =>
      result === 'UNKNOWN' && fix && !fixed.has(fix) ? [[fix, message] as const] : [],
    ),
  );
  const lines = [...unknown].map(([fix, message]) => `${message}\n  ${bold('to settle it:')} ${fix}\n`);
  return { failed, unknown: lines.join('') };
}

/** The name that stands for log groups in general reads like that of one. */
function nameOf({ type, name }: LogStore): string {
  return type === 'log-group' && name === ANY_LOG_GROUP_NAME ? 'log groups in general' : name;
}
