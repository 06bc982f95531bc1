import type { Tri } from './tri.ts';

// A text of which some parts are not known. Each such part is a word between two characters that Unicode assigns to nobody, so
// that the same word stands for the same text in a policy and in a request.
const [BEGIN, END] = ['\uE003', '\uE004'];
const TOKENS = /\uE003[^\uE004]*\uE004|./gs;
/** What a part of a name or of an ARN's last part may hold. */
const PLAIN = /[^*?:\uE003]/;

/** Ends the word of a part that AWS makes up, in which there is no slash. */
const NO_SLASH = '\uE005';

/** A part that is not known. @param word without `:`, `*` and `?` @param hasNoSlash whether it is certain that no `/` is in it */
export function unknownPart(word: string, hasNoSlash = false): string {
  return `${BEGIN}${word}${hasNoSlash ? NO_SLASH : ''}${END}`;
}

/** Whether parts of a text are not known. */
export function isPartial(text: string): boolean {
  return text.includes(BEGIN);
}

/** Each part that is not known replaced. */
export function replaceParts(text: string, replacement: (word: string) => string): string {
  return text.replace(/\uE003([^\uE004]*?)\uE005?\uE004/g, (_part, word: string) => replacement(word));
}

/**
 * Whether a pattern with `*` and `?` matches a text, whatever its unknown parts turn out to be: YES or NO only if that is
 * certain. Takes at most pattern length × text length steps.
 */
export function matchesPartial(pattern: string, text: string): Tri {
  const [wanted, given] = [pattern.match(TOKENS) ?? [], text.match(TOKENS) ?? []];
  if (canMatch(wanted, given, isSureStep)) return 'YES';
  return canMatch(wanted, given, isPossibleStep) ? 'UNKNOWN' : 'NO';
}

/** Whether one token of the pattern takes one of the text, or skips it, or is skipped. */
type Step = (
  wanted: string,
  given: string,
) => { readonly both: boolean; readonly wanted: boolean; readonly given: boolean };

/** Only a `*`, or the same unknown part, takes an unknown part. */
const isSureStep: Step = (wanted, given) => ({
  both: wanted === given || (wanted === '?' && given !== '' && !isPartial(given)),
  wanted: wanted === '*',
  given: wanted === '*',
});

function canBeIn(part: string, character: string): boolean {
  return PLAIN.test(character) && !(character === '/' && part.includes(NO_SLASH));
}

/** An unknown part may be any text, also an empty one. */
const isPossibleStep: Step = (wanted, given) => ({
  both: wanted === given || wanted === '?',
  wanted: wanted === '*' || isPartial(wanted) || (isPartial(given) && (wanted === '?' || canBeIn(given, wanted))),
  given: wanted === '*' || isPartial(wanted) || isPartial(given),
});

function canMatch(wanted: readonly string[], given: readonly string[], step: Step): boolean {
  let reached = new Set([0]);
  for (let index = 0; index <= wanted.length && reached.size > 0; index++) {
    const next = new Set<number>();
    for (let at = Math.min(...reached); at <= given.length; at++) {
      if (!reached.has(at)) continue;
      const can = step(wanted[index] ?? '', given[at] ?? '');
      if (can.given && at < given.length) reached.add(at + 1);
      if (can.wanted && index < wanted.length) next.add(at);
      if (can.both && at < given.length && index < wanted.length) next.add(at + 1);
    }
    if (index === wanted.length) return reached.has(given.length);
    reached = next;
  }
  return false;
}
