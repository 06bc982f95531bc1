import { printable } from '../domain/printable.ts';

/** A text from outside in one line: its control and formatting characters are escapes, and every document can hold it. */
export function oneLine(text: string): string {
  return printable(text).toWellFormed();
}
