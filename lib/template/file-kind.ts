import type { Declarations } from '../domain/template/model.ts';
import type { TemplateNote } from '../domain/template/note.ts';

/** A file as it was read. */
export interface TemplateFile {
  /** Relative to where the command was typed, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** null: the bytes are no text. What could be taken for an unknown value is taken out. */
  readonly text: string | null;
}

/** What the user says of the deployment, and how other files are reached. */
export interface ReadOptions {
  readonly parameters: ReadonlyMap<string, string>;
  /** null: not known. */
  readonly region: string | null;
  /** null: not known. */
  readonly account: string | null;
  /** Reads a file that another one names. @param path relative to the directory of `from`; undefined: it cannot be read */
  open(from: TemplateFile, path: string): Promise<TemplateFile | undefined>;
}

/** What a file says. With mistakes, nothing of what they concern is in the declarations. */
export interface FileReading {
  /** One for each deployment: a stack with those nested in it, or a plan. */
  readonly declarations: readonly Declarations[];
  /** Why a file, or a part of it, cannot be evaluated. */
  readonly mistakes: readonly TemplateNote[];
  /** What the findings do not show. */
  readonly warnings: readonly TemplateNote[];
  /** Whether the file has nothing of its kind, after all. */
  readonly isEmpty?: boolean;
  /** The other files that were evaluated as parts of this one. */
  readonly parts?: readonly string[];
  /** The parameters that the file has. Absent: it has none. */
  readonly parameters?: readonly string[];
}

/** One kind of file: a file of this directory, and a line in the registry `file-kinds.ts`. */
export interface FileKind {
  /** As messages name such a file. */
  readonly what: string;
  /** Whether a file is of this kind, or is meant to be: `read` says what is wrong with it. By its content, and quickly. */
  recognises(file: TemplateFile): boolean;
  /** The files that a file may have as parts, as it names them; absent: it has none. Quickly, and not all of them may be files. */
  partsOf?(file: TemplateFile): Iterable<string>;
  /** Never throws for what is in the file. Time and memory are bounded. */
  read(file: TemplateFile, options: ReadOptions): Promise<FileReading>;
}
