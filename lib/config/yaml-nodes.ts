import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from 'yaml';
import type { FileNote } from '../domain/file-note.ts';
import { printable } from '../domain/printable.ts';
import { MAX_CONFIG_BYTES, MAX_CONFIG_MIB } from './config-size.ts';

/** Choice. The format has six levels; the parser would need a stack frame for each. */
const MAX_DEPTH = 64;
/** Choice. The parts that YAML is split into: 4,000 exemptions have some 250,000. What only costs time has more. */
const MAX_PARTS = 300_000;
/** Choice. No field takes so many characters. */
const MAX_SCALAR = 10_000;

/** A file that is YAML or JSON. Its aliases are not resolved, so that it takes no more memory than it has text. */
export interface YamlFile {
  readonly root: Document.Parsed['contents'];
  place(offset: number): Pick<FileNote, 'line' | 'column'>;
}

/** Splits a file into nodes, or says why it is neither YAML nor JSON. Never throws; takes time in proportion to the size. */
export function yamlNodes(bytes: Uint8Array): YamlFile | { readonly mistakes: readonly FileNote[] } {
  if (bytes.length > MAX_CONFIG_BYTES) return one(1, 1, `expected at most ${MAX_CONFIG_MIB} MiB, got more`);
  const decoded = decode(bytes);
  if (typeof decoded !== 'string') return decoded;
  const notJson = decoded.trimStart().startsWith('{') ? jsonError(decoded) : undefined;
  // JSON may be indented by tabs, which it has nowhere else; YAML may not.
  const text = notJson === null ? decoded.replaceAll('\t', ' ') : decoded;
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = tokensOf(text, lines);
  if ('offset' in tokens) return { mistakes: [{ ...place(tokens.offset), message: tokens.message }] };
  const options = { lineCounter: lines, uniqueKeys: false, resolveKnownTags: false, schema: 'core' } as const;
  const [document, another] = new Composer(options).compose(tokens, true, text.length);
  if (!document) return one(1, 1, 'expected a configuration, got an empty file');
  const errors: readonly YAMLError[] = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    const mistakes = errors.map((error) => syntaxMistake(error, text, place(error.pos[0])));
    if (notJson) return { mistakes: [inJson(notJson, mistakes, text)] };
    return { mistakes: [...new Map(mistakes.toReversed().map((each) => [each.line, each])).values()].toReversed() };
  }
  if (another)
    return { mistakes: [{ ...place(another.range[0]), message: 'expected one YAML document, got several' }] };
  return { root: document.contents, place };
}

function one(line: number, column: number, message: string): { readonly mistakes: readonly FileNote[] } {
  return { mistakes: [{ line, column, message }] };
}

function decode(bytes: Uint8Array): string | { readonly mistakes: readonly FileNote[] } {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const hint = bytes[0] === 0xff || bytes[0] === 0xfe ? ', but UTF-16 perhaps' : '';
    return one(badLine(bytes), 1, `expected UTF-8, got bytes that are none${hint}`);
  }
}

/** No character of UTF-8 contains the byte of a line feed. */
function badLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

type Tokens = Parameters<Composer['compose']>[0] & unknown[];

/** Stops where the text would take much time or a deep stack. */
function tokensOf(text: string, lines: LineCounter): Tokens | { readonly offset: number; readonly message: string } {
  const parser = new Parser(lines.addNewLine);
  const tokens = [] as unknown as Tokens;
  let parts = 0;
  lines.addNewLine(0);
  for (const part of new Lexer().lex(text)) {
    for (const token of parser.next(part)) tokens.push(token);
    const at = { offset: parser.offset };
    if (part.length > MAX_SCALAR)
      return { ...at, message: `expected texts of at most ${MAX_SCALAR} characters, got a longer one` };
    if (parser.stack.length > MAX_DEPTH)
      return { ...at, message: 'expected a configuration, got lists or fields in many levels' };
    if (++parts > MAX_PARTS) return { ...at, message: 'expected at most some 4,000 exemptions, got more' };
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function syntaxMistake(
  { code, message, pos: [start] }: YAMLError,
  text: string,
  place: Pick<FileNote, 'line' | 'column'>,
): FileNote {
  const lineStart = start - (place.column - 1);
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(text.slice(lineStart, lineStart + MAX_DEPTH))) {
    return { ...place, message: 'expected spaces, got a tab: YAML does not allow tabs as indentation' };
  }
  if (code === 'BAD_ALIAS') {
    return { ...place, message: 'expected a text, got an alias of YAML: put a text that begins with * in quotes' };
  }
  return { ...place, message: `expected YAML or JSON (${printable(message.split('\n')[0] ?? '')})` };
}

/** null: it is JSON. */
function jsonError(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param mistakes why it is no YAML either: V8 does not always say where it gave up */
function inJson(error: string, mistakes: readonly FileNote[], text: string): FileNote {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(error) ?? [];
  const end = { line: text.trimEnd().split('\n').length, column: 1 };
  const place = line !== undefined ? { line: Number(line), column: Number(column) } : (mistakes[0] ?? end);
  const why = error.replace(/ in JSON at position.*$| \(line.*$|, (\.\.\.)?"[\s\S]*$/, '');
  return { line: place.line, column: place.column, message: `expected JSON (${printable(why)})` };
}
