import { closestMatch } from 'leven';

/** One letter of so many may be wrong. */
const LETTERS_PER_MISTAKE = 3;

/** Follows a mistyped word: which of the known ones was probably meant; empty where none is near. */
export function suggestion(word: string, known: readonly string[], prefix = ''): string {
  const maxDistance = Math.ceil(word.length / LETTERS_PER_MISTAKE);
  const near = closestMatch(word, known, { maxDistance });
  return near === undefined ? '' : `; did you mean ${prefix}${near}?`;
}
