import { withoutMarkers } from '../domain/template/unknown.ts';

/**
 * The text of a file in UTF-8, with or without a byte order mark, or in UTF-16, which Windows PowerShell writes.
 * @returns null for bytes that are neither
 */
export function decodeTemplate(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    return withoutMarkers(text);
  } catch {
    return null;
  }
}

/** What is wrong with bytes that are no text. */
export const NOT_TEXT = 'expected text in UTF-8 or UTF-16, got another encoding';

/** UTF-16 has a byte order mark, or a zero beside the first character, which is one of ASCII in every template. */
function encodingOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (first && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second)) return 'utf-16be';
  return 'utf-8';
}
