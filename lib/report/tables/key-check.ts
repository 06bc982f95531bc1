import type { KeyCheck } from '../../domain/key-checks.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { problem } from '../../domain/reasons.ts';
import { ANY_LOG_GROUP_NAME } from '../../domain/stores/log-group.ts';
import type { Colors } from '../colors.ts';
import type { CheckedKey } from '../documents.ts';
import type { WriterOf } from '../format.ts';
import { NEXT_CHANGE, policyProblemsText } from '../policy-problems.ts';
import { problemList } from '../problem-list.ts';
import { columns } from '../table.ts';

/** Every check with its result, and then the fixes of those that do not pass. */
export const keyCheckTable: WriterOf<'key-check'> = ({ paint }) => {
  const checked: CheckedKey[] = [];
  return {
    begin: () => '',
    page(items) {
      checked.push(...items);
      return '';
    },
    end: ({ key }) => checked.map((each) => section(key.configured, each, paint)).join('\n'),
  };
};

function section(key: string, { store, keyArn, checks, note, warnings, problems }: CheckedKey, paint: Colors): string {
  const open = checks.filter(({ result }) => result !== 'PASS');
  const rows = checks.map((check) => [resultOf(check, paint), check.check, check.action ?? '-', check.message]);
  // A check that is not known because of one that failed is fixed with it.
  const failed = new Set(open.flatMap(({ result, fix }) => (result === 'FAIL' ? [fix] : [])));
  const own = open.filter(({ result, fix }) => result === 'FAIL' || !failed.has(fix));
  const fixes = problemList();
  fixes.add(own.flatMap(({ code, message, fix }) => (code && fix ? [problem(code, message, fix)] : [])));
  const warned = problemList();
  warned.add(warnings);
  const count = (result: KeyCheck['result']) => checks.filter((check) => check.result === result).length;
  const sum = `${count('PASS')} pass, ${count('FAIL')} fail, ${count('UNKNOWN')} not known`;
  return [
    `${paint.bold(`${key} for ${nameOf(store)} in ${store.region}`)} (${keyArn ?? 'its ARN is not known'})\n`,
    note === undefined ? '' : `${paint.yellow('note:')} ${note}\n`,
    columns(['RESULT', 'CHECK', 'ACTION', 'WHY'], rows, paint),
    fixes.text('Fixes', paint),
    warned.text('Warnings', paint),
    policyProblemsText(NEXT_CHANGE, problems, paint),
    `\n${(open.length === 0 ? paint.green : paint.yellow)(sum)}\n`,
  ].join('');
}

/** The name that stands for log groups in general reads like that of one. */
function nameOf({ type, name }: LogStore): string {
  return type === 'log-group' && name === ANY_LOG_GROUP_NAME ? 'log groups in general' : name;
}

function resultOf({ result }: KeyCheck, paint: Colors): string {
  switch (result) {
    case 'PASS':
      return paint.green(result);
    case 'FAIL':
      return paint.red(result);
    case 'UNKNOWN':
      return paint.yellow(result);
  }
}
