/** Stands for a policy statement that is left out. */
const PLACEHOLDER = '{…}';

/** What to say below texts in which policy statements were left out. */
export const LEFT_OUT_NOTE = `${PLACEHOLDER} is a policy statement: add --verbose to show it`;

/** Replaces each policy statement in JSON by a placeholder, or writes it over several lines. */
export function withPolicies(text: string, isVerbose: boolean): string {
  let result = '';
  let rest = text;
  for (let start = rest.search(START); start >= 0; start = rest.search(START)) {
    const length = lengthOfJson(rest.slice(start));
    if (length === 0) break;
    const json = rest.slice(start, start + length);
    result += rest.slice(0, start) + (isVerbose ? spread(json) : PLACEHOLDER);
    rest = rest.slice(start + length);
  }
  return result + rest;
}

/** Whether something was left out. */
export function isLeftOut(text: string): boolean {
  return text.includes(PLACEHOLDER);
}

const START = /\[?\{"/;

/** How long the JSON is with which a text begins; 0: it is none. */
function lengthOfJson(text: string): number {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return index + 1;
  }
  return 0;
}

function spread(json: string): string {
  try {
    const lines = JSON.stringify(JSON.parse(json), null, 2).replaceAll('\n', '\n    ');
    return `\n    ${lines}\n    `;
  } catch {
    return json;
  }
}
