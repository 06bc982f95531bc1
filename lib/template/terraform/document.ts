import { type Fields, isFields } from '../../domain/template/fields.ts';
import type { TemplateFile } from '../file-kind.ts';
import { textIn } from './json.ts';
import { MAKE_PLAN, otherFile } from './other-files.ts';

/** What is wrong with a file that is meant for Terraform. */
export interface Refusal {
  readonly line: number | null;
  readonly message: string;
}

/** Where `>` writes UTF-16, it also changes characters that are not ASCII, and may lose the quote behind one. */
const IN_POWERSHELL = 'in PowerShell run cmd /c "terraform show -json tfplan > plan.json"';

/** @returns the document, or what is wrong, with the command that makes the right file. Nothing of the file is quoted. */
export function readDocument({ path, bytes }: TemplateFile, text: string): { readonly document: Fields } | Refusal {
  const other = otherFile(text, path);
  if (other !== undefined) return whole(other);
  if (isDeeperThan(text, MAX_DEPTH))
    return whole(`it is nested more than ${MAX_DEPTH.toLocaleString('en')} levels deep`);
  return parse(text, isUtf16(bytes) ? IN_POWERSHELL : `run ${MAKE_PLAN} again`);
}

function parse(text: string, remedy: string): { readonly document: Fields } | Refusal {
  const parsed = jsonIn(unescapedMarkers(text));
  if (!isFields(parsed)) {
    const end = parsed === END ? 'it ends in the middle of its JSON' : 'it is no valid JSON';
    return { line: typeof parsed === 'number' ? parsed : null, message: `${end}: ${remedy}` };
  }
  const version = textIn(parsed, 'format_version') ?? 'none';
  if (!/^[01]\.\d+$/.test(version)) {
    const known = /^[\w.-]{1,20}$/.test(version) ? version : 'another one';
    return whole(
      `expected the format version 0.1 to 1.x of terraform show -json, got ${known}: this logseal does not know it`,
    );
  }
  return { document: parsed };
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

const END = 'END';

/** The value, the line of the first mistake, or that it ends too early. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const wrapped = text.startsWith('[command]') ? text.indexOf(WRAPPED) + 1 : 0;
    if (wrapped > 0) return jsonIn(text.slice(wrapped).split('\n', 1)[0] ?? '');
    const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
    if (position === undefined || Number(position) >= text.trimEnd().length) return END;
    return lineAt(text, Number(position));
  }
}

/** The wrapper of setup-terraform for GitHub Actions writes lines of its own around the output, which is one line. */
const WRAPPED = '\n{"format_version"';

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** What could be taken for an unknown value may also be written as an escape. */
function unescapedMarkers(text: string): string {
  return text.replace(/\\ue[01][\da-f]{2}/gi, String.raw`\ufffd`);
}

/** Choice. A plan has about four levels for each module that lies in another one. */
const MAX_DEPTH = 10_000;

function isDeeperThan(text: string, depth: number): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') level++;
    else if (character === '}' || character === ']') level--;
    if (level > depth) return true;
  }
  return false;
}

function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function whole(message: string): Refusal {
  return { line: null, message };
}
