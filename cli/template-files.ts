import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { CLOUD_ASSEMBLY } from '../lib/template/cloudformation/assembly.ts';
import type { TemplateFile } from '../lib/template/file-kind.ts';
import { mayBeTemplate, partsOf } from '../lib/template/file-kinds.ts';
import { isBinaryPlan } from '../lib/template/terraform/other-files.ts';
import { decodeTemplate, NOT_TEXT } from '../lib/template/text.ts';
import { type Host, pathFromUser } from './host.ts';
import { inputChunks, readInput } from './read-input.ts';
import { MAX_TEMPLATE_MIB } from './template-limits.ts';

/** A file to evaluate. */
export interface FoundFile {
  readonly path: string;
  /** Whether the user named it, so that it must be a template. Others come from a directory. */
  readonly isNamed: boolean;
}

/** What of some directories is not evaluated. */
export interface LeftOut {
  /** The configuration of Terraform, of which only a plan can be evaluated. */
  readonly configuration: string[];
}

/** What templates are in, in a directory. */
const EXTENSION = /\.(ya?ml|json|template)$|(^|\.)tfplan$/i;
/** What Terraform makes plans of. */
const CONFIGURATION = /\.(tf|tofu|tfvars)(\.json)?$/i;
/** Holds what others wrote. */
const SKIPPED = new Set(['node_modules']);
/** Of the CDK: it says which templates of its directory belong to the app. */
const MANIFEST = 'manifest.json';

const STANDARD_INPUT = '-';

/** What the user names. */
export interface Operand {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Finds what the user names. What is not there goes to `mistakes`. */
export async function templateOperands(paths: readonly string[], host: Host, mistakes: string[]): Promise<Operand[]> {
  const found: Operand[] = [];
  for (const path of paths) {
    if (path === STANDARD_INPUT) {
      found.push({ path, isDirectory: false });
      continue;
    }
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
 * ones nor links. Each file comes once. Those that may be parts of others come after all others, so that it is known by then whether
 * they are.
 */
export async function* templateFiles(
  operands: readonly Operand[],
  host: Host,
  leftOut: LeftOut,
): AsyncGenerator<FoundFile> {
  const parts = await mentionedParts(operands, host);
  const later: FoundFile[] = [];
  const seen = new Set<string>();
  for await (const found of filesOf(operands, host, leftOut)) {
    const path = normalize(found.path);
    if (seen.has(path)) continue;
    seen.add(path);
    if (parts.has(path)) later.push(found);
    else yield found;
  }
  yield* later;
}

async function mentionedParts(operands: readonly Operand[], host: Host): Promise<ReadonlySet<string>> {
  const parts = new Set<string>();
  const [first, ...others] = operands;
  if (others.length === 0 && !first?.isDirectory) return parts;
  for await (const { path, isNamed } of filesOf(operands, host, { configuration: [] })) {
    if (path === STANDARD_INPUT) continue;
    const file = await readTemplate({ path, isNamed }, host, []);
    if (file) for (const part of partsOf(file)) parts.add(join(dirname(path), part));
  }
  return parts;
}

async function* filesOf(operands: readonly Operand[], host: Host, leftOut: LeftOut): AsyncGenerator<FoundFile> {
  for (const { path, isDirectory } of operands) {
    if (isDirectory) yield* filesBelow(path, host, leftOut);
    else yield { path, isNamed: true };
  }
}

async function* filesBelow(directory: string, host: Host, leftOut: LeftOut): AsyncGenerator<FoundFile> {
  host.signal.throwIfAborted();
  const entries = await entriesOf(directory, host);
  // Reading it reports why it cannot be listed.
  if (!entries) return yield { path: directory, isNamed: false };
  if (entries.some((entry) => entry.isFile() && entry.name === MANIFEST)) {
    const found = { path: join(directory, MANIFEST), isNamed: false };
    const manifest = await readTemplate(found, host, []);
    if (manifest && CLOUD_ASSEMBLY.recognises(manifest)) return yield found;
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, host, leftOut);
    else if (entry.isFile() && CONFIGURATION.test(entry.name)) leftOut.configuration.push(path);
    else if (entry.isFile() && EXTENSION.test(entry.name)) yield { path, isNamed: false };
  }
}

/** In the order of their names; undefined: they cannot be listed. */
async function entriesOf(directory: string, host: Host): Promise<Dirent[] | undefined> {
  const all = await readdir(pathFromUser(directory, host), { withFileTypes: true }).catch(() => undefined);
  const shown = all?.filter(({ name }) => !name.startsWith('.') && !SKIPPED.has(name));
  return shown?.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * Reads a file. What keeps it from being read whole, or as text, goes to `mistakes`, unless it comes from a directory and is no template.
 * @returns undefined for one that cannot be read
 */
export async function readTemplate(
  { path, isNamed }: FoundFile,
  host: Host,
  mistakes: string[],
): Promise<TemplateFile | undefined> {
  const unread: string[] = [];
  const input = { option: null, path, maxMib: MAX_TEMPLATE_MIB, standardInput: host.input };
  const bytes = await readInput(input, host, unread);
  if (!bytes) {
    if (isNamed || (await mayBeginTemplate(path, host))) mistakes.push(...unread);
    return undefined;
  }
  const text = decodeTemplate(bytes);
  if (text === null && !isNamed && !isBinaryPlan(bytes) && mayBeTemplate(path, bytes)) mistakes.push(NOT_TEXT);
  return { path: relative(host.directory, pathFromUser(path, host)).replaceAll(sep, '/'), bytes, text };
}

/** Whether a file that is too large may be a template. So may what cannot be read at all. */
async function mayBeginTemplate(path: string, host: Host): Promise<boolean> {
  try {
    for await (const chunk of inputChunks(path, host)) return mayBeTemplate(path, chunk);
  } catch {
    host.signal.throwIfAborted();
  }
  return true;
}

/** Reads a file that another one names, if it is there. */
export async function openBeside(from: TemplateFile, path: string, host: Host): Promise<TemplateFile | undefined> {
  return readTemplate({ path: join(dirname(from.path), path), isNamed: true }, host, []);
}
