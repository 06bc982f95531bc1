import { CLOUD_ASSEMBLY } from './cloudformation/assembly.ts';
import { CLOUDFORMATION } from './cloudformation/kind.ts';
import type { FileKind, FileReading, ReadOptions, TemplateFile } from './file-kind.ts';
import { TERRAFORM } from './terraform/kind.ts';

/**
 * Every kind of file that `template check` reads: the first that recognises a file reads it. Plans and manifests may hold what a template has.
 */
const KINDS: readonly FileKind[] = [TERRAFORM, CLOUD_ASSEMBLY, CLOUDFORMATION];

/** What kinds of files there are, for messages. */
export const KNOWN_KINDS = new Intl.ListFormat('en', { type: 'disjunction' }).format(KINDS.map(({ what }) => what));

/** @returns undefined for a file of no kind */
function kindOfFile(file: TemplateFile): FileKind | undefined {
  return KINDS.find((kind) => kind.recognises(file));
}

/** Whether bytes that are no text, or only the first ones of a file, are what a file of some kind has. */
export function mayBeTemplate(path: string, bytes: Uint8Array): boolean {
  // Every byte is a character of this encoding, and those of ASCII are the same in it.
  return kindOfFile({ path, bytes, text: Buffer.from(bytes).toString('latin1') }) !== undefined;
}

/** The files that a file may have as parts, as it names them. They may be no files. */
export function partsOf(file: TemplateFile): Iterable<string> {
  return kindOfFile(file)?.partsOf?.(file) ?? [];
}

/** Reads a file. @returns undefined for a file of no kind */
export async function readTemplateFile(file: TemplateFile, options: ReadOptions): Promise<FileReading | undefined> {
  return kindOfFile(file)?.read(file, options);
}
