import { bytesOf, MAX_POLICY_BYTES } from './document.ts';
import { withoutByteOrderMark } from './json-text.ts';

/** Whether two texts are the same policy: spacing, escapes and the order of fields do not matter. */
export function isSamePolicy(one: string, other: string): boolean {
  if (one === other) return true;
  const canonical = canonicalOf(one);
  return canonical !== null && canonical === canonicalOf(other);
}

/** A policy in parts, each the same text for all that have the same meaning. */
export interface PolicyParts {
  readonly statements: readonly string[];
  /** All but the statements. */
  readonly rest: string;
}

/** @param text a policy that follows the grammar */
export function partsOf(text: string): PolicyParts {
  const document = readExactly(withoutByteOrderMark(text), sorted) as object;
  const statements = statementsIn(document).map((each) => JSON.stringify(each));
  return { statements, rest: JSON.stringify({ ...document, Statement: null }) };
}

/**
 * A policy with other statements, and all else as it is written; indented if the original was and the result still fits.
 * @param text a policy that follows the grammar
 * @param arrange gets and returns the statements as JSON values
 */
export function withStatements(text: string, arrange: (statements: readonly unknown[]) => readonly unknown[]): string {
  const document = readExactly(withoutByteOrderMark(text)) as object;
  const arranged = { ...document, Statement: arrange(statementsIn(document)) };
  const indented = /[\r\n]/.test(text) ? JSON.stringify(arranged, null, 2) : null;
  return indented !== null && bytesOf(indented) <= MAX_POLICY_BYTES ? indented : JSON.stringify(arranged);
}

/** A single statement need not be in a list. */
function statementsIn(document: object): readonly unknown[] {
  const { Statement: statements } = document as { readonly Statement: unknown };
  return Array.isArray(statements) ? statements : [statements];
}

/** ECMAScript's "JSON.parse source text access", which Node.js has and TypeScript's library does not yet. */
const sourceJson = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(source: string): object;
};

/** Reads JSON and keeps every number as it is written: a double may not be able to hold it. */
function readExactly(text: string, arrange: (value: unknown) => unknown = (value) => value): unknown {
  return sourceJson.parse(text, (_name, value, { source }) =>
    typeof value === 'number' ? sourceJson.rawJSON(source) : arrange(value),
  );
}

/** The same text for all policies with the same meaning; null for text that is not JSON. */
function canonicalOf(text: string): string | null {
  try {
    return JSON.stringify(readExactly(text, sorted));
  } catch (error) {
    // RangeError: the text is nested too deeply.
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
