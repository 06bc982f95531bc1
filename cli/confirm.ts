import { createInterface } from 'node:readline/promises';
import { UsageError } from '../lib/errors.ts';
import type { Colors } from '../lib/report/colors.ts';
import type { Arguments } from './arguments.ts';
import { formatOf, paintFor } from './common.ts';
import type { Output } from './output.ts';

/** Asks a person on the terminal. @returns whether the answer was yes; anything else, and an ended input, is no */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, signal));
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is read a line at a time hands the interrupt to its reader, who would take it for the end.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return (await Promise.race([terminal.question(question, { signal }), closed])).trim();
  } finally {
    terminal.close();
  }
}

export interface Question {
  readonly args: Arguments;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** How many Logstores would be configured for the first time and for good: that number is to be typed. */
  readonly forGood?: number;
}

/**
 * Shows what would be done, and asks where there is something to ask.
 * @returns whether it is to be done
 * @throws UsageError with the right number, where `--confirm-irreversible` says another one or is needed and missing
 */
export async function isWanted(
  text: (paint: Colors) => string,
  question: string | null,
  { args, output, signal, forGood = 0 }: Question,
): Promise<boolean> {
  signal.throwIfAborted();
  if (!args.flag('quiet')) {
    const isResult = formatOf(args) === 'table' && args.value('output') === undefined;
    if (isResult) await output.write(`${text(paintFor(args, output))}\n`);
    else process.stderr.write(text(paintFor(args, { isTerminal: process.stderr.isTTY ?? false })));
  }
  const given = args.value('confirm-irreversible');
  const isNumberMissing = forGood > 0 && given === undefined && !process.stdin.isTTY;
  if (isNumberMissing || (given !== undefined && Number(given) !== forGood)) {
    const what = 'the number of Logstores whose encryption would be configured for the first time, and for good';
    throw new UsageError([`--confirm-irreversible: expected ${forGood}, ${what}; got ${given ?? 'none'}`]);
  }
  if (question === null || (given !== undefined && forGood > 0)) return true;
  if (forGood > 0 ? await isTyped(forGood, signal) : args.flag('yes') || (await confirm(question, signal))) return true;
  process.stderr.write('nothing was changed\n');
  return false;
}

async function isTyped(count: number, signal: AbortSignal): Promise<boolean> {
  const what = `The encryption of ${count} Logstores would be configured for good: neither type nor key can ever be changed.`;
  return (await ask(`${what}\nType their number to go on: `, signal)) === String(count);
}

/** Without a terminal there is nobody to ask. */
export function refuseUnasked(args: Arguments): void {
  const isNumberGiven = Number(args.value('confirm-irreversible') ?? 0) > 0;
  if (!args.flag('yes') && !isNumberGiven && !process.stdin.isTTY)
    args.mistakes.push('--yes: expected, since there is no terminal to ask on');
}
