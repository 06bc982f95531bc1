import { printable } from '../../domain/printable.ts';

/** HTML that needs no more escaping. */
export interface Markup {
  readonly markup: string;
}

/** What a template takes. What is false or missing leaves nothing behind. */
export type Part = string | number | Markup | readonly Part[] | null | undefined | false;

/**
 * A template of HTML. Every text in it is escaped, and what hides or reorders text around it is written out, so that no
 * name or message can become markup. Attributes must be quoted.
 * @example html`<td title="${finding.arn}">${finding.name}</td>`
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: texts.map((text, index) => text + markupOf(parts[index])).join('') };
}

/** A script, a style, or JSON that is safe in a script element: it is taken as it is. */
export function raw(markup: string): Markup {
  return { markup };
}

/** A count as people read it: `12,345`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** JSON for a script element that is not run: nothing in it can end the element. */
export function inertJson(value: unknown): Markup {
  return raw(JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => ESCAPES[character] ?? ''));
}

const ESCAPES: Readonly<Record<string, string>> = { '<': '\\u003c', '\u2028': '\\u2028', '\u2029': '\\u2029' };

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function markupOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'number') return count(part);
  if (typeof part === 'string') return printable(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}
