import { printable } from '../../domain/printable.ts';

/** A text in one line for XML 1.0: control and formatting characters are escapes, and what no XML document can hold is replaced. */
export function xmlText(text: string): string {
  const allowed = printable(text).replace(/[\uFFFE\uFFFF]/g, '\uFFFD');
  return allowed.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** An element with attributes, and with children that are XML already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: string[]
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(`${value}`)}"`);
  const start = `<${name}${pairs.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}
