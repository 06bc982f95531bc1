import { printable } from '../../domain/printable.ts';

/**
 * A text from outside in the middle of a line. A code span renders no Markdown, HTML, link, mention or reference. The characters
 * that could end it, or the cell of a table, are written as escapes.
 */
export function code(text: string): string {
  if (text === '') return '';
  return `\`${printable(text).replaceAll('`', '\\u0060').replaceAll('|', '\\u007c')}\``;
}

/** Some lines from outside, as a block that renders nothing of what is in them. */
export function block(lines: readonly string[]): string {
  const text = lines.flatMap((line) => line.split('\n').map(printable)).join('\n');
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

/** The head of a table. The cells of its rows are Markdown already. */
export function tableHead(titles: readonly string[]): string {
  return `${tableRow(titles)}${tableRow(titles.map(() => '---'))}`;
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** A part of a document. */
export interface Section {
  /** What comes before the items; the same in all documents, or short. */
  readonly head: string;
  /** Rows of a table, or blocks, the most important first. */
  readonly items: readonly string[];
  /** What of it is left out already, and how to see it. */
  readonly omitted?: { readonly count: number; readonly how: string };
}

/**
 * What a document may have. GitHub takes 1 MiB for the summary of a step, and other commands of the step may write to it as well.
 * A comment on a pull request takes 65,536 characters; about as many are in the 50 rows and fixes that are shown by default.
 */
export const MAX_BYTES = 1_000_000;

/** A row has at least 50 bytes, so more never fit. */
export const MAX_ROWS = MAX_BYTES / 50;

/** How to see the rows beyond the worst 50. */
export const ROWS_LEFT_OUT = 'add --all to show every row';

const ALL_ELSEWHERE = 'GitHub takes at most 1 MiB: --format json has all';

/** The sections, whole or as far as they fit, with a line where something is left out. Sections without items are left out. */
export function document(begin: string, sections: readonly Section[], end: string, maxBytes = MAX_BYTES): string {
  const shown = sections.filter(({ items, omitted }) => items.length > 0 || (omitted?.count ?? 0) > 0);
  const fixed = [begin, end, ...shown.map((section) => `\n${section.head}${leftOut(section, section.items.length)}`)];
  let room = maxBytes - bytesOf(fixed.join(''));
  const parts = shown.map((section) => {
    let taken = 0;
    for (const item of section.items) {
      const bytes = bytesOf(item);
      if (bytes > room) break;
      room -= bytes;
      taken++;
    }
    return `\n${section.head}${section.items.slice(0, taken).join('')}${leftOut(section, section.items.length - taken)}`;
  });
  return [begin, ...parts, end].join('');
}

function leftOut({ omitted }: Section, cutOff: number): string {
  const count = cutOff + (omitted?.count ?? 0);
  if (count === 0) return '';
  return `\n… and ${count.toLocaleString('en')} more: ${cutOff > 0 ? ALL_ELSEWHERE : omitted?.how}\n`;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
