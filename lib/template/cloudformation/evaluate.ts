import { AFTER_DEPLOYMENT, isKnown, shownText, textOf, unknownsIn } from '../../domain/template/unknown.ts';
import { UsageError } from '../../errors.ts';

/**
 * The values behind the names of a template. Each function may throw where it does not know a name. A value that is not known before
 * the deployment is a text with an unknown value in it.
 */
export interface Scope {
  ref(name: string): unknown;
  attribute(resource: string, name: string): unknown;
  condition(name: string): boolean;
  /** The value of an export; undefined: it is not known. */
  imported?(name: string): unknown;
  /** The keys of a mapping; none: there is no such mapping, or not all of it is known. */
  keysOf?(map: string): readonly string[];
  /** Of `Fn::FindInMap`; undefined: there is no such value. */
  mapped?(map: string, first: string, second: string): unknown;
  /** Whether two texts are equal that are not both known. */
  mayEqual?(one: string, other: string): boolean;
  /** Replaces dynamic references in a text. */
  text?(text: string): string;
  /** What is in the place of a function that makes no text of other texts. Absent: its value. */
  kept?(expression: object, value: unknown): unknown;
}

/** `AWS::NoValue`: removes the property or list item that has this value. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: never, value: (part: unknown) => unknown, scope: Scope) => unknown;

/** Choice: what a few lines can become by joins of joins. A key policy has 32 KiB, and no other text that counts is longer. */
const MAX_TEXT = 65_536;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name: string, _value, scope) => scope.ref(name),
  Condition: (name: string, _value, scope) => scope.condition(name),
  'Fn::GetAtt': (argument: string | [string, unknown], value, scope) => {
    const [resource = '', ...rest] = typeof argument === 'string' ? argument.split('.') : argument;
    return scope.attribute(resource, rest.map((part) => String(value(part))).join('.'));
  },
  'Fn::If': ([condition, yes, no]: [string, unknown, unknown], value, scope) =>
    value(scope.condition(condition) ? yes : no),
  'Fn::Equals': ([a, b]: [unknown, unknown], value, scope) => {
    const [one, other] = [comparable(value(a)), comparable(value(b))];
    return one === other || (!(isKnown(one) && isKnown(other)) && (scope.mayEqual?.(one, other) ?? false));
  },
  'Fn::Not': ([condition]: [unknown], value) => !value(condition),
  'Fn::And': (conditions: unknown[], value) => conditions.every((condition) => value(condition)),
  'Fn::Or': (conditions: unknown[], value) => conditions.some((condition) => value(condition)),
  'Fn::Split': ([separator, text]: [string, unknown], value) => {
    const whole = String(value(text));
    return isDividable(whole) ? whole.split(separator) : derived(`Split ${whole}`);
  },
  'Fn::Join': ([separator, items]: [string, unknown], value) => {
    const list = value(items);
    return Array.isArray(list) ? bounded(list.map(scalarText).join(separator)) : derived(`Join ${scalarText(list)}`);
  },
  'Fn::Select': ([index, list]: [unknown, unknown], value) => {
    const [items, place] = [value(list), String(value(index))];
    if (!Array.isArray(items) || !isKnown(place)) return derived(`Select ${place} of ${scalarText(items)}`);
    const item = items[Number(place)];
    if (item === undefined) throw new Error(`Fn::Select finds no item ${place} in ${JSON.stringify(items)}`);
    return item;
  },
  'Fn::Sub': (argument: string | [string, Record<string, unknown>], value, scope) => {
    const [text, variables = {}] = [argument].flat() as [string, Record<string, unknown>?];
    const whole = text.replace(/\$\{(!?)([^}]+)\}/g, (_match, isLiteral: string, written: string) => {
      const name = written.trim();
      if (isLiteral) return `\${${written}}`;
      if (Object.hasOwn(variables, name)) return scalarText(value(variables[name]));
      const [resource = '', ...attribute] = name.split('.');
      return scalarText(attribute.length === 0 ? scope.ref(resource) : scope.attribute(resource, attribute.join('.')));
    });
    return bounded(scope.text?.(whole) ?? whole);
  },
  'Fn::FindInMap': (
    [map, first, second, more]: [unknown, unknown, unknown, Record<string, unknown>?],
    value,
    scope,
  ) => {
    const [inMap = '', key = '', name = ''] = [map, first, second].map((part) => String(value(part)));
    const names = [inMap, isKnown(key) || more ? key : keyThatIs(key, inMap, scope), name];
    if (!names.every(isKnown)) return derived(`FindInMap ${names.join(' ')}`);
    const found = scope.mapped?.(...(names as [string, string, string])) ?? value(more?.['DefaultValue'] ?? null);
    if (found === undefined || found === null) throw new Error(`Fn::FindInMap finds no ${names.join('.')}`);
    return found;
  },
  'Fn::ImportValue': (name: unknown, value, scope) => {
    const exported = scalarText(value(name));
    const shown = shownText(exported);
    const own = scope.imported?.(exported);
    if (own !== undefined) return own;
    return textOf({
      written: `Fn::ImportValue ${shown}`,
      settledBy: `the value of the export ${shown} (aws cloudformation list-exports)`,
    });
  },
  'Fn::Base64': (text: unknown, value) => {
    const whole = scalarText(value(text));
    return isKnown(whole) ? Buffer.from(whole).toString('base64') : derived(`Base64 ${whole}`);
  },
  'Fn::ToJsonString': (part: unknown, value) => bounded(JSON.stringify(value(part))),
  'Fn::Length': (list: unknown, value) => {
    const items = value(list);
    return Array.isArray(items) ? items.length : derived(`Length ${scalarText(items)}`);
  },
};

