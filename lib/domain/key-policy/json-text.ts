/** How many levels deep a policy may be nested; one that KMS takes has six. */
export const MAX_NESTING = 100;

/** JSON that may have a byte order mark before it, as JSON.parse takes it. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Whether objects and lists are nested more than MAX_NESTING levels deep. Does not recurse, so that no text can overflow the stack. */
export function isNestedTooDeeply(json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') isInString = !isInString;
    else if (isInString) at += character === '\\' ? 1 : 0;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}
