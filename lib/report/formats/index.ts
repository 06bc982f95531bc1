import type { Provider } from '../../domain/target.ts';
import type { DocumentKind } from '../documents.ts';
import { writerForPeople } from '../for-people.ts';
import type { ReportFormat, WriterOf } from '../format.ts';
import { ASFF_FORMAT } from './asff.ts';
import { CSV_FORMAT } from './csv.ts';
import { HTML_FORMAT } from './html.ts';
import { JSON_FORMAT } from './json.ts';
import { JUNIT_FORMAT } from './junit.ts';
import { MARKDOWN_FORMAT } from './markdown.ts';
import { NDJSON_FORMAT } from './ndjson.ts';
import { OCSF_FORMAT } from './ocsf.ts';
import { SARIF_FORMAT } from './sarif.ts';
import { TABLE_FORMAT } from './table.ts';

/** Every report format, the default first: a new one is a file of this directory and a line here. */
const FORMATS: readonly ReportFormat[] = [
  TABLE_FORMAT,
  JSON_FORMAT,
  NDJSON_FORMAT,
  CSV_FORMAT,
  HTML_FORMAT,
  MARKDOWN_FORMAT,
  JUNIT_FORMAT,
  SARIF_FORMAT,
  ASFF_FORMAT,
  OCSF_FORMAT,
];

/** The names of the formats in which a document can be written, the default first. */
export function formatNames(kind: DocumentKind): string[] {
  return FORMATS.filter(({ writers }) => writers[kind]).map(({ name }) => name);
}

/** The providers whose log stores can be written in a format; undefined: all. */
export function providersOf(format: string): readonly Provider[] | undefined {
  return FORMATS.find(({ name }) => name === format)?.providers;
}

/** The formats in which a document can be written to a file by the end of its name. */
function withExtension(kind: DocumentKind): (readonly [extension: string, name: string])[] {
  const known = FORMATS.filter(({ writers }) => writers[kind]);
  return known.flatMap(({ name, extensions }) => extensions.map((extension) => [extension, name] as const));
}

/** How the names of the files end in which a document can be written. */
export function extensionsOf(kind: DocumentKind): string[] {
  return withExtension(kind).map(([extension]) => extension);
}

/** The format of a file by the longest end of its name; undefined: none of the document's formats. */
export function formatOfFile(kind: DocumentKind, path: string): string | undefined {
  const matching = withExtension(kind).filter(([extension]) => path.toLowerCase().endsWith(extension));
  return matching.sort(([one], [other]) => other.length - one.length)[0]?.[1];
}

/** Whether people read a format. @param name one of `formatNames` */
export function isForPeople(name: string): boolean {
  return FORMATS.find((format) => format.name === name)?.isForPeople ?? false;
}

/** Loads what writes a document in a format. @param name one of `formatNames(kind)` */
export async function writerOf<Kind extends DocumentKind>(kind: Kind, name: string): Promise<WriterOf<Kind>> {
  const format = FORMATS.find((format) => format.name === name);
  const load = format?.writers[kind];
  if (!load) throw new RangeError(`a document of the kind ${kind} cannot be written as ${name}`);
  // TypeScript cannot follow that the writer found under `kind` is one for `kind`.
  const begin = (await load()) as WriterOf<Kind>;
  return format.isForPeople ? writerForPeople(begin) : begin;
}
