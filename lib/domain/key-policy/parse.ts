import { type ConditionOperator, readOperator } from './operators.ts';

/** A key policy that keeps to the grammar. Lists are lists here, whatever the document wrote. */
export interface KeyPolicy {
  /** Only version 2012-10-17 knows policy variables such as `${aws:username}`. */
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly index: number;
  readonly sid: string | null;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: Element<PrincipalNames>;
  /** null: the statement has neither Action nor NotAction, so it has no effect. Likewise resource. */
  readonly action: Element<readonly string[]> | null;
  readonly resource: Element<readonly string[]> | null;
  readonly conditions: readonly Condition[];
}

/** An element, or its Not form. */
export interface Element<Names> {
  readonly not: boolean;
  readonly names: Names;
}

export type PrincipalNames = '*' | Readonly<Partial<Record<PrincipalKind, readonly string[]>>>;
type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];
const PRINCIPAL_KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;

/** One operator on one condition key. */
export interface Condition {
  readonly operator: ConditionOperator;
  /** In lower case, since letter case never matters. */
  readonly key: string;
  readonly values: readonly string[];
  /** Operator and key as the policy writes them. */
  readonly written: string;
}

export type ParsedKeyPolicy =
  | { readonly ok: true; readonly policy: KeyPolicy }
  | { readonly ok: false; readonly because: string };

/** Thrown inside this file only, to leave a nested element at its first mistake. */
class Malformed extends Error {}

/** Reads a key policy by rule 19: what AWS's grammar refuses is not `ok`, with the first mistake and its place. */
export function parseKeyPolicy(text: string): ParsedKeyPolicy {
  try {
    return { ok: true, policy: readPolicy(JSON.parse(text)) };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, because: error.message };
    // JSON.parse throws SyntaxError, and RangeError on text nested too deeply.
    return { ok: false, because: `it is not JSON: ${error instanceof Error ? error.message : error}` };
  }
}

function readPolicy(document: unknown): KeyPolicy {
  if (!isObject(document)) throw new Malformed('the policy is not a JSON object');
  const version = own(document, 'Version');
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw new Malformed(`Version is ${show(version)}, expected "2012-10-17" or "2008-10-17"`);
  }
  optionalString(document, 'Id', 'Id');
  const statement = own(document, 'Statement');
  if (statement === undefined) throw new Malformed('there is no Statement');
  const statements = Array.isArray(statement) ? statement : [statement];
  if (statements.length === 0) throw new Malformed('Statement is empty');
  return { hasVariables: version === '2012-10-17', statements: statements.map(readStatement) };
}

function readStatement(statement: unknown, index: number): Statement {
  const at = `Statement[${index}]`;
  if (!isObject(statement)) throw new Malformed(`${at} is not an object`);
  const effect = own(statement, 'Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new Malformed(`${at}.Effect is ${show(effect)}, expected "Allow" or "Deny"`);
  }
  const principal = readElement(statement, 'Principal', at, readPrincipal);
  if (!principal) throw new Malformed(`${at} has no Principal`);
  return {
    index,
    sid: optionalString(statement, 'Sid', `${at}.Sid`),
    effect,
    principal,
    action: readElement(statement, 'Action', at, readStrings),
    resource: readElement(statement, 'Resource', at, readStrings),
    conditions: readConditions(own(statement, 'Condition'), `${at}.Condition`),
  };
}

function readElement<Names>(
  statement: object,
  name: string,
  at: string,
  read: (value: unknown, at: string) => Names,
): Element<Names> | null {
  const plain = own(statement, name);
  const inverted = own(statement, `Not${name}`);
  if (plain !== undefined && inverted !== undefined) throw new Malformed(`${at} has both ${name} and Not${name}`);
  if (plain !== undefined) return { not: false, names: read(plain, `${at}.${name}`) };
  if (inverted !== undefined) return { not: true, names: read(inverted, `${at}.Not${name}`) };
  return null;
}

function readPrincipal(value: unknown, at: string): PrincipalNames {
  if (value === '*') return value;
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw new Malformed(`${at} is ${show(value)}, expected "*" or a map of ${PRINCIPAL_KINDS.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([kind, names]) => {
      if (!(PRINCIPAL_KINDS as readonly string[]).includes(kind)) {
        throw new Malformed(`${at} has the key ${show(kind)}, expected one of ${PRINCIPAL_KINDS.join(', ')}`);
      }
      return [kind, readStrings(names, `${at}.${kind}`)];
    }),
  );
}

function readConditions(value: unknown, at: string): Condition[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw new Malformed(`${at} is not an object`);
  return Object.entries(value).flatMap(([name, keys]) => {
    const operator = readOperator(name);
    if (!operator) throw new Malformed(`${at} has the operator ${show(name)}, which does not exist`);
    if (!isObject(keys)) throw new Malformed(`${at}.${name} is not an object`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: readScalars(values, `${at}.${name}.${key}`),
      written: `${name} ${key}`,
    }));
  });
}

function readStrings(value: unknown, at: string): readonly string[] {
  return list(value).map((item) => {
    if (typeof item !== 'string') throw new Malformed(`${at} is ${show(item)}, expected a string or a list of strings`);
    return item;
  });
}

/** JSON booleans and numbers are legal values of a condition (rule 9). */
function readScalars(value: unknown, at: string): readonly string[] {
  return list(value).map((item) => {
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') {
      throw new Malformed(`${at} is ${show(item)}, expected a string, number or boolean, or a list of them`);
    }
    return String(item);
  });
}

function optionalString(object: object, name: string, at: string): string | null {
  const value = own(object, name);
  if (value !== undefined && typeof value !== 'string')
    throw new Malformed(`${at} is ${show(value)}, expected a string`);
  return value ?? null;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A field of the document itself, never one that every object inherits. */
function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
