import { printable } from '../printable.ts';
import { isNestedTooDeeply, MAX_NESTING, withoutByteOrderMark } from './json-text.ts';
import { type ConditionOperator, parseOperator } from './operators.ts';
import { statementName } from './statement-name.ts';

/** A key policy that follows the grammar. A single value is a list of one here. */
export interface KeyPolicy {
  /** Only version 2012-10-17 has policy variables such as `${aws:username}`. */
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly index: number;
  readonly sid: string | null;
  /** As messages name it. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: Element<PrincipalNames>;
  /** null: the statement has neither Action nor NotAction, so it has no effect. The same goes for `resource`. */
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
  /** In lower case, because letter case does not matter. */
  readonly key: string;
  readonly values: readonly string[];
  /** Operator and key as the policy writes them. */
  readonly written: string;
}

export type ParsedKeyPolicy =
  | { readonly ok: true; readonly policy: KeyPolicy }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/**
 * Parses a key policy by AWS's grammar (docs/key-policy-rules.md#rule-19). A byte order mark before it is ignored. Never throws.
 * @returns the policy, or every mistake with its place
 */
export function parseKeyPolicy(text: string): ParsedKeyPolicy {
  const json = withoutByteOrderMark(text);
  if (isNestedTooDeeply(json)) {
    return { ok: false, mistakes: [`it is nested more than ${MAX_NESTING} levels deep`] };
  }
  const mistakes: string[] = [];
  try {
    const policy = readPolicy(JSON.parse(json), mistakes);
    return mistakes.length === 0 ? { ok: true, policy } : { ok: false, mistakes };
  } catch (error) {
    // JSON.parse quotes the text in its message, control characters included.
    return {
      ok: false,
      mistakes: [`it is not JSON: ${printable(error instanceof Error ? error.message : `${error}`)}`],
    };
  }
}

// Each function below adds what is wrong to `mistakes` and continues with a placeholder, so that all mistakes are reported at once.

function readPolicy(document: unknown, mistakes: string[]): KeyPolicy {
  if (!isObject(document)) {
    mistakes.push('the policy is not a JSON object');
    return { hasVariables: false, statements: [] };
  }
  const version = own(document, 'Version');
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    mistakes.push(`Version is ${show(version)}, expected "2012-10-17" or "2008-10-17"`);
  }
  optionalString(document, 'Id', 'Id', mistakes);
  const statement = own(document, 'Statement');
  const statements = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined) mistakes.push('there is no Statement');
  else if (statements.length === 0) mistakes.push('Statement is empty');
  const isRepeated = repeatedSids(statements);
  return {
    hasVariables: version === '2012-10-17',
    statements:
      statement === undefined
        ? []
        : statements.map((each, index) => readStatement(each, { index, sid: sidOf(each) }, isRepeated, mistakes)),
  };
}

function sidOf(statement: unknown): string | null {
  const sid = isObject(statement) ? own(statement, 'Sid') : null;
  return typeof sid === 'string' ? sid : null;
}

/** Tells whether several statements have a Sid. */
function repeatedSids(statements: readonly unknown[]): (sid: string | null) => boolean {
  const seen = new Set<string | null>();
  const repeated = new Set<string | null>();
  for (const sid of statements.map(sidOf)) (seen.has(sid) ? repeated : seen).add(sid);
  return (sid) => repeated.has(sid);
}

