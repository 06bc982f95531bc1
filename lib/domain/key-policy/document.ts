import { type DocumentProblem, placeOf, type StatementPlace } from './document-problem.ts';
import { withoutByteOrderMark } from './json-text.ts';
import { lockout } from './lockout.ts';
import { principalMistakes } from './principal-form.ts';
import type { ReadPolicy, WellFormedPolicy } from './read.ts';

/** KMS, `PutKeyPolicy`: in bytes of UTF-8. */
export const MAX_POLICY_BYTES = 32_768;

/** KMS, `PutKeyPolicy`: tab, line feed, carriage return, and U+0020 to U+00FF. */
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\u00ff]/u;

/** All that KMS would refuse about a key policy, in the order of the document; none for a malformed document. Never throws. */
export function documentProblems(policy: ReadPolicy): DocumentProblem[] {
  if (policy.status === 'MALFORMED') return [];
  const ofPrincipals = policy.statements.flatMap((statement) =>
    principalMistakes(statement, policy.service).map((mistake) => ({ ...mistake, statement: placeOf(statement) })),
  );
  return [...tooLarge(policy.text), ...characters(policy), ...ofPrincipals, ...lockout(policy)];
}

/** The size of a text as KMS counts it. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function tooLarge(text: string): DocumentProblem[] {
  const bytes = bytesOf(text);
  if (bytes <= MAX_POLICY_BYTES) return [];
  const message = `the key policy has ${bytes} bytes, and KMS accepts at most ${MAX_POLICY_BYTES}`;
  const fix = 'merge statements, shorten lists, or leave out the spaces between the elements';
  return [{ code: 'TOO_LARGE', statement: null, message, fix }];
}

/** Escapes such as `\u201c` count as the character: whether KMS refuses them is not documented. */
function characters(policy: WellFormedPolicy): DocumentProblem[] {
  const found = textsIn(policy).flatMap(({ name, text, place }) => {
    const [character] = REFUSED_CHARACTER.exec(text) ?? [];
    return character === undefined ? [] : [{ name, place, character: characterText(character) }];
  });
  if (found.length === 0) return [];
  const more = found.length > MAX_NAMED ? [`and ${found.length - MAX_NAMED} others`] : [];
  const named = found.slice(0, MAX_NAMED).map(({ name, character }) => `${name} has ${character}`);
  const where = [...named, ...more].join(', ');
  return [
    {
      code: 'CHARACTERS',
      statement: found.find(({ place }) => place !== null)?.place ?? null,
      message: `${where}: KMS accepts only tab, line feed, carriage return and U+0020 to U+00FF`,
      fix: 'remove these characters, or write ASCII ones instead',
    },
  ];
}

/** As many statements as one sentence can name. */
const MAX_NAMED = 5;

interface Written {
  readonly name: string;
  readonly text: string;
  readonly place: StatementPlace | null;
}

/** The text outside the statements as it is written, and that of each statement with its escapes resolved. */
function textsIn({ text, statements }: WellFormedPolicy): Written[] {
  const { Statement: all, ...rest } = JSON.parse(withoutByteOrderMark(text)) as { Statement: unknown };
  const written = Array.isArray(all) ? all : [all];
  const ofStatements = statements.map((statement) => ({
    name: statement.name,
    text: stringsIn(written[statement.index]).join(' '),
    place: placeOf(statement),
  }));
  // Of a field that stands twice, JSON.parse drops the first: only the text has it.
  const isElsewhere = !ofStatements.some((each) => REFUSED_CHARACTER.test(each.text));
  const outside = [...stringsIn(rest), isElsewhere ? text : '', text.slice(0, 1)].join(' ');
  return [{ name: 'the document', text: outside, place: null }, ...ofStatements];
}

/** Every name and text in a JSON value. Does not recurse: a document may be nested deeply. */
function stringsIn(value: unknown): string[] {
  const strings: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') strings.push(next);
    else if (Array.isArray(next)) for (const item of next) open.push(item);
    else if (typeof next === 'object' && next !== null) {
      for (const [name, item] of Object.entries(next)) open.push(item, name);
    }
  }
  return strings;
}

function characterText(character: string): string {
  if (character === '\uFEFF') return 'a byte order mark (U+FEFF)';
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
