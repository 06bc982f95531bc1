/** What no name of a log store contains and regular expressions do; and a dot before a star, where a name would hardly have one. */
const OF_A_REGULAR_EXPRESSION = /[\^$()|[\]{}+\\]|(?<![A-Za-z0-9])\.\*/;

/** What to say of a glob that was written as a regular expression; null: it was not. */
export function regexHint(glob: string): string | null {
  if (!OF_A_REGULAR_EXPRESSION.test(glob)) return null;
  const form =
    'a glob, which is compared with the whole name: * stands for any characters, ? for one, and all else for itself';
  return `${JSON.stringify(glob)} seems to be a regular expression; expected ${form}`;
}
