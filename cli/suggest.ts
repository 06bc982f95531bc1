import { closestMatch } from 'leven';

/** How many letters of a word may be wrong, of each so many. */
const LETTERS_PER_MISTAKE = 3;

/** Follows a mistyped word: which of the known ones was probably meant; empty where none is near. */
export function suggestion(word: string, known: readonly string[], prefix = ''): string {
  const maxDistance = Math.floor(word.length / LETTERS_PER_MISTAKE);
  const near = maxDistance === 0 ? undefined : closestMatch(word, known, { maxDistance });
  return near === undefined ? '' : `; did you mean ${prefix}${near}?`;
}
