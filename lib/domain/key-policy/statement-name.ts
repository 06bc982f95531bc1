/** What tells the statements of a policy apart. */
interface Named {
  readonly index: number;
  readonly sid: string | null;
}

/**
 * A statement as messages name it: `the statement "Logs"` by its Sid, else `the 2nd statement`, counted from one. A Sid that
 * several statements have needs both.
 */
export function statementName({ index, sid }: Named, isSidUnique = true): string {
  if (sid && isSidUnique) return `the statement ${JSON.stringify(sid)}`;
  return `the ${ordinal(index + 1)} statement${sid ? ` (Sid ${JSON.stringify(sid)})` : ''}`;
}

interface Quoted {
  readonly name: string;
  readonly effect: string;
  readonly principal: { readonly not: boolean; readonly names: '*' | Readonly<Record<string, readonly string[]>> };
}

/** A statement as advice names it: with enough of it that nobody edits another one. */
export function statementQuote({ name, effect, principal: { not, names } }: Quoted): string {
  return `${name} (${effect}, ${not ? 'NotPrincipal' : 'Principal'} ${principalText(names)})`;
}

const MAX_PRINCIPALS = 2;

function principalText(names: Quoted['principal']['names']): string {
  if (names === '*') return '"*"';
  const all = Object.entries(names).flatMap(([kind, some]) => some.map((name) => `${kind} ${name}`));
  const more = all.length > MAX_PRINCIPALS ? [`${all.length - MAX_PRINCIPALS} more`] : [];
  return [...all.slice(0, MAX_PRINCIPALS), ...more].join(', ') || 'none';
}

const RULES = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: 'st', two: 'nd', few: 'rd' };

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
function ordinal(number: number): string {
  return `${number}${SUFFIXES[RULES.select(number)] ?? 'th'}`;
}
