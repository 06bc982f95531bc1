import { type Event, getScalarValue, parseEvents, YAMLException } from 'js-yaml';
import { withoutMarkers } from '../../domain/template/unknown.ts';
import { plain, tagged } from './scalars.ts';
import { messageOf, repaired } from './yaml-mistakes.ts';

/** A template in the form of CloudFormation's JSON: `!Sub x` is `{ 'Fn::Sub': 'x' }`, likewise any other tag. */
export interface TemplateDocument {
  readonly root: unknown;
  readonly isJson: boolean;
  /** What to know of it, though it can be read. */
  readonly notes: readonly DocumentNote[];
  /** Where a field begins that is at most two levels deep, such as `Resources`, `AppLogs`. @returns undefined for any other */
  lineOf(section: string, name?: string): number | undefined;
}

/** What is wrong with a text, and where. */
export interface DocumentNote {
  readonly line: number;
  readonly message: string;
}

/** A text that is neither YAML nor JSON. */
export interface Unreadable {
  readonly root?: never;
  readonly notes: readonly DocumentNote[];
}

/** Choice. CloudFormation takes templates of 1 MB. */
const MAX_LENGTH = 10 * 2 ** 20;
/** Choice. Aliases of YAML can make a few lines as many parts as one likes. */
const MAX_PARTS = 3_000_000;
const MAX_DEPTH = 90;
const MAX_MISTAKES = 20;

/**
 * Reads YAML or JSON. Aliases share what they name, so that memory does not grow with them. Never throws; takes time in proportion to
 * the size.
 */
export function readDocumentText(text: string): TemplateDocument | Unreadable {
  if (text.length > MAX_LENGTH) {
    return {
      notes: [
        {
          line: 1,
          message: `expected at most ${MAX_LENGTH / 2 ** 20} MiB, which is ten times what CloudFormation takes`,
        },
      ],
    };
  }
  return readRepaired(text, 0);
}

/** How often a text may be repaired. */
const MAX_REPAIRS = 30;

function readRepaired(text: string, repairs: number): TemplateDocument | Unreadable {
  const lineAt = linesOf(text);
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    return new Conversion(text, events, lineAt).document();
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const better = repairs < MAX_REPAIRS ? repaired(text, error, MAX_DEPTH) : null;
    if (better !== null) return readRepaired(better, repairs + 1);
    return { notes: [{ line: lineAt(error.mark?.position ?? 0), message: messageOf(text, error) }] };
  }
}

interface Read {
  readonly value: unknown;
  /** How many parts it has, those of its aliases included. */
  readonly parts: number;
}

const DOCUMENT = 1;
const SEQUENCE = 2;
const MAPPING = 3;
const ALIAS = 5;
const POP = 6;
type Collection = Extract<Event, { start: number }>;
type Scalar = Extract<Event, { valueStart: number }>;

class Conversion {
  private at = 1;
  private isBomb = false;
  private readonly anchors = new Map<string, Read | null>();
  private readonly lines = new Map<string, number>();
  private readonly mistakes: DocumentNote[] = [];
  private readonly repeated: DocumentNote[] = [];

  private readonly text: string;
  private readonly events: readonly Event[];
  private readonly lineAt: (offset: number) => number;

  constructor(text: string, events: readonly Event[], lineAt: (offset: number) => number) {
    this.text = text;
    this.events = events;
    this.lineAt = lineAt;
  }

  document(): TemplateDocument | Unreadable {
    const documents = this.events.filter(({ type }) => type === DOCUMENT);
    if (documents.length === 0) return { notes: [{ line: 1, message: 'expected a template, got an empty file' }] };
    if (documents.length > 1) this.wrong(0, 'expected one YAML document, got several');
    const { value } = this.read([]);
    if (this.mistakes.length > 0) return { notes: this.mistakes };
    const { lines, repeated } = this;
    return {
      root: value,
      isJson: this.text.trimStart().startsWith('{'),
      notes: repeated,
      lineOf: (section, name) => lines.get(name === undefined ? section : `${section}\n${name}`),
    };
  }

  private wrong(offset: number, message: string, to = this.mistakes): void {
    if (to.length < MAX_MISTAKES) to.push({ line: this.lineAt(offset), message });
  }

