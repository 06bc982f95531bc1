import { createTwoFilesPatch } from 'diff';
import { printable } from '../domain/printable.ts';
import type { Colors } from './colors.ts';

/** The unified difference of two key policies. Both are indented alike, so that differences in spacing do not show. */
export function policyDiff({ keyArn, from, to }: { keyArn: string; from: string; to: string }): string {
  return createTwoFilesPatch(`${keyArn} now`, `${keyArn} then`, indented(from), indented(to), undefined, undefined, {
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
}

function indented(policy: string): string {
  try {
    return `${JSON.stringify(JSON.parse(policy), null, 2)}\n`;
  } catch {
    return policy;
  }
}

/** As a terminal shows differences. No character of a policy does harm there. */
export function paintDiff(diff: string, { red, green, cyan, bold }: Colors): string {
  const lines = diff
    .split('\n')
    .map(printable)
    .map((line) => {
      if (line.startsWith('---') || line.startsWith('+++')) return bold(line);
      if (line.startsWith('@@')) return cyan(line);
      if (line.startsWith('+')) return green(line);
      return line.startsWith('-') ? red(line) : line;
    });
  return lines.join('\n');
}
