import { printable } from '../domain/printable.ts';
import type { DocumentKind } from './documents.ts';
import type { WriterOf } from './format.ts';
import { mapTexts } from './texts.ts';

/**
 * The one place where text from outside, such as names and the words of AWS, is made harmless for people: control and bidirectional
 * characters become escapes before a writer sees them.
 */
export function harmless<T>(value: T): T {
  return mapTexts(value, printable);
}

/** A writer that receives harmless texts only. */
export function forPeople<Kind extends DocumentKind>(begin: WriterOf<Kind>): WriterOf<Kind> {
  return (options) => {
    const writer = begin(options);
    return {
      begin: () => writer.begin(),
      page: (items) => writer.page(harmless(items)),
      end: (totals) => writer.end(harmless(totals)),
    };
  };
}