/** Choice: as many keys as are tried. */
const MAX_KEYS = 16;

/** The key of a mapping that an unknown text is: CloudFormation refuses any other. @throws Fork, to try each */
function keyThatIs(text: string, map: string, scope: Scope): string {
  const keys = isKnown(map) ? (scope.keysOf?.(map) ?? []) : [];
  if (keys.length === 0 || keys.length > MAX_KEYS || !scope.mayEqual) return text;
  return keys.slice(0, -1).find((key) => scope.mayEqual?.(text, key)) ?? keys.at(-1) ?? text;
}

/** A value that only AWS knows since it is made of others that only AWS knows. @param how the function with its arguments */
function derived(how: string): string {
  const settledBy = [...new Set(unknownsIn(how).map((unknown) => unknown.settledBy))].join('; ');
  return textOf({ written: `Fn::${shownText(how)}`, settledBy: settledBy || AFTER_DEPLOYMENT });
}

/** Of these no value has a separator that somebody splits at. */
export const UNDIVIDED = /(^|\/)AWS::(Region|AccountId|Partition|URLSuffix|StackName)$/;

function isDividable(text: string): boolean {
  return unknownsIn(text).every(({ written }) => UNDIVIDED.test(written));
}

function comparable(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function scalarText(value: unknown): string {
  return value === NO_VALUE || value === undefined ? '' : comparable(value);
}

function bounded(text: string): string {
  if (text.length > MAX_TEXT)
    throw new Error(`expected texts of at most ${MAX_TEXT.toLocaleString('en')} characters, got a longer one`);
  return text;
}

/** They name what they stand for, or make a text of such names. */
const TEXTUAL = ['Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::If'];

/** What settles the value of a function that is not known. */
export const UNKNOWN_FUNCTION = 'the value in the place of the function';

/** A value with its intrinsics evaluated. An unknown one is an unknown value. @throws UsageError that names the place */
export function evaluate(value: unknown, at: string, scope: Scope): unknown {
  if (typeof value === 'string') return scope.text?.(value) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  const inner = (part: unknown, step: string) => evaluate(part, `${at}${step}`, scope);
  if (Array.isArray(value)) {
    return value.map((item, index) => inner(item, `[${index}]`)).filter((item) => item !== NO_VALUE);
  }
  const name = intrinsicOf(value);
  if (name === undefined) {
    const entries = Object.entries(value).map(([key, item]) => [key, inner(item, `.${key}`)]);
    return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
  }
  try {
    const argument = Object.values(value)[0] as never;
    const intrinsic = isIntrinsic(name) ? INTRINSICS[name] : undefined;
    const made = intrinsic
      ? intrinsic(argument, (part) => inner(part, `.${name}`), scope)
      : textOf({ written: name, settledBy: UNKNOWN_FUNCTION });
    return scope.kept && !TEXTUAL.includes(name) ? scope.kept(value, made) : made;
  } catch (error) {
    // What a malformed argument leads to is a mistake in the template.
    const isOwn = error instanceof Error && (error.constructor === Error || error instanceof TypeError);
    throw isOwn ? new UsageError([`${at}: ${messageOf(error, name)}`]) : error;
  }
}

function messageOf(error: Error, name: string): string {
  return error instanceof TypeError ? `${name} has arguments of the wrong form` : error.message;
}

/** Whether CloudFormation has a function of a name. */
export function isIntrinsic(name: string): boolean {
  return Object.hasOwn(INTRINSICS, name);
}

/** The name of the intrinsic function that an object is; undefined: it is none. */
export function intrinsicOf(value: object): string | undefined {
  const [[name = '', argument] = [], ...others] = Object.entries(value);
  const takesName = (name === 'Ref' || name === 'Condition') && typeof argument === 'string';
  return others.length === 0 && (takesName || name.startsWith('Fn::')) ? name : undefined;
}
