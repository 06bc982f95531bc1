import stringWidth from 'string-width';
import type { JournalRun, RunCounts } from '../../domain/journal-run.ts';
import { printable } from '../../domain/printable.ts';
import type { Colors } from '../colors.ts';
import { columns } from '../columns.ts';
import { SHOWN_ROWS, type WriterOf } from '../format.ts';
import { counted, omittedRows } from '../table.ts';

/** The runs in a journal, in the order in which they come, on two lines or more each. */
export const runsTable: WriterOf<'runs'> = (options) => {
  const { paint, showAll } = options;
  const shown: JournalRun[] = [];
  const ids: string[] = [];
  return {
    begin: () => '',
    page(runs) {
      ids.push(...runs.map(({ id }) => id));
      shown.push(...(showAll ? runs : runs.slice(0, SHOWN_ROWS - shown.length)));
      return '';
    },
    end({ journals }) {
      const length = uniqueLength(ids);
      const rows = shown.flatMap((run) => rowsOf(run, length, paint));
      const table = rows.length === 0 ? '' : columns(['RUN', 'BEGUN (UTC)', 'CHANGES'], rows, options);
      const sums = journals.map(({ type, name, runs }) => {
        const where = type === 'TABLE' ? `table ${name}` : name;
        return `${paint.bold(runs === 0 ? 'no runs' : counted(runs, 'run'))} in ${where}\n`;
      });
      return `${table}${omittedRows(ids.length - shown.length, paint)}${table === '' ? '' : '\n'}${sums.join('')}`;
    },
  };
};

/** As short as ids are shown that the first eight characters tell apart, which are those of a UUID up to its first hyphen. */
const SHORT_ID = 8;

/** How much of each id tells it from all others, so that `undo --run` takes it. */
function uniqueLength(ids: readonly string[]): number {
  const sorted = ids.toSorted();
  return sorted.reduce(
    (length, id, index) => Math.max(length, commonLength(id, sorted[index + 1] ?? '') + 1),
    SHORT_ID,
  );
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

function rowsOf({ id, startedAt, actor, accounts, regions, counts }: JournalRun, length: number, paint: Colors) {
  const begun = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const width = LINE - Math.min(length, id.length) - begun.length - 4;
  const where = [
    accounts.length > 3 ? counted(accounts.length, 'account') : accounts.join(', '),
    regions.length > 3 ? counted(regions.length, 'Region') : regions.join(', '),
  ];
  const [first = '', ...others] = [
    ...wrapped(changesOf(counts), width),
    ...wrapped([...where.filter(Boolean).join(' ').split(', '), `by ${printable(actorName(actor))}`], width).map(
      paint.dim,
    ),
  ];
  return [[id.slice(0, length), begun, first], ...others.map((line) => ['', '', line])];
}

/** The width of a terminal that nobody has made wider. */
const LINE = 80;

function changesOf({ sealed, unsealed, putBack, policies, unfinished, failed }: RunCounts): string[] {
  const parts = [
    [sealed, 'sealed'],
    [unsealed, 'unsealed'],
    [putBack, 'put back'],
    [policies, policies === 1 ? 'key policy' : 'key policies'],
    [unfinished, 'unfinished'],
    [failed, 'failed'],
  ] as const;
  return parts.flatMap(([count, what]) => (count === 0 ? [] : `${count.toLocaleString('en')} ${what}`));
}

/** Who it is, without what the account says already. */
function actorName(arn: string): string {
  return arn.split(':').slice(5).join(':') || arn;
}

/** Joins parts by commas in lines of at most a width; what is longer than a line is cut off. */
function wrapped(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1)}, ${part}`;
    if (lines.length > 0 && stringWidth(longer) < width) lines[lines.length - 1] = longer;
    else lines.push(stringWidth(part) > width ? `${part.slice(0, width - 1)}…` : part);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}
