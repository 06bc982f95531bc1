import { colors } from '../lib/report/colors.ts';
import type { DocumentKind, ItemOf, TotalsOf } from '../lib/report/documents.ts';
import { LONG_DOCUMENTS, type ReportOptions } from '../lib/report/format.ts';
import { formatNames, writerOf } from '../lib/report/formats/index.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';
import { type Output, outputMistake } from './output.ts';

/** The options of a command whose result is a document of this kind. */
export function outputOptions(kind: DocumentKind) {
  const names = formatNames(kind);
  return {
    format: {
      kind: 'value',
      check: (value) =>
        names.includes(value) ? undefined : `expected one of ${names.join(', ')}, got ${JSON.stringify(value)}`,
    },
    output: { kind: 'value', check: outputMistake },
    ...(LONG_DOCUMENTS.includes(kind) && { all: { kind: 'flag' } }),
    quiet: { kind: 'flag' },
    'no-color': { kind: 'flag' },
  } as const satisfies OptionSpecs;
}

const ITEMS_PER_WRITE = 1_000;

/** A document that is being written. */
export interface Report<Kind extends DocumentKind> {
  /** Resolves when there is room for more, so that a slow reader slows the work down and nothing piles up. */
  page(items: readonly ItemOf<Kind>[]): Promise<void>;
  /** Ends the document and the output. */
  end(totals: TotalsOf<Kind>): Promise<void>;
}

/**
 * Begins a document in the format of the options. Nothing is written before the first page or the end.
 * @param undo makes the command that takes a run back; only for documents of changes
 */
export async function openReport<Kind extends DocumentKind>(
  kind: Kind,
  args: Arguments,
  host: Host,
  output: Output,
  undo?: ReportOptions['undoCommand'],
): Promise<Report<Kind>> {
  const begin = await writerOf(kind, formatOf(args, kind));
  const writer = begin(reportOptions(args, host, output, undo));
  let isBegun = false;
  const write = (text: string): Promise<void> => {
    const whole = isBegun ? text : `${writer.begin()}${text}`;
    isBegun = true;
    return whole === '' ? Promise.resolve() : output.write(whole);
  };
  return {
    async page(items) {
      // A text of all outcomes of a large run would be longer than a string can be.
      for (let start = 0; start < items.length; start += ITEMS_PER_WRITE) {
        await write(writer.page(items.slice(start, start + ITEMS_PER_WRITE)));
      }
    },
    async end(totals) {
      await write(writer.end(totals));
      await output.finish();
    },
  };
}

/** A whole document as people read it, for a question. */
export async function tableText<Kind extends DocumentKind>(
  kind: Kind,
  items: readonly ItemOf<Kind>[],
  totals: TotalsOf<Kind>,
  options: ReportOptions,
): Promise<string> {
  const begin = await writerOf(kind, 'table');
  const writer = begin(options);
  return [writer.begin(), writer.page(items), writer.end(totals)].join('');
}

/** The format that the user chose, or the default one. */
export function formatOf(args: Arguments, kind: DocumentKind): string {
  return args.value('format') ?? formatNames(kind)[0] ?? 'table';
}

/** How a document is to look: colors only on a terminal, unless `--no-color` or `NO_COLOR` forbid them. */
export function reportOptions(
  args: Arguments,
  { environment }: Host,
  { isTerminal }: Pick<Output, 'isTerminal'>,
  undo: ReportOptions['undoCommand'] = () => '',
): ReportOptions {
  const isColored = isTerminal && !args.flag('no-color') && !environment['NO_COLOR'];
  return { paint: colors(isColored), showAll: args.flag('all'), isQuiet: args.flag('quiet'), undoCommand: undo };
}
