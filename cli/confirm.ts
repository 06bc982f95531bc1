import { createInterface } from 'node:readline/promises';
import { UsageError } from '../lib/errors.ts';
import type { Colors } from '../lib/report/colors.ts';
import type { Arguments } from './arguments.ts';
import { formatOf, paintFor } from './common.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';

/** Asks a person on the terminal. @returns whether the answer was yes; anything else, and an ended input, is no */
export async function confirm(question: string, host: Host): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, host));
}

async function ask(question: string, { input, err, signal, interrupt }: Host): Promise<string> {
  const terminal = createInterface({ input, output: err });
  // A terminal that is read a line at a time hands the interrupt to its reader, who would take it for the end.
  terminal.once('SIGINT', interrupt);
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
  readonly host: Host;
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
  { args, output, host, forGood = 0 }: Question,
): Promise<boolean> {
  host.signal.throwIfAborted();
  if (!args.flag('quiet')) {
    const isResult = formatOf(args) === 'table' && args.value('output') === undefined;
    if (isResult) await output.write(`${text(paintFor(args, host, output))}\n`);
    else host.err.write(text(paintFor(args, host, { isTerminal: host.err.isTTY ?? false })));
  }
  const given = args.value('confirm-irreversible');
  const isNumberMissing = forGood > 0 && given === undefined && !host.input.isTTY;
  if (isNumberMissing || (given !== undefined && Number(given) !== forGood)) {
    const what = 'the number of Logstores whose encryption would be configured for the first time, and for good';
    throw new UsageError([`--confirm-irreversible: expected ${forGood}, ${what}; got ${given ?? 'none'}`]);
  }
  if (question === null || (given !== undefined && forGood > 0)) return true;
  if (forGood > 0 ? await isTyped(forGood, host) : args.flag('yes') || (await confirm(question, host))) return true;
  host.err.write('nothing was changed\n');
  return false;
}

async function isTyped(count: number, host: Host): Promise<boolean> {
  const what = `The encryption of ${count} Logstores would be configured for good: neither type nor key can ever be changed.`;
  return (await ask(`${what}\nType their number to go on: `, host)) === String(count);
}

/** Without a terminal there is nobody to ask. */
export function refuseUnasked(args: Arguments, { input }: Host): void {
  const isNumberGiven = Number(args.value('confirm-irreversible') ?? 0) > 0;
  if (!args.flag('yes') && !isNumberGiven && !input.isTTY)
    args.mistakes.push('--yes: expected, since there is no terminal to ask on');
}
