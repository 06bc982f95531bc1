/** Which lines of an output are shown: the first or the last ones. Default: all of them. */
export interface Part {
  readonly first?: number;
  readonly last?: number;
}

/** A part of an output. Where lines are left out, a line says how many. */
export function part(output: string, { first, last }: Part, dim: (text: string) => string): string {
  const lines = output.trimEnd().split('\n');
  const count = first ?? last ?? lines.length;
  if (lines.length <= count) return `${lines.join('\n')}\n`;
  const left = dim(`… ${lines.length - count} more lines`);
  return [...(first === undefined ? [left, ...lines.slice(-count)] : [...lines.slice(0, count), left]), ''].join('\n');
}
