import { type Fields, isFields } from '../../domain/template/fields.ts';

const LOOP = /^Fn::ForEach::/;
/** Whether a field is a loop. */
export function isLoop(name: string): boolean {
  return LOOP.test(name);
}

/** Choice: so many characters in all of its loops. CloudFormation takes 1 MB of a template whose loops are replaced. */
const MAX_ADDED = 2 * 2 ** 20;

/** A field of a template in which loops are replaced. */
interface ExpandedField {
  readonly name: string;
  readonly value: unknown;
  /** The field of the template that has it: itself, or the outermost loop. */
  readonly writtenAs: string;
}

/** The list that a parameter is; undefined: it is not known. */
export type ListOf = (parameter: string) => readonly string[] | undefined;

/**
 * The fields with each `Fn::ForEach` (AWS::LanguageExtensions) over a list of texts, or over a parameter, replaced by what it stands for.
 * A loop over anything else stays.
 */
export function expanded(fields: Fields, listOf: ListOf, work = { left: MAX_ADDED }): ExpandedField[] {
  return Object.entries(fields).flatMap(([name, value]): ExpandedField[] => {
    const asItIs = [{ name, value, writtenAs: name }];
    if (!isLoop(name) || !Array.isArray(value)) return asItIs;
    const [identifier, over, body] = value as [unknown, unknown, unknown];
    const items = itemsOf(over, listOf);
    if (typeof identifier !== 'string' || !items || typeof body !== 'object' || body === null) return asItIs;
    work.left -= addedBy(body, identifier, items, work.left);
    if (work.left < 0) return asItIs;
    const each = items.flatMap((item) => expanded(replaced(body, identifier, item) as Fields, listOf, work));
    return each.map((field) => ({ ...field, writtenAs: name }));
  });
}

function itemsOf(over: unknown, listOf: ListOf): readonly string[] | undefined {
  if (Array.isArray(over)) return over.every((item) => typeof item === 'string') ? over : undefined;
  const name = isFields(over) ? over['Ref'] : undefined;
  return typeof name === 'string' ? listOf(name) : undefined;
}

/** How many characters a loop adds, each field and each item of a list as one more. More than the limit: at least so many. */
function addedBy(body: object, identifier: string, items: readonly string[], limit: number): number {
  let [length, uses] = [0, 0];
  const longest = items.reduce((most, item) => Math.max(most, item.length), 0);
  const added = () => items.length * (length + uses * longest);
  const left: unknown[] = [body];
  while (left.length > 0 && added() <= limit) {
    const value = left.pop();
    if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) left.push(name, part);
    } else length += String(value).length + 1;
    if (typeof value === 'string' && value.includes(identifier)) uses += value.split(identifier).length - 1;
  }
  return added();
}

/** `&{Name}` stands for the item without what no logical id may have. */
function replaced(value: unknown, identifier: string, item: string): unknown {
  if (typeof value === 'string') {
    const plain = value.replaceAll(`\${${identifier}}`, item);
    return plain.replaceAll(`&{${identifier}}`, item.replace(/[^A-Za-z0-9]/g, ''));
  }
  if (Array.isArray(value)) return value.map((each) => replaced(each, identifier, item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === 'Ref' && entries[0][1] === identifier) return item;
  return Object.fromEntries(
    entries.map(([name, part]) => [replaced(name, identifier, item), replaced(part, identifier, item)]),
  );
}
