import { replaceParts, unknownPart } from '../key-policy/partial-text.ts';

/** A value that only AWS knows before the deployment. Inside a text it keeps its place, so that equal texts stay equal. */
export interface UnknownValue {
  /** As the file writes it, for instance `AWS::Region` or `Key.Arn`. */
  readonly written: string;
  /** What would settle it, for instance `--parameter NAME=VALUE`. */
  readonly settledBy: string;
  /** Whether it certainly has letters, digits and hyphens only, as names that are made up have. Absent: that is not certain. */
  readonly isPlain?: boolean;
}

export const UNKNOWN_REGION: UnknownValue = { written: 'AWS::Region', settledBy: '--region R', isPlain: true };
export const UNKNOWN_ACCOUNT: UnknownValue = { written: 'AWS::AccountId', settledBy: '--account ID', isPlain: true };
/** What settles a value that AWS makes up, such as the id of a resource. */
export const AFTER_DEPLOYMENT = 'logseal scan after the deployment, which makes the value';

// Characters that Unicode assigns to nobody. Readers of files take them out (`withoutMarkers`), so that no file can forge a value.
const [BEGIN, MIDDLE, END, PLAIN] = ['\uE000', '\uE001', '\uE002', '\uE006'];
const MARKED = /\uE000([^\uE000-\uE002]*)\uE001([^\uE000-\uE002]*)\uE002/g;

/** The value as a part of a text. */
export function textOf({ written, settledBy, isPlain }: UnknownValue): string {
  return `${BEGIN}${written}${MIDDLE}${settledBy}${isPlain ? PLAIN : ''}${END}`;
}

function unknownOf(written: string, rest: string): UnknownValue {
  return rest.endsWith(PLAIN) ? { written, settledBy: rest.slice(0, -1), isPlain: true } : { written, settledBy: rest };
}

/** The text of a file, in which nothing can be taken for an unknown value. */
export function withoutMarkers(text: string): string {
  return text.replace(/[\uE000-\uE1FF]/g, '\uFFFD');
}

/** Every unknown value in a text, each once. */
export function unknownsIn(text: string): UnknownValue[] {
  if (!text.includes(BEGIN)) return [];
  const all = [...text.matchAll(MARKED)].map(
    ([marked, written = '', rest = '']) => [marked, unknownOf(written, rest)] as const,
  );
  return [...new Map(all).values()];
}

/** The source of a regular expression that takes one unknown value. */
export const ONE_UNKNOWN = '\uE000[^\uE002]*\uE002';
const AROUND = new RegExp(ONE_UNKNOWN);

/** What is known of a text, before, between and behind its unknown values. */
export function knownParts(text: string): string[] {
  return text.split(AROUND);
}

/** Whether two texts may turn out to be equal, by what is known of their beginnings and ends. */
export function couldEqual(one: string, other: string): boolean {
  return isAlike(shapeOf(one), shapeOf(other));
}

/** Finds the first of some texts that may turn out to be equal to another one. Quickly, where it is done often. */
export function finderOfEqual(texts: readonly string[]): (text: string) => string | undefined {
  const all = texts.map((text) => ({ text, shape: shapeOf(text) }));
  return (text) => {
    const own = shapeOf(text);
    return all.find(({ shape }) => isAlike(own, shape))?.text;
  };
}

/** What is known of a text: its beginning and its end, which are the same for one that is known, and how long it may be. */
interface TextShape {
  readonly begin: string;
  readonly end: string;
  readonly least: number;
  readonly most: number;
}

function shapeOf(text: string): TextShape {
  const { length } = text;
  if (isKnown(text)) return { begin: text, end: text, least: length, most: length };
  const [begin, end] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.lastIndexOf(END) + 1)];
  return { begin, end, least: begin.length + end.length, most: Number.POSITIVE_INFINITY };
}

function isAlike(one: TextShape, other: TextShape): boolean {
  return (
    one.least <= other.most &&
    other.least <= one.most &&
    (one.begin.startsWith(other.begin) || other.begin.startsWith(one.begin)) &&
    (one.end.endsWith(other.end) || other.end.endsWith(one.end))
  );
}

/** The unknown value that a text is, with nothing around it; undefined: it is another text. */
export function wholeUnknown(text: string): UnknownValue | undefined {
  const [value] = unknownsIn(text);
  return value && textOf(value) === text ? value : undefined;
}

/** Whether all of a text is known. */
export function isKnown(text: string): boolean {
  return !text.includes(BEGIN);
}

/** The text as people read it: an unknown value as `${Name}`. */
export function shownText(text: string): string {
  return text.replace(MARKED, (_marked, written: string) => `\${${written}}`);
}

/** The text with each unknown value as the evaluator of key policies takes it: the same one stands for the same text. */
export function withParts(text: string): string {
  return replaceUnknowns(text, ({ written, isPlain }) =>
    // Of what separates the parts of an ARN, and of wildcards, none may be in it.
    unknownPart(
      written.replace(/[:*?]/g, (sign) => String.fromCharCode(SIGNS + sign.charCodeAt(0))),
      isPlain,
    ),
  );
}

/** A text that the evaluator made of such texts, as people read it. */
export function shownParts(text: string): string {
  return replaceParts(
    text,
    (word) => `\${${word.replace(/[\uE100-\uE1FF]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - SIGNS))}}`,
  );
}

const SIGNS = 0xe100;

const EACH_PART = new RegExp(`${ONE_UNKNOWN}|[^\uE000]+`, 'g');

/** The text in lower case, but for what is not known of it. */
export function lowered(text: string): string {
  return text.replace(EACH_PART, (part) => (isKnown(part) ? part.toLowerCase() : part));
}

/** The text with each unknown value replaced. */
export function replaceUnknowns(text: string, replacement: (value: UnknownValue) => string): string {
  return text.replace(MARKED, (_marked, written: string, rest: string) => replacement(unknownOf(written, rest)));
}
