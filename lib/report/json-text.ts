/** Characters that JSON leaves as they are, and that a terminal takes for commands or for another direction. */
const HIDDEN = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

/** JSON with every control and formatting character as an escape: it says the same, and does no harm on a terminal. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(HIDDEN, (character) =>
    // Of two code units where it has two.
    character.split('').map(escaped).join(''),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Writes the items of a JSON list, which come in pages: one a line, with commas between them. */
export function jsonList(): (items: readonly unknown[]) => string {
  let separator = '';
  return (items) => {
    if (items.length === 0) return '';
    const text = `${separator}${items.map(jsonText).join(',\n')}`;
    separator = ',\n';
    return text;
  };
}
