import type { Mistake } from '../domain/providers/provider.ts';

/** The variables of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a variable, which may be empty if `check` accepts that.
 * @returns what is set; `''` where it is not, or a mistake was added
 */
export function readVariable(
  environment: Environment,
  name: string,
  mistakes: string[],
  check: (text: string) => Mistake,
): string {
  const text = environment[name] ?? '';
  const mistake = check(text);
  if (mistake) mistakes.push(`${name}: ${mistake}`);
  return text;
}

/** Checks each part of a list with commas. */
export function listMistake(check: (part: string) => Mistake): (text: string) => Mistake {
  return (text) => {
    const wrong = text.split(',').map(check).filter(Boolean);
    return wrong.length > 0 ? wrong.join('; ') : undefined;
  };
}

/** The same, but there may be nothing. */
export function unlessEmpty(check: (text: string) => Mistake): (text: string) => Mistake {
  return (text) => (text === '' ? undefined : check(text));
}

/** The parts of a list with commas, each once. */
export function partsOf(text: string): string[] {
  return text === '' ? [] : [...new Set(text.split(','))];
}
