import type { KeyCheck } from '../domain/key-checks.ts';
import type { Colors } from './colors.ts';
import type { KeyCheckDocument } from './documents.ts';
import { columns, problems } from './table.ts';

/** Every check with its result, and then what fixes those that do not pass. */
export function keyCheckTable({ key, targets }: KeyCheckDocument, paint: Colors): string {
  const sections = targets.map(({ store, keyArn, checks }) => {
    const open = checks.filter(({ result }) => result !== 'PASS');
    const rows = checks.map((check) => [resultOf(check, paint), check.check, check.action ?? '-', check.message]);
    // What is not known because of something that failed is fixed with it.
    const failed = new Set(open.flatMap(({ result, fix }) => (result === 'FAIL' ? [fix] : [])));
    const own = open.filter(({ result, fix }) => result === 'FAIL' || !failed.has(fix));
    const fixes = own.flatMap(({ code, message, fix }) => (code && fix ? [{ code, message, fix }] : []));
    const count = (result: KeyCheck['result']) => checks.filter((check) => check.result === result).length;
    const sum = `${count('PASS')} pass, ${count('FAIL')} fail, ${count('UNKNOWN')} not known`;
    return [
      `${paint.bold(`${key.configured} for ${store.name} in ${store.region}`)} (${keyArn ?? 'its ARN is not known'})\n`,
      columns(['RESULT', 'CHECK', 'ACTION', 'WHY'], rows, paint),
      problems('What fixes it, or makes it known', fixes, paint),
      `\n${(open.length === 0 ? paint.green : paint.yellow)(sum)}\n`,
    ].join('');
  });
  return sections.join('\n');
}

function resultOf({ result }: KeyCheck, paint: Colors): string {
  switch (result) {
    case 'PASS':
      return paint.green(result);
    case 'FAIL':
      return paint.red(result);
    default:
      return paint.yellow(result);
  }
}
