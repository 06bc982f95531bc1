import type { YAMLException } from 'js-yaml';

/** Texts that CloudFormation takes and YAML does not, as YAML takes them; null: what is wrong is nothing of that kind. Each line stays in its place. */
export function repaired(text: string, { reason, mark }: YAMLException, maxDepth: number): string | null {
  const position = mark?.position ?? 0;
  const inserted = (at: number, spaces: number) => `${text.slice(0, at)}${' '.repeat(spaces)}${text.slice(at)}`;
  // Quoted texts and lists in brackets that end left of where they begin.
  if (reason === 'deficient indentation') return inserted(text.lastIndexOf('\n', position - 1) + 1, maxDepth);
  // A comment right behind a quoted text or a list in brackets.
  if (text[position] === '#' && /['"\]}]/.test(text[position - 1] ?? '')) return inserted(position, 1);
  return null;
}

const HINTS: readonly (readonly [reason: string, hint: string])[] = [
  ['name of an alias node must contain at least one character', 'put * in quotes'],
  [
    'a multiline key may not be an implicit key',
    'the line above may lack the colon behind its name, or the space behind the colon',
  ],
];

const TABS = 'YAML takes no tabs at the beginning of a line: indent it with spaces';

/** What is wrong with a text that is no YAML, and where that is plain how to put it right. */
export function messageOf(text: string, { reason, mark }: YAMLException): string {
  const line = text.slice(text.lastIndexOf('\n', (mark?.position ?? 0) - 1) + 1);
  // JSON takes tabs.
  const isByTab = /^ *\t/.test(line) && !text.trimStart().startsWith('{');
  const hint = isByTab ? TABS : HINTS.find(([part]) => reason.includes(part))?.[1];
  return `expected YAML or JSON (${reason})${hint === undefined ? '' : `: ${hint}`}`;
}
