import { createInterface } from 'node:readline/promises';
import type { Colors } from '../lib/report/table.ts';
import type { Arguments } from './arguments.ts';
import { formatOf, paintFor } from './common.ts';
import type { Output } from './output.ts';

/** Asks a person on the terminal. @returns whether the answer was yes; anything else, and an ended input, is no */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is read a line at a time hands the interrupt to its reader, who would take it for the end.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Shows what would be done, and asks where there is something to ask. @returns whether it is to be done */
export async function isWanted(
  text: (paint: Colors) => string,
  question: string | null,
  { args, output, signal }: { args: Arguments; output: Output; signal: AbortSignal },
): Promise<boolean> {
  signal.throwIfAborted();
  if (!args.flag('quiet')) {
    const isResult = formatOf(args) === 'table' && args.value('output') === undefined;
    if (isResult) await output.write(`${text(paintFor(args, output))}\n`);
    else process.stderr.write(text(paintFor(args, { isTerminal: process.stderr.isTTY ?? false })));
  }
  if (question === null || args.flag('yes') || (await confirm(question, signal))) return true;
  process.stderr.write('nothing was changed\n');
  return false;
}

/** Without a terminal there is nobody to ask. */
export function refuseUnasked(args: Arguments): void {
  if (!args.flag('yes') && !process.stdin.isTTY)
    args.mistakes.push('--yes: expected, since there is no terminal to ask on');
}
