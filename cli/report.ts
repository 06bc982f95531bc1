import type { Provider } from '../lib/domain/target.ts';
import { colors } from '../lib/report/colors.ts';
import type { DocumentKind, ItemOf, TotalsOf } from '../lib/report/documents.ts';
import { DOCUMENTS_WITH_FIXES, LONG_DOCUMENTS, type ReportOptions } from '../lib/report/format.ts';
import { extensionsOf, formatNames, formatOfFile, providersOf, writerOf } from '../lib/report/formats/index.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';
import { type Output, openOutput, outputMistake } from './output.ts';
import { asTyped } from './started-as.ts';

/** The options of a command whose result is a document of this kind. */
export function outputOptions(kind: DocumentKind) {
  const names = formatNames(kind);
  return {
    format: {
      kind: 'value',
      check: (value) =>
        names.includes(value) ? undefined : `expected one of ${names.join(', ')}, got ${JSON.stringify(value)}`,
    },
    output: { kind: 'list', check: (path, host, times) => outputMistake(path, host) ?? fileMistake(kind, path, times) },
    ...(LONG_DOCUMENTS.includes(kind) && { all: { kind: 'flag' } }),
    ...(DOCUMENTS_WITH_FIXES.includes(kind) && { verbose: { kind: 'flag' } }),
    quiet: { kind: 'flag' },
    'no-color': { kind: 'flag' },
  } as const satisfies OptionSpecs;
}

/** The mistake in a file whose format is not known, or in several that would all have the same. */
function fileMistake(kind: DocumentKind, path: string, times: (name: string) => number): string | undefined {
  if (times('format') === 0) {
    if (formatOfFile(kind, path)) return undefined;
    const known = extensionsOf(kind).join(', ');
    return `expected a file whose name ends with one of ${known}; or add --format; got ${path}`;
  }
  return times('output') === 1
    ? undefined
    : 'can be given only once with --format; without --format, the end of each name chooses the format';
}

/** Adds the formats that cannot have the log stores of the provider. */
export function refuseForeignFormats(kind: DocumentKind, args: Arguments, provider: Provider): void {
  const format = args.value('format');
  const given =
    format === undefined
      ? args.list('output').map((path) => ['output', formatOfFile(kind, path)] as const)
      : [['format', format] as const];
  for (const [option, name = ''] of given) {
    const providers = providersOf(name);
    if (!providers || providers.includes(provider)) continue;
    args.mistakes.push(`--${option}: ${name} is only for --provider ${providers.join(' or ')}`);
  }
}

/** Where the result of a command goes. */
export interface Outputs {
  readonly all: readonly { readonly format: string; readonly output: Output }[];
  /** Standard output, where it gets a table; null: a person reads no result there. */
  readonly screen: Output | null;
  /** Removes the files, which are not finished. */
  discard(): void;
}

/**
 * Does some work with standard output and with files, as the options ask for. A file whose name tells its format leaves the table on
 * standard output. Unfinished files are removed when the work fails.
 * @throws UsageError when a file cannot be written
 */
export async function withOutputs<T>(
  kind: DocumentKind,
  args: Arguments,
  host: Host,
  work: (outputs: Outputs) => Promise<T>,
): Promise<T> {
  const paths = args.list('output');
  const table = formatNames(kind)[0] ?? 'table';
  const format = args.value('format');
  const toFiles = paths.map((path) => ({ format: format ?? formatOfFile(kind, path) ?? table, path }));
  const toScreen = paths.length === 0 || format === undefined ? [{ format: format ?? table, path: undefined }] : [];
  const all: { readonly format: string; readonly output: Output }[] = [];
  const discard = () => {
    for (const { output } of all) output.discard();
  };
  try {
    for (const { format, path } of [...toScreen, ...toFiles]) {
      all.push({ format, output: await openOutput(path, host) });
    }
    const [first] = all;
    const isTable = toScreen.length > 0 && first?.format === 'table';
    return await work({ all, screen: isTable ? (first?.output ?? null) : null, discard });
  } catch (error) {
    discard();
    throw error;
  }
}

const ITEMS_PER_WRITE = 1_000;

/** A document that is being written. */
export interface Report<Kind extends DocumentKind> {
  /** Resolves when there is room for more, so that a slow reader slows the work down and nothing piles up. */
  page(items: readonly ItemOf<Kind>[]): Promise<void>;
  /** Ends the document and the outputs. */
  end(totals: TotalsOf<Kind>): Promise<void>;
}

/**
 * Begins a document, in the format of each output. Nothing is written before the first page or the end.
 * @param given what the command knows of how to show it
 */
export async function openReport<Kind extends DocumentKind>(
  kind: Kind,
  outputs: Outputs,
  args: Arguments,
  host: Host,
  given?: Partial<ReportOptions>,
): Promise<Report<Kind>> {
  const documents = await Promise.all(
    outputs.all.map(async ({ format, output }) => {
      const begin = await writerOf(kind, format);
      const writer = begin(reportOptions(args, host, output, given));
      let isBegun = false;
      const write = async (text: string): Promise<void> => {
        const whole = isBegun ? text : `${writer.begin()}${text}`;
        isBegun = true;
        if (whole !== '') await output.write(whole);
      };
      return { writer, write, output };
    }),
  );
  return {
    async page(items) {
      // A text of all outcomes of a large run would be longer than a string can be.
      for (let start = 0; start < items.length; start += ITEMS_PER_WRITE) {
        const some = items.slice(start, start + ITEMS_PER_WRITE);
        for (const { writer, write } of documents) await write(writer.page(some));
      }
    },
    async end(totals) {
      for (const { writer, write } of documents) await write(writer.end(totals));
      for (const { output } of documents) await output.end();
      for (const { output } of documents) output.publish();
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

/** How a document is to be shown where it goes to. @param given what a kind of document knows */
export function reportOptions(
  args: Arguments,
  host: Host,
  { isTerminal, columns }: Pick<Output, 'isTerminal' | 'columns'>,
  given: Partial<ReportOptions> = {},
): ReportOptions {
  return {
    paint: colors(isColored(args, host.environment, isTerminal)),
    // A terminal that does not know its width says 0.
    width: columns || widthIn(host.environment),
    showAll: args.flag('all'),
    isQuiet: args.flag('quiet'),
    isVerbose: args.flag('verbose'),
    isShown: () => false,
    now: host.now(),
    undoCommand: () => '',
    asTyped: (text) => asTyped(text, host),
    ...given,
  };
}

/** Options and variables that forbid colours win over one that forces them (https://no-color.org, https://bixense.com/clicolors). */
function isColored(args: Arguments, environment: Host['environment'], isTerminal: boolean): boolean {
  if (args.flag('no-color') || environment['NO_COLOR']) return false;
  const { CLICOLOR_FORCE: forced } = environment;
  return forced !== undefined && forced !== '' && forced !== '0' ? true : isTerminal;
}

/** `COLUMNS` tells the width of what is no terminal, such as the log of a pipeline. */
function widthIn({ COLUMNS: columns }: Host['environment']): number | null {
  return columns !== undefined && /^[1-9]\d{0,4}$/.test(columns) ? Number(columns) : null;
}
