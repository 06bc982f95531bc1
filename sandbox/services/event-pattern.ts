import { UsageError } from '../../lib/errors.ts';

type Leaf = string | number | boolean | null;
type LeafMatcher = (values: readonly Leaf[]) => boolean;
type Matcher = (value: unknown) => boolean;

/** @returns whether an event matches. @throws UsageError about what EventBridge or the sandbox does not know */
export function compilePattern(pattern: unknown, at = 'EventPattern'): Matcher {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw mistake(at, 'expected an object with a field');
  const fields = Object.entries(pattern).map(([name, expected]): Matcher => {
    const where = `${at}.${name}`;
    if (name === '$or') {
      if (!Array.isArray(expected) || expected.length < 2)
        throw mistake(where, 'expected a list of at least 2 patterns');
      const choices = expected.map((choice, index) => compilePattern(choice, `${where}[${index}]`));
      return (event) => choices.some((matches) => matches(event));
    }
    const matches = Array.isArray(expected) ? compileLeaf(expected, where) : compilePattern(expected, where);
    return (event) => matches(isObject(event) ? event[name] : undefined);
  });
  const all: Matcher = (event) => fields.every((matches) => matches(event));
  return (event) => (Array.isArray(event) ? event.some(all) : all(event));
}

/** "If the value in the event is an array, the pattern matches if the intersection is not empty." */
function compileLeaf(choices: readonly unknown[], at: string): Matcher {
  if (choices.length === 0) throw mistake(at, 'expected at least one value');
  const matchers = choices.map((choice, index) => leafMatcher(choice, `${at}[${index}]`));
  return (value) => matchers.some((matches) => matches(leavesOf(value)));
}

/** "Exists matching only works on leaf nodes": an object is not a value. */
function leavesOf(value: unknown): Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return value === undefined || isObject(value) ? [] : [value as Leaf];
}

function leafMatcher(choice: unknown, at: string): LeafMatcher {
  if (!isObject(choice)) return any((value) => value === choice);
  const [[operator = '', operand] = [], ...others] = Object.entries(choice);
  if (others.length) throw mistake(at, 'expected one operator');
  if (operator === 'exists' && typeof operand === 'boolean') return (values) => values.length > 0 === operand;
  if (operator !== 'anything-but') return any(textMatcher(operator, operand, at));
  const excluded = isObject(operand)
    ? Object.entries(operand).flatMap(([inner, text]) => [text].flat().map((one) => textMatcher(inner, one, at)))
    : [operand].flat().map((one) => (value: Leaf) => value === one);
  // An absent field has no value, so `anything-but` does not match it.
  return any((value) => !excluded.some((matches) => matches(value)));
}

const any =
  (matches: (value: Leaf) => boolean): LeafMatcher =>
  (values) =>
    values.some(matches);

const TEXT_OPERATORS: Readonly<Record<string, (value: string, operand: string) => boolean>> = {
  prefix: (value, operand) => value.startsWith(operand),
  suffix: (value, operand) => value.endsWith(operand),
  'equals-ignore-case': (value, operand) => value.toLowerCase() === operand.toLowerCase(),
  wildcard: (value, operand) => {
    const literals = operand.split('*').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${literals.join('.*')}$`, 's').test(value);
  },
};

function textMatcher(operator: string, operand: unknown, at: string): (value: Leaf) => boolean {
  const matches = Object.hasOwn(TEXT_OPERATORS, operator) ? TEXT_OPERATORS[operator] : undefined;
  const known = ['exists', 'anything-but', ...Object.keys(TEXT_OPERATORS)].join(', ');
  if (!matches) throw mistake(at, `the operator ${operator} is not known to the sandbox, only ${known}`);
  if (typeof operand !== 'string') throw mistake(`${at}.${operator}`, 'expected a text');
  return (value) => typeof value === 'string' && matches(value, operand);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mistake(at: string, text: string): UsageError {
  return new UsageError([`${at}: ${text}`]);
}