  /** @param path of the value, as long as lines are kept */
  private read(path: readonly string[] | null): Read {
    const event = this.events[this.at++];
    if (!event || event.type === DOCUMENT || event.type === POP) return { value: null, parts: 1 };
    if (event.type === ALIAS) return this.alias(event.anchorStart, event.anchorEnd);
    const anchor = event.anchorStart < 0 ? null : this.text.slice(event.anchorStart, event.anchorEnd);
    if (anchor !== null) this.anchors.set(anchor, null);
    const tag = event.tagStart < 0 ? '' : this.text.slice(event.tagStart, event.tagEnd);
    const own = this.untagged(event as Collection | Scalar, tag, path);
    const read =
      tag.startsWith('!') && !tag.startsWith('!!') && tag.length > 1
        ? { value: tagged(tag, own.value), parts: own.parts + 1 }
        : own;
    if (anchor !== null) this.anchors.set(anchor, read);
    return read;
  }

  private alias(start: number, end: number): Read {
    const name = this.text.slice(start, end);
    const known = this.anchors.get(name);
    if (known) return known;
    this.wrong(
      start,
      known === null ? `the alias *${name} is inside of what it names` : `there is no anchor for the alias *${name}`,
    );
    return { value: null, parts: 1 };
  }

  private untagged(event: Collection | Scalar, tag: string, path: readonly string[] | null): Read {
    switch (event.type) {
      case SEQUENCE:
        return this.sequence(event.start);
      case MAPPING:
        return this.mapping(event.start, path);
      default:
        return { value: this.scalar(event as Scalar, tag), parts: 1 };
    }
  }

  private scalar(event: Scalar, tag: string): unknown {
    // An escape can write what stands for an unknown value.
    const source = withoutMarkers(getScalarValue(this.text, event));
    // Only plain scalars without a tag can be anything but text.
    return event.style === 1 && tag === '' ? plain(source) : source;
  }

  private sequence(start: number): Read {
    const items: unknown[] = [];
    let parts = 1;
    while (!this.pops()) {
      const item = this.read(null);
      items.push(item.value);
      parts += item.parts;
    }
    return { value: items, parts: this.bounded(parts, start) };
  }

  private mapping(start: number, path: readonly string[] | null): Read {
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    let parts = 1;
    while (!this.pops()) {
      const { name, offset } = this.key();
      const own = path && [...path, name];
      if (own) this.lines.set(own.join('\n'), this.lineAt(offset));
      const { value, parts: more } = this.read(own && own.length < 2 ? own : null);
      parts += more;
      if (name === MERGE) {
        for (const [key, part] of mergedEntries(value)) if (!merged.has(key)) merged.set(key, part);
        continue;
      }
      if (entries.has(name))
        this.wrong(offset, `the field ${JSON.stringify(name)} is there twice: the last one counts`, this.repeated);
      entries.set(name, value);
    }
    return { value: Object.fromEntries([...merged, ...entries]), parts: this.bounded(parts, start) };
  }

  private key(): { readonly name: string; readonly offset: number } {
    const event = this.events[this.at];
    const offset = event && 'valueStart' in event ? event.valueStart : event && 'start' in event ? event.start : 0;
    const { value } = this.read(null);
    if (typeof value === 'object' && value !== null)
      this.wrong(offset, 'expected the name of a field, got a list or fields');
    return { name: String(value), offset };
  }

  /** Whether the collection ends here. */
  private pops(): boolean {
    const event = this.events[this.at];
    if (event && event.type !== POP) return false;
    this.at++;
    return true;
  }

  private bounded(parts: number, offset: number): number {
    if (parts <= MAX_PARTS) return parts;
    if (this.isBomb) return 0;
    this.isBomb = true;
    this.wrong(
      offset,
      `expected a template, got aliases that stand for more than ${MAX_PARTS.toLocaleString('en')} parts`,
    );
    return 0;
  }
}

const MERGE = '<<';

function mergedEntries(value: unknown): [string, unknown][] {
  return [value].flat().flatMap((each) => (typeof each === 'object' && each !== null ? Object.entries(each) : []));
}

/** Tells the line of an offset, counted from 1. */
function linesOf(text: string): (offset: number) => number {
  let starts: number[] | undefined;
  return (offset) => {
    if (!starts) {
      starts = [0];
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    }
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
