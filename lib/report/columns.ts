import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { ReportOptions } from './format.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /**
   * How narrow it may get where the table is wider than the terminal: longer cells lose their middle. Absent: never narrower than its
   * longest cell.
   */
  readonly least?: number;
  /** Sentences, which are broken into lines instead; only of the last column. */
  readonly isProse?: boolean;
}

/** Whether a terminal has so little room that cells leave out what is said below the table, too. */
export function isNarrow(width: number | null): boolean {
  return width !== null && width < 120;
}

const GAP = '  ';

/** No cell of a name or an ARN is wider, so that one long name does not push a table apart. Without a width, too. */
const MAX_CELL = 120;

/**
 * Aligned columns without lines, as wide as the terminal at most. Colours take no room.
 * @param head a text is a column that keeps its width
 */
export function columns(
  head: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
  { paint, width }: Pick<ReportOptions, 'paint' | 'width'>,
): string {
  const specs = head.map((column): Column => (typeof column === 'string' ? { title: column } : column));
  const widths = fittedWidths(specs, rows, width);
  const cells = (row: readonly string[]) => row.map((cell, index) => shown(cell, specs[index], widths[index] ?? 0));
  const titles = specs.map(({ title }) => [paint.bold(title)]);
  return [titles, ...rows.map(cells)].map((row) => lines(row, widths)).join('');
}

function fittedWidths(specs: readonly Column[], rows: readonly (readonly string[])[], width: number | null): number[] {
  const widths = specs.map(({ title, least, isProse }, index) => {
    const longest = rows.reduce((most, row) => Math.max(most, stringWidth(row[index] ?? '')), 0);
    return Math.max(stringWidth(title), least !== undefined && !isProse ? Math.min(longest, MAX_CELL) : longest);
  });
  if (width === null) return widths;
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  const shrinkable = specs.map((spec, index) => ({ ...spec, index })).filter(({ least }) => least !== undefined);
  for (const { least = 0, title, index } of shrinkable.sort((one, other) => (one.least ?? 0) - (other.least ?? 0))) {
    const now = widths[index] ?? 0;
    const less = Math.min(Math.max(excess, 0), Math.max(now - Math.max(least, stringWidth(title)), 0));
    widths[index] = now - less;
    excess -= less;
  }
  return widths;
}

/** The lines of a cell. */
function shown(cell: string, { isProse = false }: Column = { title: '' }, width: number): string[] {
  if (stringWidth(cell) <= width) return [cell];
  if (isProse) return wrapAnsi(cell, width, { hard: false }).split('\n');
  return [cliTruncate(cell, width, { position: 'middle' })];
}

function lines(row: readonly (readonly string[])[], widths: readonly number[]): string {
  const height = Math.max(...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => {
    const cells = row.map((cell, index) => padded(cell[line] ?? '', widths[index] ?? 0));
    return `${cells.join(GAP).trimEnd()}\n`;
  }).join('');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(width - stringWidth(cell), 0));
}
