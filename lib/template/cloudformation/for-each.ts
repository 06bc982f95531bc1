type Fields = Readonly<Record<string, unknown>>;

const LOOP = /^Fn::ForEach::/;
/** Whether a field is a loop. */
export function isLoop(name: string): boolean {
  return LOOP.test(name);
}

/** Choice: in all of its loops. */
const MAX_ADDED = 10_000;

/**
 * The fields with each `Fn::ForEach` (AWS::LanguageExtensions) over a list of texts, or of a parameter's default, replaced by what it
 * stands for. A loop over anything else stays.
 */
export function expanded(
  fields: Fields,
  listOf: (parameter: string) => string[] | undefined,
  work = { left: MAX_ADDED },
): [string, unknown][] {
  return Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (!isLoop(name) || !Array.isArray(value)) return [[name, value]];
    const [identifier, over, body] = value as [unknown, unknown, unknown];
    const items = itemsOf(over, listOf);
    if (typeof identifier !== 'string' || !items || typeof body !== 'object' || body === null) return [[name, value]];
    work.left -= items.length;
    if (work.left < 0) return [[name, value]];
    return items.flatMap((item) => expanded(replaced(body, identifier, item) as Fields, listOf, work));
  });
}

function itemsOf(over: unknown, listOf: (parameter: string) => string[] | undefined): string[] | undefined {
  if (Array.isArray(over)) return over.every((item) => typeof item === 'string') ? over : undefined;
  const { Ref: name } = (over ?? {}) as Fields;
  return typeof name === 'string' ? listOf(name) : undefined;
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
