/** A fix: what to write in the declaration of a log group. */
export function inLogGroup(attribute: string): string {
  return `write in the log group:${attribute.includes('\n') ? '\n' : ' '}${attribute}`;
}
