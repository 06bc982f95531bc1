import { printable } from '../domain/printable.ts';
import type { DocumentKind } from './documents.ts';
import type { ReportOptions, WriterOf } from './format.ts';
import { mapTexts } from './texts.ts';

/**
 * The one place where what people read is prepared. Text from outside, such as names and the words of AWS, is made harmless: control
 * and bidirectional characters become escapes. The commands in fixes are written as they must be typed.
 */
export function forPeople<T>(value: T, { asTyped }: Pick<ReportOptions, 'asTyped'>): T {
  return mapTexts(value, (text, field) => (field === 'fix' ? printableLines(asTyped(text)) : printable(text)));
}

/** A fix may have lines to add to a file. */
function printableLines(text: string): string {
  return text.includes('\n') ? text.split('\n').map(printable).join('\n') : printable(text);
}

/** A writer that receives only what is prepared for people. */
export function writerForPeople<Kind extends DocumentKind>(begin: WriterOf<Kind>): WriterOf<Kind> {
  return (options) => {
    const writer = begin(options);
    return {
      begin: () => writer.begin(),
      page: (items) => writer.page(forPeople(items, options)),
      end: (totals) => writer.end(forPeople(totals, options)),
    };
  };
}
