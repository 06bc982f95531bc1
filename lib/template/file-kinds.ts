import { CLOUDFORMATION } from './cloudformation/kind.ts';
import type { FileKind, FileReading, ReadOptions, TemplateFile } from './file-kind.ts';
import { TERRAFORM } from './terraform/kind.ts';

/**
 * Every kind of file that `template check` reads: the first that recognises a file reads it. A plan may name types of CloudFormation.
 */
const KINDS: readonly FileKind[] = [TERRAFORM, CLOUDFORMATION];

/** What kinds of files there are, for messages. */
export const KNOWN_KINDS = KINDS.map(({ what }) => what).join(', ');

/** @returns undefined for a file of no kind */
export function kindOfFile(file: TemplateFile): FileKind | undefined {
  return KINDS.find((kind) => kind.recognises(file));
}

/** Reads a file. @returns undefined for a file of no kind */
export async function readTemplateFile(file: TemplateFile, options: ReadOptions): Promise<FileReading | undefined> {
  return kindOfFile(file)?.read(file, options);
}
