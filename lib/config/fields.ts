import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { FileNote } from '../domain/file-note.ts';
import { printable } from '../domain/printable.ts';
import type { Mistake } from '../domain/providers/provider.ts';
import { quoted } from './quoted.ts';
import type { YamlFile } from './yaml-nodes.ts';

/** Collects what is to be said of a file while it is read. */
export interface Reading {
  readonly place: YamlFile['place'];
  readonly mistakes: FileNote[];
  readonly warnings: FileNote[];
}

/** A value in a file. */
export interface Field {
  /** As `exemptions[0].expires`; empty: the whole file. */
  readonly path: string;
  /** null: nothing is written there. */
  readonly node: Node | null;
  readonly offset: number;
  readonly reading: Reading;
}

/** @returns undefined after a mistake */
export type Reader<T> = (field: Field) => T | undefined;

export function mistaken(field: Field, message: string): undefined {
  field.reading.mistakes.push(noteAt(field, message));
}

export function noteAt({ path, offset, reading }: Field, message: string): FileNote {
  return { ...reading.place(offset), message: path === '' ? message : `${path}: ${message}` };
}

/** Fields with known names. @returns those that are given, by name; undefined where it is none at all */
export function fieldsOf(field: Field, known: readonly string[]): ReadonlyMap<string, Field> | undefined {
  const all = entriesOf(field, `the fields ${known.join(', ')}`);
  if (!all) return undefined;
  for (const [name, unknown] of all) {
    if (!known.includes(name)) mistaken(unknown, `unknown field; known are ${known.join(', ')}`);
  }
  return all;
}

/** The fields of a mapping, each once. */
export function entriesOf(field: Field, what: string): Map<string, Field> | undefined {
  const { node, reading, path } = field;
  if (!isMap(node) || !isPlain(field)) return notA(field, what);
  const entries = new Map<string, Field>();
  for (const { key, value } of node.items as Pair<Node | null, Node | null>[]) {
    const offset = startOf(key) ?? field.offset;
    if (!isScalar(key) || key.anchor) {
      mistaken({ ...field, offset }, `expected the name of a field, got ${shown(key)}`);
      continue;
    }
    const name = textOf(key);
    const entry = { path: joined(path, name), node: value, offset: startOf(value) ?? offset, reading };
    const known = entries.get(name);
    if (known) mistaken({ ...entry, offset }, `expected once, got it on line ${reading.place(known.offset).line} too`);
    else entries.set(name, entry);
  }
  return entries;
}

/** Reads a field that must be there. @param what it is, for the message */
export function required<T>(
  parent: Field,
  fields: ReadonlyMap<string, Field>,
  name: string,
  what: string,
  read: Reader<T>,
) {
  const field = fields.get(name);
  if (field) return read(field);
  return mistaken({ ...parent, path: joined(parent.path, name) }, `expected ${what}, got nothing`);
}

/** A list of one value at least, unless it may be empty. */
export function listOf<T>(what: string, read: Reader<T>, mayBeEmpty = false): Reader<T[]> {
  return (field) => {
    const { node, reading, path } = field;
    if (!isSeq(node) || !isPlain(field)) return notA(field, `a list of ${what}`);
    if (node.items.length === 0 && !mayBeEmpty) return mistaken(field, `expected a list of ${what}, got an empty one`);
    const items = (node.items as (Node | null)[]).map((item, index) =>
      read({ path: `${path}[${index}]`, node: item, offset: startOf(item) ?? field.offset, reading }),
    );
    return items.every((item) => item !== undefined) ? items : undefined;
  };
}

/** Text of at most so many characters, without control characters. */
export function text(
  what: string,
  maxLength: number,
  check: (text: string) => Mistake = () => undefined,
): Reader<string> {
  return (field) => {
    const { node } = field;
    if (!isScalar(node) || typeof node.value !== 'string' || !isPlain(field)) return notA(field, what);
    const mistake = textMistake(node.value, what, maxLength) ?? check(node.value);
    return mistake === undefined ? node.value : mistaken(field, mistake);
  };
}

/** Text on one line, however many it is written on. */
export function prose(what: string, maxLength: number): Reader<string> {
  return (field) => {
    const { node } = field;
    if (!isScalar(node) || typeof node.value !== 'string' || !isPlain(field)) return notA(field, what);
    const line = node.value.replace(/\s+/g, ' ').trim();
    const mistake = textMistake(line, what, maxLength);
    return mistake === undefined ? line : mistaken(field, mistake);
  };
}

/** Digits in quotes, or without where YAML keeps all of them. */
export function digits(what: string, check: (text: string) => Mistake): Reader<string> {
  return (field) => {
    const { node } = field;
    const isNumber = isScalar(node) && typeof node.value === 'number' && String(node.value) === node.source;
    const value = isNumber ? String(node.value) : undefined;
    if (value === undefined || !isPlain(field)) return text(what, 100, check)(field);
    const mistake = check(value);
    return mistake === undefined ? value : mistaken(field, mistake);
  };
}

function textMistake(value: string, what: string, maxLength: number): Mistake {
  if (value.trim() === '') return `expected ${what}, got an empty text`;
  if (/[\p{Cc}\p{Cf}]/u.test(value)) return `expected ${what} without control characters, got ${quoted(value)}`;
  const { length } = [...value];
  if (length > maxLength) return `expected ${what} of at most ${maxLength} characters, got ${length}`;
  return undefined;
}

/** Whether nothing of YAML's that this format does not have is in the way. */
function isPlain({ node }: Field): boolean {
  return node !== null && !isAlias(node) && !('anchor' in node && node.anchor);
}

function notA(field: Field, what: string): undefined {
  return mistaken(field, `expected ${what}, got ${shown(field.node)}`);
}

function shown(node: unknown): string {
  if (isAlias(node))
    return `the YAML alias *${printable(node.source)}: put a text that begins with * in quotes; aliases are not supported`;
  if (isMap(node) || isSeq(node) || isScalar(node)) {
    if (node.anchor)
      return `the YAML anchor &${printable(node.anchor)}: put a text that begins with & in quotes; anchors are not supported`;
  }
  if (isMap(node)) return 'fields';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  if (typeof node.value === 'string') return quoted(node.value);
  return `the ${typeof node.value} ${quoted(textOf(node)).slice(1, -1)}: write it in quotes`;
}

function joined(path: string, name: string): string {
  const shownName = /^[\w-]{1,60}$/.test(name) ? name : quoted(name);
  return path === '' ? shownName : `${path}.${shownName}`;
}

/** As it is written, where YAML takes it for something else. */
function textOf({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}

function startOf(node: unknown): number | undefined {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}
