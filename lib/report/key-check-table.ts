import type { KeyCheckDocument } from '../app/documents.ts';
import type { KeyCheck } from '../domain/key-check.ts';
import { type Colors, columns, remarks } from './table.ts';

/** Every check with its result, and then what cures those that do not pass. */
export function keyCheckTable({ key, targets }: KeyCheckDocument, paint: Colors): string {
  const sections = targets.map(({ store, keyArn, checks }) => {
    const open = checks.filter(({ result }) => result !== 'PASS');
    const rows = checks.map((check) => [resultOf(check, paint), check.check, check.action ?? '-', check.message]);
    const cures = open.flatMap(({ code, message, cure }) => (code && cure ? [{ code, message, cure }] : []));
    const sum =
      open.length === 0
        ? paint.green('every check passes')
        : paint.yellow(`${open.length} of ${checks.length} checks do not pass`);
    return [
      `${paint.bold(`${key.configured} for ${store.name} in ${store.region}`)} (${keyArn ?? 'not found'})\n`,
      columns(['RESULT', 'CHECK', 'ACTION', 'WHY'], rows, paint),
      remarks('What cures it', cures, paint),
      `\n${sum}\n`,
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
