/**
 * The text in one line, with its control and formatting characters written as escapes: on a terminal they could hide or change what is
 * around them. Every document can hold it: half a character becomes U+FFFD.
 */
export function printable(text: string): string {
  const escaped = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
  });
  return escaped.toWellFormed();
}
