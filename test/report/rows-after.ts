/** The cells of each row that follows a head. */
export function rowsAfter(text: string, head: string): string[][] {
  const [, after = ''] = text.split(`\n${head}\n`);
  const [, ...lines] = after.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) => line.slice(2, -2).split(' | '));
}
