import { matchesPartial } from './partial-text.ts';
import { every, not, some, type Tri, tri } from './tri.ts';
import { matchesWildcard } from './wildcard.ts';

/** A value of a condition key of which nothing but its beginning can be known from outside AWS. */
export interface SomeValue {
  readonly beginning: string;
  /** The whole, where parts in its middle or at its beginning are not known (`partial-text.ts`). */
  readonly form?: string;
}
export function someValueFrom(beginning: string): SomeValue {
  return { beginning };
}
export function someValueLike(form: string): SomeValue {
  return { beginning: '', form };
}
/** A value of which nothing can be known. */
export const SOME_VALUE = someValueFrom('');
/** The values of a condition key in a request; undefined: the key is absent. */
export type KeyValue = readonly (string | SomeValue)[] | undefined;

/** Whether a value in the policy matches a value in the request. A value that cannot be compared does not match. */
type Matches = (policyValue: string, requestValue: string) => Tri;

interface Operator {
  readonly matches: Matches;
  /** Negated operators hold when none of their values matches. */
  readonly negated: boolean;
}

const fold = (text: string): string => text.toLowerCase();
const equals: Matches = (policy, request) => tri(policy === request);
const equalsIgnoringCase: Matches = (policy, request) => tri(fold(policy) === fold(request));
const like: Matches = (policy, request) => tri(matchesWildcard(policy, request));
const bool: Matches = (policy, request) => tri(/^(true|false)$/i.test(policy) && fold(policy) === fold(request));
/** No key of these requests holds an IP address or binary data. */
const never: Matches = () => 'NO';

/**
 * Matches the six parts of an ARN one by one, so that a wildcard never spans one of the first five colons
 * (docs/key-policy-rules.md#rule-5). What a pattern with fewer parts matches is not documented (docs/key-policy-rules.md#rule-6).
 */
const arn: Matches = (policy, request) => {
  const value = sixParts(request);
  if (!value) return 'NO';
  const pattern = sixParts(policy);
  if (!pattern) return 'UNKNOWN';
  return tri(pattern.every((part, index) => matchesWildcard(part, value[index] ?? '')));
};

/** Does not use split, which is slower: a scan calls this for every log store. */
function sixParts(text: string): string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  while (parts.length < 5) {
    const end = text.indexOf(':', start);
    if (end === -1) return undefined;
    parts.push(text.slice(start, end));
    start = end + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

/** What is certain about a value of which parts are not known, under an operator. No such value holds `*` or `?`. */
function matchesForm(matches: Matches): Matches {
  return (policy, form) => {
    if (matches === like) return matchesPartial(policy, form);
    if (matches === equals) return /[*?]/.test(policy) ? 'NO' : matchesPartial(policy, form);
    if (matches !== arn) return 'UNKNOWN';
    const [value, pattern] = [sixParts(form), sixParts(policy)];
    if (!value || !pattern) return 'UNKNOWN';
    return every(pattern.entries(), ([index, part]) => matchesPartial(part, value[index] ?? ''));
  };
}

/** What is certain about a value of which only the beginning is known, under an operator. */
function matchesBeginning(matches: Matches): Matches {
  return (policy, beginning) => {
    if (matches === arn) return arnMatchesBeginning(policy, beginning);
    if (matches !== like && matches !== equals) return 'UNKNOWN';
    const hasWildcard = /[*?]/.test(policy);
    // Paths of an organization and ARNs of log groups, the only such values, hold neither `*` nor `?`.
    if (matches === equals && hasWildcard && beginning) return 'NO';
    // A `*` at the end stands for whatever else the value holds.
    if (matches === like && policy.endsWith('*') && matchesWildcard(policy, beginning)) return 'YES';
    const literal = matches === like ? policy.replace(/[*?].*$/s, '') : policy;
    const mayBegin = matches === like && hasWildcard && beginning.startsWith(literal);
    return literal.startsWith(beginning) || mayBegin ? 'UNKNOWN' : 'NO';
  };
}

/** Of an ARN the first five parts are known, and of the sixth its beginning. */
function arnMatchesBeginning(policy: string, beginning: string): Tri {
  const [value, pattern] = [sixParts(beginning), sixParts(policy)];
  if (!value || !pattern) return 'UNKNOWN';
  const [last = '', lastPattern = ''] = [value.pop(), pattern.pop()];
  if (!pattern.every((part, index) => matchesWildcard(part, value[index] ?? ''))) return 'NO';
  return matchesBeginning(like)(lastPattern, last);
}

const number = (text: string): number =>
  /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
const ISO_DATE = /^(\d{4})-(\d{2})(?:-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[-+]\d{2}:\d{2})?)?)?$/;
/** Date operators take ISO 8601 (UTC if it names no time zone) or seconds since 1970. */
function date(text: string): number {
  const [iso, year, month, day = '01', zone] = ISO_DATE.exec(text) ?? [];
  if (iso === undefined) return number(text) * 1000;
  // Date.parse reads 30 February as 2 March.
  if (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)) return Number.NaN;
  return Date.parse(iso.includes('T') && !zone ? `${iso}Z` : iso);
}

