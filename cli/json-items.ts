/** What is kept of a document apart from its items: the items' commas count, so a million of them take 3 MiB. */
const MAX_REST = 64 * 1024 * 1024;
/** Far more than a finding has. */
const MAX_ITEM = 1024 * 1024;

/**
 * The items of one list of a JSON document, one text at a time, so that memory stays bounded however many there are.
 * @param list the name of a field of the document
 * @returns the document with 0 in the place of each item, so that whoever parses it finds every other mistake
 * @throws Error where it is no UTF-8, or where an item or the rest is too large to be kept
 */
export async function* jsonItems(chunks: AsyncIterable<Uint8Array>, list: string): AsyncGenerator<string, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const name = JSON.stringify(list);
  let rest = '';
  let item = '';
  let string = '';
  let depth = 0;
  let [isInList, isInItem, isInString, isEscaped] = [false, false, false, false];
  const read = function* (text: string): Generator<string> {
    // From where on the text is not yet kept.
    let start = 0;
    const keep = (end: number) => {
      const part = text.slice(start, end);
      start = end;
      if (isInItem) item += part;
      else rest += part;
      if (item.length > MAX_ITEM || rest.length > MAX_REST) throw new Error(`it has more than a list of ${list}`);
    };
    for (let at = 0; at < text.length; at++) {
      const sign = text[at] ?? '';
      const isSpace = sign === ' ' || sign === '\n' || sign === '\r' || sign === '\t';
      if (isInList && !isInItem && !isInString && depth === 2 && !isSpace && sign !== ',' && sign !== ']') {
        keep(at);
        isInItem = true;
      }
      if (isInString) {
        const end = isEscaped ? at : endOfPlain(text, at);
        if (depth === 1) string += text.slice(at, end + 1);
        isInString = isEscaped || text[end] !== '"';
        isEscaped = !isEscaped && text[end] === '\\';
        at = end;
        continue;
      }
      if (isInItem && depth === 2 && (sign === ',' || sign === ']')) {
        keep(at);
        yield item;
        [item, isInItem] = ['', false];
        rest += '0';
      }
      if (sign === '"') {
        isInString = true;
        if (depth === 1) string = sign;
      } else if (sign === '[' || sign === '{') {
        if (sign === '[' && depth === 1 && string === name) isInList = true;
        depth++;
      } else if (sign === ']' || sign === '}') {
        depth--;
        if (depth <= 1) isInList = false;
        // What comes next is the name of a field.
        if (depth === 1) string = '';
      } else if (sign === ',' && depth === 1) string = '';
    }
    keep(text.length);
  };
  for await (const chunk of chunks) yield* read(decoder.decode(chunk, { stream: true }));
  yield* read(decoder.decode());
  return rest + item;
}

/** Where a string ends or has an escape, from a place inside it on. */
function endOfPlain(text: string, from: number): number {
  const special = /["\\]/g;
  special.lastIndex = from;
  return special.exec(text)?.index ?? text.length;
}