function readStatement(
  statement: unknown,
  { index, sid }: Pick<Statement, 'index' | 'sid'>,
  isRepeated: (sid: string | null) => boolean,
  mistakes: string[],
): Statement {
  const at = statementName({ index, sid }, !isRepeated(sid));
  const known = isObject(statement) ? statement : {};
  const effect = own(known, 'Effect');
  if (!isObject(statement)) mistakes.push(`${at} is not an object`);
  else if (effect !== 'Allow' && effect !== 'Deny') {
    mistakes.push(`${at}: Effect is ${show(effect)}, expected "Allow" or "Deny"`);
  }
  const principal = readElement(known, 'Principal', at, mistakes, readPrincipal);
  if (isObject(statement) && !principal) mistakes.push(`${at} has no Principal`);
  return {
    index,
    sid: optionalString(known, 'Sid', `${at}: Sid`, mistakes),
    name: at,
    effect: effect === 'Allow' ? effect : 'Deny',
    principal: principal ?? { not: false, names: {} },
    action: readElement(known, 'Action', at, mistakes, readStrings),
    resource: readElement(known, 'Resource', at, mistakes, readStrings),
    conditions: readConditions(own(known, 'Condition'), `${at}: Condition`, mistakes),
  };
}

function readElement<Names>(
  statement: object,
  name: string,
  at: string,
  mistakes: string[],
  read: (value: unknown, at: string, mistakes: string[]) => Names,
): Element<Names> | null {
  const plain = own(statement, name);
  const inverted = own(statement, `Not${name}`);
  if (plain !== undefined && inverted !== undefined) mistakes.push(`${at} has both ${name} and Not${name}`);
  const names = plain === undefined ? null : read(plain, `${at}: ${name}`, mistakes);
  const others = inverted === undefined ? null : read(inverted, `${at}: Not${name}`, mistakes);
  if (names !== null) return { not: false, names };
  return others === null ? null : { not: true, names: others };
}

function readPrincipal(value: unknown, at: string, mistakes: string[]): PrincipalNames {
  if (value === '*') return value;
  if (!isObject(value) || Object.keys(value).length === 0) {
    mistakes.push(`${at} is ${show(value)}, expected "*" or a map of ${PRINCIPAL_KINDS.join(', ')}`);
    return {};
  }
  for (const kind of Object.keys(value)) {
    if ((PRINCIPAL_KINDS as readonly string[]).includes(kind)) continue;
    mistakes.push(`${at} has the key ${show(kind)}, expected one of ${PRINCIPAL_KINDS.join(', ')}`);
  }
  const names = Object.entries(value).map(([kind, some]) => [kind, readStrings(some, `${at}.${kind}`, mistakes)]);
  return Object.fromEntries(names);
}

function readConditions(value: unknown, at: string, mistakes: string[]): Condition[] {
  if (value === undefined) return [];
  if (!isObject(value)) {
    mistakes.push(`${at} is not an object`);
    return [];
  }
  return Object.entries(value).flatMap(([name, keys]) => {
    const operator = parseOperator(name);
    if (!operator) mistakes.push(`${at} has the operator ${show(name)}, which does not exist`);
    if (!isObject(keys)) mistakes.push(`${at}.${name} is not an object`);
    return Object.entries(isObject(keys) ? keys : {}).flatMap(([key, some]) => {
      const values = readScalars(some, `${at}.${name}.${key}`, mistakes);
      return operator ? [{ operator, key: key.toLowerCase(), values, written: `${name} ${key}` }] : [];
    });
  });
}

function readStrings(value: unknown, at: string, mistakes: string[]): readonly string[] {
  return list(value).map((item) => {
    if (typeof item === 'string') return item;
    mistakes.push(`${at} is ${show(item)}, expected a string or a list of strings`);
    return '';
  });
}

/** A condition value may also be a JSON boolean or number (docs/key-policy-rules.md#rule-9). */
function readScalars(value: unknown, at: string, mistakes: string[]): readonly string[] {
  return list(value).map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return String(item);
    mistakes.push(`${at} is ${show(item)}, expected a string, number or boolean, or a list of them`);
    return '';
  });
}

function optionalString(object: object, name: string, at: string, mistakes: string[]): string | null {
  const value = own(object, name);
  if (value === undefined || typeof value === 'string') return value ?? null;
  mistakes.push(`${at} is ${show(value)}, expected a string`);
  return null;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A field of the document itself, never an inherited one. */
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
