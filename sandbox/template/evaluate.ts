import { UsageError } from '../../lib/errors.ts';

/** The values behind the names of a template. Each function throws when it does not know a name. */
export interface Scope {
  ref(name: string): unknown;
  attribute(resource: string, name: string): unknown;
  condition(name: string): boolean;
}

/** `AWS::NoValue`: removes the property or list item that has this value. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: never, value: (part: unknown) => unknown, scope: Scope) => unknown;

/** Only the intrinsics that template.yaml uses. */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name: string, _value, scope) => scope.ref(name),
  Condition: (name: string, _value, scope) => scope.condition(name),
  'Fn::GetAtt': ([resource, name]: [string, string], _value, scope) => scope.attribute(resource, name),
  'Fn::If': ([condition, yes, no]: [string, unknown, unknown], value, scope) =>
    value(scope.condition(condition) ? yes : no),
  'Fn::Equals': ([a, b]: [unknown, unknown], value) => String(value(a)) === String(value(b)),
  'Fn::Not': ([condition]: [unknown], value) => !value(condition),
  'Fn::And': (conditions: unknown[], value) => conditions.every((condition) => value(condition)),
  'Fn::Or': (conditions: unknown[], value) => conditions.some((condition) => value(condition)),
  'Fn::Split': ([separator, text]: [string, unknown], value) => String(value(text)).split(separator),
  'Fn::Join': ([separator, items]: [string, unknown], value) => (value(items) as unknown[]).join(separator),
  'Fn::Select': ([index, list]: [unknown, unknown], value) => {
    const items = value(list) as unknown[];
    const item = items[Number(value(index))];
    if (item === undefined) throw new Error(`Fn::Select finds no item ${index} in ${JSON.stringify(items)}`);
    return item;
  },
  'Fn::Sub': (argument: string | [string, Record<string, unknown>], value, scope) => {
    const [text, variables = {}] = [argument].flat() as [string, Record<string, unknown>?];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, isLiteral: string, name: string) => {
      if (isLiteral) return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return String(value(variables[name]));
      const [resource = '', attribute] = name.split('.');
      return String(attribute === undefined ? scope.ref(resource) : scope.attribute(resource, attribute));
    });
  },
};

/** A value with its intrinsics evaluated. @throws UsageError that names the place */
export function evaluate(value: unknown, at: string, scope: Scope): unknown {
  const inner = (part: unknown, step: string) => evaluate(part, `${at}${step}`, scope);
  if (typeof value !== 'object' || value === null) return value;
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
    return INTRINSICS[name]?.(argument, (part) => inner(part, `.${name}`), scope);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError([`${at}: ${(error as Error).message}`]);
  }
}

/** Every unknown intrinsic with its place, even in a branch that no condition selects. */
export function unknownIntrinsics(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const name = intrinsicOf(value);
  const known = Object.keys(INTRINSICS).join(', ');
  const own = name && !INTRINSICS[name] ? [`${at}: ${name} is not known to the sandbox, only ${known}`] : [];
  const step = (key: string) => (Array.isArray(value) ? `[${key}]` : at && `.${key}`) || key;
  return [...own, ...Object.entries(value).flatMap(([key, item]) => unknownIntrinsics(item, `${at}${step(key)}`))];
}

function intrinsicOf(value: object): string | undefined {
  const [[name = '', argument] = [], ...others] = Object.entries(value);
  const takesName = (name === 'Ref' || name === 'Condition') && typeof argument === 'string';
  return others.length === 0 && (takesName || name.startsWith('Fn::')) ? name : undefined;
}
