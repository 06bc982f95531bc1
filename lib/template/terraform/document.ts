import { type Fields, isFields } from '../../domain/template/fields.ts';
import type { TemplateFile } from '../file-kind.ts';
import { textIn } from './json.ts';

/** What is wrong with a file that is meant for Terraform. */
export interface Refusal {
  readonly line: number | null;
  readonly message: string;
}

/** How a plan is made that can be evaluated. */
export const PLAN = 'terraform plan -out=tfplan && terraform show -json tfplan > plan.json';
const STATE = 'terraform show -json > state.json';

/** Where `>` writes UTF-16, it also changes characters that are not ASCII, and may lose the quote behind one. */
const IN_POWERSHELL = 'in PowerShell run cmd /c "terraform show -json tfplan > plan.json"';

/** The bytes with which a zip archive begins. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Whether a file is what `terraform plan -out` writes, which is an archive. */
export function isBinaryPlan(bytes: Uint8Array): boolean {
  return ZIP.every((byte, position) => bytes[position] === byte);
}

/** Whether a text is meant for Terraform: what `terraform show -json` writes, or something that is taken for it. */
export function isTerraform(text: string, path: string): boolean {
  return (
    isShown(text) || isStream(text) || isRawState(text) || isHcl(text, path) || isHclInJson(text) || isForPeople(text)
  );
}

/** @returns the document, or what is wrong, with the command that makes the right file. Nothing of the file is quoted. */
export function readDocument({ path, bytes }: TemplateFile, text: string): { readonly document: Fields } | Refusal {
  if (isStream(text)) return whole(`it is the stream of terraform plan -json, which has no values: run ${PLAN}`);
  if (!isShown(text)) {
    if (isRawState(text)) return whole(`it is a raw state: run ${STATE} where Terraform works`);
    if (isForPeople(text)) return whole(`it is a plan as people read it: run ${PLAN}`);
    if (isHcl(text, path) || isHclInJson(text))
      return whole(`it is the configuration of Terraform, not a plan: run ${PLAN}`);
  }
  if (isDeeperThan(text, MAX_DEPTH))
    return whole(`it is nested more than ${MAX_DEPTH.toLocaleString('en')} levels deep`);
  return parse(text, isUtf16(bytes) ? IN_POWERSHELL : `run ${PLAN} again`);
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
  return text.replace(/\\ue00[0-2]/gi, String.raw`\ufffd`);
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

/** An empty state has nothing but its version. */
function isShown(text: string): boolean {
  if (!/"format_version"\s*:/.test(text)) return false;
  return (
    /"(?:planned_values|resource_changes|prior_state)"\s*:|"values"\s*:\s*\{\s*"(?:outputs|root_module)"/.test(text) ||
    /^\s*\{\s*"format_version"\s*:\s*"[\d.]+"\s*(?:,\s*"terraform_version"\s*:\s*"[\w.+-]+"\s*)?\}\s*$/.test(text)
  );
}

function isStream(text: string): boolean {
  return /^\s*\{"@level":/.test(text);
}

function isRawState(text: string): boolean {
  return /^\s*\{/.test(text) && /"serial"\s*:\s*\d/.test(text) && /"lineage"\s*:\s*"/.test(text);
}

function isForPeople(text: string): boolean {
  return /^(?:Terraform|OpenTofu) (?:will perform the following actions|used the selected providers)/m.test(text);
}

/** The first line that is no comment opens a block. */
function isHcl(text: string, path: string): boolean {
  const first = /^(?:\s|#.*$|\/\/.*$|\/\*[\s\S]*?\*\/)*(.*)$/m.exec(text.slice(0, 100_000))?.[1] ?? '';
  const isBlock =
    /^(?:terraform|locals|(?:resource|data)\s+"[\w-]+"\s+"[\w-]+"|(?:provider|variable|module|output)\s+"[\w-]+")\s*\{/;
  return /\.(?:tf|tofu)$/i.test(path) || isBlock.test(first);
}

function isHclInJson(text: string): boolean {
  return /^\s*\{/.test(text) && /"(?:resource|data)"\s*:\s*[[{]\s*(?:\{\s*)?"aws_\w+"\s*:/.test(text);
}

function whole(message: string): Refusal {
  return { line: null, message };
}
