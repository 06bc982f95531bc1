import { createInterface } from 'node:readline/promises';
import type { Outcome, Step } from '../lib/domain/plan-step.ts';
import type { Target } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import { fitted } from '../lib/report/fit.ts';
import type { ReportOptions } from '../lib/report/format.ts';
import { EVERY_PLACE, placesText } from '../lib/report/headline.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';
import { type Outputs, reportOptions } from './report.ts';

/** Asks a person on the terminal. @returns whether the answer was yes; anything else is no, and so is the end of the input */
export async function confirm(question: string, host: Host): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, host));
}

async function ask(question: string, { input, err, signal, interrupt }: Host): Promise<string> {
  const terminal = createInterface({ input, output: err });
  // A terminal in line mode passes Ctrl-C to its reader, which would take it for the end of the input.
  terminal.once('SIGINT', interrupt);
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return (await Promise.race([terminal.question(question, { signal }), closed])).trim();
  } finally {
    terminal.close();
  }
}

/**
 * Where something would be done, for a question. Every account is named, those with the same Regions together:
 * `in accounts 111122223333 and 444455556666, eu-west-1; account 777788889999, us-east-1`.
 */
export function placeOf(targets: readonly Target[]): string {
  return `in ${placesText(targets, EVERY_PLACE)}`;
}

export interface Question {
  readonly args: Arguments;
  readonly outputs: Outputs;
  readonly host: Host;
  /** Writes commands as they must be typed. */
  readonly asTyped: ReportOptions['asTyped'];
  /** What is at stake, in whole lines right before the question; shown without one too, unless --quiet. Default: nothing. */
  readonly stakes?: () => Promise<string>;
  /** How many Logstores would be configured for the first time and for good; that number must be typed. null: not known. */
  readonly forGood?: number | null;
}

/**
 * Shows what would be done, and asks if there is a question.
 * @returns whether to do it
 * @throws UsageError with the right number, where `--confirm-irreversible` says another one or is needed and missing
 */
export async function isWanted(
  text: (options: ReportOptions) => string | Promise<string>,
  question: string | null,
  { args, outputs, host, asTyped, stakes, forGood = 0 }: Question,
): Promise<boolean> {
  host.signal.throwIfAborted();
  const { screen } = outputs;
  const { isTTY: isTerminal = false, columns } = host.err;
  const onErr = reportOptions(args, host, { isTerminal, columns: isTerminal ? columns : undefined }, { asTyped });
  if (!args.flag('quiet')) {
    const options = screen ? reportOptions(args, host, screen, { asTyped }) : onErr;
    const shown = fittedTo(options, await text(options));
    if (screen) await screen.write(`${shown}\n`);
    else host.err.write(shown);
  }
  if (forGood === null && question === null) return true;
  const count = forGood ?? 0;
  const given = args.value('confirm-irreversible');
  const isNumberMissing = count > 0 && given === undefined && !host.input.isTTY;
  if (isNumberMissing || (given !== undefined && Number(given) !== count)) {
    const what = 'the number of Logstores whose encryption would be configured for the first time, and for good';
    throw new UsageError([`--confirm-irreversible: expected ${count}, ${what}; got ${given ?? 'none'}`]);
  }
  if (question === null) return true;
  const isAnswered = count > 0 ? given !== undefined : args.flag('yes');
  if (stakes && !(isAnswered && args.flag('quiet'))) host.err.write(fittedTo(onErr, await stakes()));
  if (isAnswered) return true;
  if (count > 0 ? await isTyped(count, host) : await confirm(question, host)) return true;
  host.err.write('nothing was changed\n');
  return false;
}

/**
 * What a preview on the same screen has shown of an outcome: that it came out as the steps say.
 * @returns for `ReportOptions.isShown`
 */
export function shownBefore(
  steps: readonly Step[],
  { screen }: Outputs,
  args: Arguments,
): (outcome: Outcome) => boolean {
  if (!screen || args.flag('quiet')) return () => false;
  const planned = new Map(steps.map((step) => [step.store.arn, step]));
  return ({ store, outcome, refusal, afterRun }) => {
    const step = planned.get(store.arn);
    if (!step || afterRun?.status === 'CHANGED' || refusal?.code !== step.refusal?.code) return false;
    return outcome === 'REFUSED' || outcome === DONE[step.action];
  };
}

const DONE = { SEAL: 'SEALED', UNSEAL: 'UNSEALED', NONE: 'UNCHANGED' } as const;

function fittedTo({ width }: ReportOptions, text: string): string {
  return width === null ? text : fitted(text, width);
}

async function isTyped(count: number, host: Host): Promise<boolean> {
  const what = `The encryption of ${count} Logstores would be configured for good: neither type nor key can ever be changed.`;
  return (await ask(`${what}\nType their number to go on: `, host)) === String(count);
}

/** Adds the mistake of a question that nobody can answer. */
export function refuseUnasked(args: Arguments, { input }: Host): void {
  const isNumberGiven = Number(args.value('confirm-irreversible') ?? 0) > 0;
  if (!args.flag('yes') && !isNumberGiven && !input.isTTY)
    args.mistakes.push('This is not a terminal, so nobody can be asked: add --yes');
}
