/** Where something is in a text. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * Finds the statements of a key policy in the file that has it.
 * @param file the text of the file
 * @returns by index; none where the file has the policy only inside a string, as `aws kms get-key-policy` prints it
 */
export function statementRegions(file: string): readonly Region[] {
  const positionOf = positionsIn(file);
  return statementSpans(file).map(([start, end]) => {
    const from = positionOf(start);
    const to = positionOf(end);
    return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  });
}

type Span = readonly [start: number, end: number];

/**
 * The values of the last field `Statement` of the policy, which is the whole document or its last field `Policy`, as JSON.parse
 * takes the last of fields with one name. Does not recurse.
 */
function statementSpans(json: string): Span[] {
  let spans: Span[] = [];
  const fields: string[] = [];
  let lastString = '""';
  let start = -1;
  let depth = 0;
  let closesAt = 0;
  /** How deep the fields of the policy are: 1, or 2 inside `Policy`. */
  const levelOf = () => (fields[1] === 'Policy' ? 2 : 1);
  const isInStatement = () => fields[levelOf()] === 'Statement';
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    if (token.startsWith('"')) lastString = token;
    else if (token === ':' && start < 0) {
      fields[depth] = nameOf(lastString);
      if (depth === levelOf() && isInStatement()) spans = [];
    } else if (token === '{' || token === '[') {
      // An object is a statement itself, or one of a list.
      if (token === '{' && start < 0 && isInStatement() && (depth === levelOf() || depth === levelOf() + 1)) {
        start = index;
        closesAt = depth;
      }
      depth++;
    } else if (token === '}' || token === ']') {
      depth--;
      if (start >= 0 && depth === closesAt) {
        spans.push([start, index + 1]);
        start = -1;
      }
    } else if (token === ',' && start < 0 && depth <= levelOf()) fields.length = depth;
  }
  return spans;
}

/** The name of a field; empty for what is no string of JSON. */
function nameOf(string: string): string {
  try {
    return JSON.parse(string);
  } catch {
    return '';
  }
}

/** Tells the line and the column of offsets that are asked for in ascending order. */
function positionsIn(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ 0: end, index }) => index + end.length)];
  let line = 0;
  return (offset) => {
    while ((starts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) line++;
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}
