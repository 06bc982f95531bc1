import type { Outcome } from '../domain/plan-step.ts';
import type { Provider } from '../domain/target.ts';
import type { Colors } from './colors.ts';
import { type DocumentKind, ITEMS, type ItemOf, type TotalsOf } from './documents.ts';

/**
 * Writes one document. It is begun, given its items in pages, and ended; what each method returns is written in this order.
 * @example
 * const writer = (await writerOf('scan', 'json'))(options);
 * output.write(writer.begin());
 * for await (const findings of pages) output.write(writer.page(findings));
 * output.write(writer.end(totals));
 */
export interface ReportWriter<Kind extends DocumentKind> {
  begin(): string;
  page(items: readonly ItemOf<Kind>[]): string;
  end(totals: TotalsOf<Kind>): string;
}

export interface ReportOptions {
  readonly paint: Colors;
  /** Of the terminal, in columns; null: not known, so that nothing is broken or cut off to fit. */
  readonly width: number | null;
  /** With policy statements, which are long. */
  readonly isVerbose: boolean;
  /** Every row of a table, which otherwise shows the worst 50, or the newest. */
  readonly showAll: boolean;
  /** Without what carrying out a plan will take. */
  readonly isQuiet: boolean;
  /** Whether what became of a step was shown before, in the plan, so that a table need not show it again. */
  readonly isShown: (outcome: Outcome) => boolean;
  /** Makes the command that takes a run back. */
  readonly undoCommand: (runId: string) => string;
  /** Writes the commands in a text, such as `logseal plan`, as they must be typed. Fixes that reach a writer for people are so already. */
  readonly asTyped: (text: string) => string;
  /** When the document is begun. */
  readonly now: Date;
  /** Only of `policy check`. */
  readonly policy?: PolicyInput | undefined;
}

/** The key policy that was checked, as it was read. */
export interface PolicyInput {
  /** Relative to where the command was typed, with slashes; null: standard input. */
  readonly file: string | null;
  readonly text: string;
  /** What the only verdict is about: the ARN of a log group, or of query results. */
  readonly subject: string;
}

/** Begins to write one kind of document. */
export type WriterOf<Kind extends DocumentKind> = (options: ReportOptions) => ReportWriter<Kind>;

/** The documents whose tables may have many rows. */
export const LONG_DOCUMENTS: readonly DocumentKind[] = ['scan', 'plan', 'outcome', 'runs', 'template'];

/** The documents whose fixes may have policy statements, which are long. */
export const DOCUMENTS_WITH_FIXES: readonly DocumentKind[] = ['scan', 'plan', 'outcome', 'key-check', 'key-repair'];

/** How many rows a table shows unless all are asked for. */
export const SHOWN_ROWS = 50;

/** One report format: a file of `formats/`, and a line in the registry `formats/index.ts`. */
export interface ReportFormat {
  /** As `--format` takes it. */
  readonly name: string;
  /** How the names of its files end, in lower case, the usual one first. */
  readonly extensions: readonly string[];
  /** Whether people read it, so that its commands must work as they are; what programs read is the same however logseal was started. */
  readonly isForPeople: boolean;
  /** The providers whose log stores can be written in this format. Absent: all. */
  readonly providers?: readonly Provider[];
  /** The documents that can be written in this format. What it takes to write one is loaded when that is asked for. */
  readonly writers: { readonly [Kind in DocumentKind]?: () => Promise<WriterOf<Kind>> };
}

/** The writers of a format that writes every kind of document in the same way. */
export function everyDocument(
  writer: <Kind extends DocumentKind>(kind: Kind) => ReportWriter<Kind>,
): ReportFormat['writers'] {
  const kinds = Object.keys(ITEMS) as DocumentKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, async () => () => writer(kind)]));
}
