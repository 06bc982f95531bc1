import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../state.ts';

/** The names and values that the expressions of a request refer to, and what was referred to. */
export interface References {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** Why DynamoDB, or the sandbox, does not take an expression. */
export class ExpressionError extends Error {}

type Operand = { readonly name: string } | { readonly value: AttributeValue };
type Condition = (item: Item) => boolean;

const TOKEN = /\s*(<>|<=|>=|[()=<>,]|[#:]?[\w.-]+)/y;
/** Of DynamoDB's 573 reserved words, those that a name in this project could be. */
const RESERVED =
  /^(ACTION|BEGIN|COUNT|COUNTER|DATE|END|KEY|NAME|REGION|STATE|STATUS|TIME|TIMESTAMP|TOKEN|TTL|UNTIL|VALUE)$/i;

/** Reads the expressions of one request: `and`, `or`, `not`, parentheses, comparisons, whether an attribute exists; SET, also with `if_not_exists`, and REMOVE. */
export function expressionReader(references: References) {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = references;
  const used = new Set<string>();

  function nameOf(token: string): string {
    if (!token.startsWith('#')) {
      if (RESERVED.test(token))
        throw new ExpressionError(`Attribute name is a reserved keyword; reserved keyword: ${token}`);
      return token;
    }
    used.add(token);
    const name = names[token];
    if (name !== undefined) return name;
    const why = 'An expression attribute name used in the document path is not defined';
    throw new ExpressionError(`${why}; attribute name: ${token}`);
  }

  function operandOf(token: string): Operand {
    if (!token.startsWith(':')) return { name: nameOf(token) };
    used.add(token);
    const value = values[token];
    if (value) return { value };
    const why = 'An expression attribute value used in expression is not defined';
    throw new ExpressionError(`${why}; attribute value: ${token}`);
  }

  /** @returns whether an item satisfies the condition */
  function condition(text: string): Condition {
    const tokens = tokensOf(text);
    const either = (): Condition => {
      const all = [both()];
      while (tokens.takes('OR')) all.push(both());
      return (item) => all.some((one) => one(item));
    };
    const both = (): Condition => {
      const all = [one()];
      while (tokens.takes('AND')) all.push(one());
      return (item) => all.every((each) => each(item));
    };
    const one = (): Condition => {
      if (tokens.takes('NOT')) {
        const inner = one();
        return (item) => !inner(item);
      }
      if (tokens.takes('(')) {
        const inner = either();
        tokens.expect(')');
        return inner;
      }
      const first = tokens.next();
      if (tokens.takes('(')) {
        const name = nameOf(tokens.next());
        tokens.expect(')');
        if (first === 'attribute_exists') return (item) => item[name] !== undefined;
        if (first === 'attribute_not_exists') return (item) => item[name] === undefined;
        throw new ExpressionError(`the sandbox does not know the function ${first}`);
      }
      const [left, comparator, right] = [operandOf(first), tokens.next(), operandOf(tokens.next())];
      const compare = COMPARATORS[comparator];
      if (!compare) throw new ExpressionError(`the sandbox does not know the comparator ${comparator}`);
      return (item) => {
        const [a, b] = [left, right].map((side) => ('name' in side ? item[side.name] : side.value));
        // An attribute that does not exist is unequal to everything, and neither less nor more.
        return a && b ? compare(a, b) : comparator === '<>';
      };
    };
    const whole = either();
    tokens.expectEnd();
    return whole;
  }

  /** What a SET sets, the first of these that exists. */
  function toSet(tokens: ReturnType<typeof tokensOf>): Operand[] {
    const first = tokens.next();
    if (first !== 'if_not_exists') return [operandOf(first)];
    tokens.expect('(');
    const name = operandOf(tokens.next());
    tokens.expect(',');
    const operands = [name, operandOf(tokens.next())];
    tokens.expect(')');
    return operands;
  }

  /** @returns what makes the new item of an old one */
  function update(text: string): (item: Item) => Item {
    const tokens = tokensOf(text);
    const sets: [string, readonly Operand[]][] = [];
    const removes: string[] = [];
    while (!tokens.isAtEnd()) {
      const clause = tokens.next();
      do {
        if (clause === 'SET') {
          const name = nameOf(tokens.next());
          tokens.expect('=');
          sets.push([name, toSet(tokens)]);
        } else if (clause === 'REMOVE') removes.push(nameOf(tokens.next()));
        else throw new ExpressionError(`the sandbox knows SET and REMOVE only, not ${clause}`);
      } while (tokens.takes(','));
    }
    const touched = [...sets.map(([name]) => name), ...removes];
    const twice = touched.find((name, index) => touched.indexOf(name) !== index);
    if (twice) throw new ExpressionError(`Two document paths overlap with each other; path one: [${twice}]`);
    return (item) => {
      const kept = Object.entries(item).filter(([name]) => !removes.includes(name));
      const set = sets.map(([name, operands]): [string, AttributeValue] => {
        const value = operands.map((operand) => ('name' in operand ? item[operand.name] : operand.value)).find(Boolean);
        if (value) return [name, value];
        throw new ExpressionError('The provided expression refers to an attribute that does not exist in the item');
      });
      return Object.fromEntries([...kept, ...set]);
    };
  }

  /** DynamoDB refuses names and values that no expression uses. */
  function requireAllUsed(): void {
    for (const [what, given] of [['Names', names] as const, ['Values', values] as const]) {
      const unused = Object.keys(given).filter((token) => !used.has(token));
      if (unused.length === 0) continue;
      throw new ExpressionError(
        `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${unused.join(', ')}}`,
      );
    }
  }
  return { condition, update, requireAllUsed };
}

const COMPARATORS: Readonly<Record<string, (a: AttributeValue, b: AttributeValue) => boolean>> = {
  '=': (a, b) => isDeepStrictEqual(a, b),
  '<>': (a, b) => !isDeepStrictEqual(a, b),
  '<': (a, b) => isSameType(a, b) && compareValues(a, b) < 0,
  '<=': (a, b) => isSameType(a, b) && compareValues(a, b) <= 0,
  '>': (a, b) => isSameType(a, b) && compareValues(a, b) > 0,
  '>=': (a, b) => isSameType(a, b) && compareValues(a, b) >= 0,
};

function isSameType(a: AttributeValue, b: AttributeValue): boolean {
  return Object.keys(a)[0] === Object.keys(b)[0];
}

/** Numbers are compared by value, everything else by its bytes. */
export function compareValues(a: AttributeValue = { S: '' }, b: AttributeValue = { S: '' }): number {
  if (a.N !== undefined) return Number(a.N) - Number(b.N);
  const bytes = ({ S, B }: AttributeValue) => (S === undefined ? Buffer.from(`${B}`, 'base64') : Buffer.from(S));
  return Buffer.compare(bytes(a), bytes(b));
}

function tokensOf(text: string) {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== ''; ) {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw new ExpressionError(`Syntax error; token: ${text.slice(at).trim()}`);
    tokens.push(token);
  }
  let position = 0;
  const isAtEnd = () => position === tokens.length;
  const next = (): string => {
    const token = tokens[position++];
    if (token === undefined) throw new ExpressionError('Syntax error; token: <EOF>');
    return token;
  };
  const takes = (token: string): boolean => {
    const isIt = tokens[position]?.toUpperCase() === token;
    if (isIt) position++;
    return isIt;
  };
  const expect = (token: string): void => {
    const actual = next();
    if (actual !== token) throw new ExpressionError(`Syntax error; token: ${actual}`);
  };
  const expectEnd = (): void => {
    if (!isAtEnd()) throw new ExpressionError(`Syntax error; token: ${tokens[position]}`);
  };
  return { isAtEnd, next, takes, expect, expectEnd };
}
