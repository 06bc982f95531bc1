import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { CLOUD_ASSEMBLY } from '../lib/template/cloudformation/assembly.ts';
import type { TemplateFile } from '../lib/template/file-kind.ts';
import { partsOf } from '../lib/template/file-kinds.ts';
import { decodeTemplate } from '../lib/template/text.ts';
import { type Host, pathFromUser } from './host.ts';
import { readInput } from './read-input.ts';
import { MAX_TEMPLATE_MIB } from './template-limits.ts';

/** A file to evaluate. */
export interface FoundFile {
  readonly path: string;
  /** Whether the user named it, so that it must be a template. Others come from a directory. */
  readonly isNamed: boolean;
}

/** What templates are in, in a directory. */
const EXTENSION = /\.(ya?ml|json|template)$|(^|\.)tfplan$/i;
/** Holds what others wrote. */
const SKIPPED = new Set(['node_modules']);
/** Of the CDK: it says which templates of its directory belong to the app. */
const MANIFEST = 'manifest.json';

/** What the user names. */
export interface Operand {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Finds what the user names. What is not there goes to `mistakes`. */
export async function templateOperands(paths: readonly string[], host: Host, mistakes: string[]): Promise<Operand[]> {
  const found: Operand[] = [];
  for (const path of paths) {
    try {
      found.push({ path, isDirectory: (await stat(pathFromUser(path, host))).isDirectory() });
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      mistakes.push(`FILE: expected a file or a directory that can be read, got ${path} (${why})`);
    }
  }
  return found;
}

/**
 * The files that some operands stand for, one after the other, in the order of their names. Directories are entered, but neither hidden
 * ones nor links. Files that may be parts of others come after all others, so that it is known by then whether they are.
 */
export async function* templateFiles(operands: readonly Operand[], host: Host): AsyncGenerator<FoundFile> {
  const parts = await mentionedParts(operands, host);
  const later: FoundFile[] = [];
  for await (const found of filesOf(operands, host)) {
    if (parts.has(normalize(found.path))) later.push(found);
    else yield found;
  }
  yield* later;
}

async function mentionedParts(operands: readonly Operand[], host: Host): Promise<ReadonlySet<string>> {
  const parts = new Set<string>();
  const [first, ...others] = operands;
  if (others.length === 0 && !first?.isDirectory) return parts;
  for await (const { path } of filesOf(operands, host)) {
    const file = await readTemplate(path, host, []);
    if (file) for (const part of partsOf(file)) parts.add(join(dirname(path), part));
  }
  return parts;
}

async function* filesOf(operands: readonly Operand[], host: Host): AsyncGenerator<FoundFile> {
  for (const { path, isDirectory } of operands) {
    if (isDirectory) yield* filesBelow(path, host);
    else yield { path, isNamed: true };
  }
}

async function* filesBelow(directory: string, host: Host): AsyncGenerator<FoundFile> {
  host.signal.throwIfAborted();
  const entries = await entriesOf(directory, host);
  // What cannot be listed cannot be read either, which is told.
  if (!entries) return yield { path: directory, isNamed: false };
  if (entries.some((entry) => entry.isFile() && entry.name === MANIFEST)) {
    const manifest = await readTemplate(join(directory, MANIFEST), host, []);
    if (manifest && CLOUD_ASSEMBLY.recognises(manifest))
      return yield { path: join(directory, MANIFEST), isNamed: false };
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, host);
    else if (entry.isFile() && EXTENSION.test(entry.name)) yield { path, isNamed: false };
  }
}

/** In the order of their names; undefined: they cannot be listed. */
async function entriesOf(directory: string, host: Host): Promise<Dirent[] | undefined> {
  const all = await readdir(pathFromUser(directory, host), { withFileTypes: true }).catch(() => undefined);
  const shown = all?.filter(({ name }) => !name.startsWith('.') && !SKIPPED.has(name));
  return shown?.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Reads a file. What keeps it from being read goes to `mistakes`. */
export async function readTemplate(path: string, host: Host, mistakes: string[]): Promise<TemplateFile | undefined> {
  const bytes = await readInput({ option: null, path, maxMib: MAX_TEMPLATE_MIB }, host, mistakes);
  if (!bytes) return undefined;
  return {
    path: relative(host.directory, pathFromUser(path, host)).replaceAll(sep, '/'),
    bytes,
    text: decodeTemplate(bytes),
  };
}

/** Reads a file that another one names, if it is there. */
export async function openBeside(from: TemplateFile, path: string, host: Host): Promise<TemplateFile | undefined> {
  return readTemplate(join(dirname(from.path), path), host, []);
}
