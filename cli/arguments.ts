import { parseArgs } from 'node:util';
import type { Host } from './host.ts';

/** An option as the user wrote it: a flag is true, a list is every value that was given. */
export interface OptionSpec {
  readonly kind: 'flag' | 'value' | 'list';
  /** The mistake in a value, said as "expected …, got …". */
  readonly check?: (value: string, host: Pick<Host, 'directory'>) => string | undefined;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface Arguments {
  flag(name: string): boolean;
  value(name: string): string | undefined;
  /** Each value once. */
  list(name: string): readonly string[];
  /** How often the option was given. */
  times(name: string): number;
  /** Every mistake so far; commands add their own before they throw. */
  readonly mistakes: string[];
}

/** Splits a command line and checks each value's form. Never throws: every mistake is listed. */
export function readArguments(args: readonly string[], specs: OptionSpecs, host: Pick<Host, 'directory'>): Arguments {
  const mistakes: string[] = [];
  const given = new Map<string, string[]>();
  const { tokens } = parseArgs({
    args: [...args],
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
  let valueOfUnknown = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index !== valueOfUnknown) {
      mistakes.push(`unexpected argument ${JSON.stringify(token.value)}`);
    }
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) {
      mistakes.push(`${token.rawName}: unknown option`);
      if (token.value === undefined) valueOfUnknown = token.index + 1;
      continue;
    }
    const { value, inlineValue: isInline = false } = token;
    const mistake = mistakeIn(spec, value, isInline) ?? (value === undefined ? undefined : spec.check?.(value, host));
    if (mistake) mistakes.push(`--${token.name}: ${mistake}`);
    given.set(token.name, [...(given.get(token.name) ?? []), value ?? '']);
  }
  for (const [name, values] of given) {
    if (specs[name]?.kind === 'value' && values.length > 1)
      mistakes.push(`--${name}: expected once, got ${values.length} times`);
  }
  return {
    flag: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    // An empty value is already listed as a mistake.
    list: (name) => [...new Set(given.get(name) ?? [])].filter(Boolean),
    times: (name) => given.get(name)?.length ?? 0,
    mistakes,
  };
}

function mistakeIn(spec: OptionSpec, value: string | undefined, isInline: boolean): string | undefined {
  if (spec.kind === 'flag') return value === undefined ? undefined : `expected no value, got ${JSON.stringify(value)}`;
  if (value === undefined || value === '') return 'expected a value, got none';
  return !isInline && value.startsWith('--') ? `expected a value, got the option ${value}` : undefined;
}