function ordered(read: (text: string) => number, holds: (request: number, policy: number) => boolean): Matches {
  // Text that is not a number or date gives NaN, and every comparison with NaN is false.
  return (policy, request) => tri(holds(read(request), read(policy)));
}

function family(name: string, read: (text: string) => number): [string, Operator][] {
  const same = ordered(read, (request, policy) => request === policy);
  return [
    [`${name}equals`, plain(same)],
    [`${name}notequals`, negated(same)],
    [`${name}lessthan`, plain(ordered(read, (request, policy) => request < policy))],
    [`${name}lessthanequals`, plain(ordered(read, (request, policy) => request <= policy))],
    [`${name}greaterthan`, plain(ordered(read, (request, policy) => request > policy))],
    [`${name}greaterthanequals`, plain(ordered(read, (request, policy) => request >= policy))],
  ];
}

function plain(matches: Matches): Operator {
  return { matches, negated: false };
}
function negated(matches: Matches): Operator {
  return { matches, negated: true };
}

/** IAM User Guide, "IAM JSON policy elements: Condition operators". In lower case, because letter case does not matter. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['stringequals', plain(equals)],
  ['stringnotequals', negated(equals)],
  ['stringequalsignorecase', plain(equalsIgnoringCase)],
  ['stringnotequalsignorecase', negated(equalsIgnoringCase)],
  ['stringlike', plain(like)],
  ['stringnotlike', negated(like)],
  ['arnequals', plain(arn)],
  ['arnlike', plain(arn)],
  ['arnnotequals', negated(arn)],
  ['arnnotlike', negated(arn)],
  ...family('numeric', number),
  ...family('date', date),
  ['bool', plain(bool)],
  ['binaryequals', plain(never)],
  ['ipaddress', plain(never)],
  ['notipaddress', negated(never)],
]);

const SPELLING = /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/;

/** A condition operator with its set prefix and its `IfExists` suffix. */
export interface ConditionOperator {
  readonly set: 'forallvalues' | 'foranyvalue' | null;
  readonly ifExists: boolean;
  /** null: the operator `Null`, which only tests whether the key is absent. */
  readonly base: Operator | null;
}

/** @returns undefined if there is no such operator. `Null` takes neither a set prefix nor `IfExists`. */
export function parseOperator(name: string): ConditionOperator | undefined {
  const [, set = null, text = '', ifExists] = SPELLING.exec(fold(name)) ?? [];
  if (text === 'null') return set || ifExists ? undefined : { set: null, ifExists: false, base: null };
  const base = OPERATORS.get(text);
  return base && { set: set as ConditionOperator['set'], ifExists: ifExists !== undefined, base };
}

/**
 * Whether an operator holds for the value of its condition key in the request (docs/key-policy-rules.md#rule-8, #rule-9).
 * @param hasVariables whether `${…}` in a value is a policy variable
 */
export function operatorHolds(
  { set, ifExists, base }: ConditionOperator,
  policyValues: readonly string[],
  requestValue: KeyValue,
  hasVariables: boolean,
): Tri {
  /** The value of a policy variable is not known (docs/key-policy-rules.md#rule-19). */
  const unlessVariable = (policyValue: string, matches: Matches, value: string): Tri =>
    hasVariables && policyValue.includes('${') ? 'UNKNOWN' : matches(policyValue, value);
  if (!base) return some(policyValues, (text) => unlessVariable(text, bool, String(requestValue === undefined)));
  if (requestValue === undefined) {
    if (set === 'foranyvalue') return ifExists ? 'UNKNOWN' : 'NO';
    return tri(set === 'forallvalues' || ifExists || base.negated);
  }
  const holdsFor = (value: string | SomeValue): Tri => {
    const matches = some(policyValues, (policyValue) =>
      typeof value === 'string'
        ? unlessVariable(policyValue, base.matches, value)
        : value.form === undefined
          ? unlessVariable(policyValue, matchesBeginning(base.matches), value.beginning)
          : unlessVariable(policyValue, matchesForm(base.matches), value.form),
    );
    return base.negated ? not(matches) : matches;
  };
  if (set === 'forallvalues') return every(requestValue, holdsFor);
  if (set === 'foranyvalue') return some(requestValue, holdsFor);
  // A key with several values needs a set prefix.
  return requestValue.length === 1 ? every(requestValue, holdsFor) : 'NO';
}
