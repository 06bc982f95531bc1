import { parseArgs } from 'node:util';
import type { Host } from './host.ts';
import { suggestion } from './suggest.ts';

/** An option as the user wrote it: a flag is true, a list is every value that was given. */
export interface OptionSpec {
  readonly kind: 'flag' | 'value' | 'list';
  /** A list whose values may also come in one, with this between them. */
  readonly separator?: string;
  /** The mistake in a value, said as "expected …, got …". @param times how often an option was given */
  readonly check?: (
    value: string,
    host: Pick<Host, 'directory'>,
    times: (name: string) => number,
  ) => string | undefined;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface Arguments {
  flag(name: string): boolean;
  value(name: string): string | undefined;
  /** What was given without an option, at most as many as the command takes. */
  readonly operands: readonly string[];
  /** Each value once. */
  list(name: string): readonly string[];
  /** How often the option was given. */
  times(name: string): number;
  /** Every mistake so far; commands add their own before they throw. */
  readonly mistakes: string[];
  /** What to refuse the command for: an option without its value is one mistake, whatever else was found wrong with it later. */
  allMistakes(): readonly string[];
}

/**
 * Splits a command line and checks each value's form. Never throws: every mistake is listed.
 * @param operandNames what the command takes without an option
 */
export function readArguments(
  args: readonly string[],
  specs: OptionSpecs,
  host: Pick<Host, 'directory'>,
  operandNames: readonly string[] = [],
): Arguments {
  const mistakes: string[] = [];
  const operands: string[] = [];
  const given = new Map<string, string[]>();
  const words = args.map((word, index) => (isForgotten(word, args[index + 1], specs) ? `${word}=` : word));
  const { tokens } = parseArgs({
    args: words,
    options: Object.fromEntries(
      Object.entries(specs).map(([name, { kind }]) => [
        name,
        { type: kind === 'flag' ? 'boolean' : 'string' } as const,
      ]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const times = (name: string) => tokens.filter((token) => token.kind === 'option' && token.name === name).length;
  let valueOfUnknown = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index !== valueOfUnknown) {
      if (operands.length < operandNames.length) operands.push(token.value);
      else mistakes.push(`unexpected argument ${JSON.stringify(token.value)}`);
    }
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) {
      mistakes.push(`${token.rawName}: unknown option${suggestion(token.name, Object.keys(specs), '--')}`);
      if (token.value === undefined) valueOfUnknown = token.index + 1;
      continue;
    }
    const { value } = token;
    const instead = words[token.index] === args[token.index] ? undefined : args[token.index + 1];
    for (const part of spec.separator === undefined ? [value] : (value?.split(spec.separator) ?? [value])) {
      const mistake =
        mistakeIn(spec, part, instead) ?? (part === undefined ? undefined : spec.check?.(part, host, times));
      const full = `--${token.name}: ${mistake}`;
      if (mistake && !mistakes.includes(full)) mistakes.push(full);
      given.set(token.name, [...(given.get(token.name) ?? []), part ?? '']);
    }
  }
  for (const [name, values] of given) {
    if (specs[name]?.kind === 'value' && values.length > 1)
      mistakes.push(`--${name}: expected once, got ${values.length} times`);
  }
  const own = mistakes.length;
  const bare = [...given]
    .filter(([name, values]) => specs[name]?.kind !== 'flag' && values.includes(''))
    .map(([name]) => `--${name}: `);
  return {
    flag: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    // An empty value is already listed as a mistake.
    list: (name) => [...new Set(given.get(name) ?? [])].filter(Boolean),
    times: (name) => given.get(name)?.length ?? 0,
    operands,
    mistakes,
    allMistakes: () =>
      mistakes.filter((mistake, index) => index < own || !bare.some((start) => mistake.startsWith(start))),
  };
}

/** Whether an option lacks its value, so that the next option must not be taken for it. */
function isForgotten(word: string, next: string | undefined, specs: OptionSpecs): boolean {
  const name = word.replace(/^--/, '');
  const takesValue = name !== word && Object.hasOwn(specs, name) && specs[name]?.kind !== 'flag';
  return takesValue && next?.startsWith('--') === true;
}

/** @param instead the option that came in the place of the value */
function mistakeIn(spec: OptionSpec, value: string | undefined, instead: string | undefined): string | undefined {
  if (spec.kind === 'flag') return value === undefined ? undefined : `expected no value, got ${JSON.stringify(value)}`;
  if (value) return undefined;
  return `expected a value, got ${instead === undefined ? 'none' : `the option ${instead}`}`;
}
