import { styleText } from 'node:util';

const STYLES = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

/** Paints a text for a terminal, or leaves it as it is. */
export type Colors = Readonly<Record<(typeof STYLES)[number], (text: string) => string>>;

/** @param isColored whether a terminal that shows colours displays the text */
export function colors(isColored: boolean): Colors {
  const paint = (style: (typeof STYLES)[number]) => (text: string) =>
    isColored && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  return Object.fromEntries(STYLES.map((style) => [style, paint(style)])) as Colors;
}
