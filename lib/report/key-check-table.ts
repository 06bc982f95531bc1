import type { KeyCheckDocument } from '../app/documents.ts';
import type { KeyCheck } from '../domain/key-check.ts';
import type { Colors } from './colors.ts';
import { columns, remarks } from './table.ts';

/** Every check with its result, and then what cures those that do not pass. */
export function keyCheckTable({ key, targets }: KeyCheckDocument, paint: Colors): string {
  const sections = targets.map(({ store, keyArn, checks }) => {
    const open = checks.filter(({ result }) => result !== 'PASS');
    const rows = checks.map((check) => [resultOf(check, paint), check.check, check.action ?? '-', check.message]);
    // What is not known because of something that failed is cured with it.
    const failed = new Set(open.flatMap(({ result, cure }) => (result === 'FAIL' ? [cure] : [])));
    const own = open.filter(({ result, cure }) => result === 'FAIL' || !failed.has(cure));
    const cures = own.flatMap(({ code, message, cure }) => (code && cure ? [{ code, message, cure }] : []));
    const count = (result: KeyCheck['result']) => checks.filter((check) => check.result === result).length;
    const sum = `${count('PASS')} pass, ${count('FAIL')} fail, ${count('UNKNOWN')} not known`;
    return [
      `${paint.bold(`${key.configured} for ${store.name} in ${store.region}`)} (${keyArn ?? 'its ARN is not known'})\n`,
      columns(['RESULT', 'CHECK', 'ACTION', 'WHY'], rows, paint),
      remarks('What cures it, or makes it known', cures, paint),
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
