import { fixForDenied } from '../lib/domain/caller-rights.ts';
import { printable } from '../lib/domain/printable.ts';
import type { Provider } from '../lib/domain/target.ts';
import { CloudError, LogsealError, UsageError } from '../lib/errors.ts';
import { fixForFailure } from '../lib/report/fixes.ts';
import { readArguments } from './arguments.ts';
import { commandIn } from './command-names.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import type { Host } from './host.ts';
import { npmHint } from './npm-options.ts';
import { providerOf } from './options.ts';
import { asTyped } from './started-as.ts';

/** Writes what is wrong to standard error, with the fix if one is known; of a defect, the stack. */
export function reportError(error: unknown, words: readonly string[], host: Host): ExitStatus {
  const { err } = host;
  if (error instanceof UsageError) {
    const mistakes = error.mistakes.map((mistake) => `logseal: ${printable(mistake)}\n`).join('');
    err.write(asTyped(`${mistakes}see logseal ${helpOf(words)}--help\n`, host));
    err.write(npmHint(words, host.environment));
    return EXIT.USAGE;
  }
  if (error instanceof LogsealError) {
    const call = error instanceof CloudError ? ` (${error.call})` : '';
    const fix = error instanceof CloudError ? fixOf(error, providerIn(words, host)) : undefined;
    const what = `logseal: ${error.code}: ${printable(error.message)}${call}\n`;
    err.write(`${what}${fix ? `  fix: ${printable(asTyped(fix, host))}\n` : ''}`);
    return EXIT.NOT_DONE;
  }
  err.write(`logseal: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return EXIT.NOT_DONE;
}

/** The command whose help says more, with a space behind it. */
function helpOf(words: readonly string[]): string {
  const command = commandIn(words);
  return command === undefined ? '' : `${command} `;
}

/** Where the cloud names the right that is missing, the statement to add. */
function fixOf({ code, call, missingRight }: CloudError, provider: Provider): string | undefined {
  if (missingRight) return fixForDenied(call, missingRight);
  return fixForFailure(code, provider);
}

function providerIn(words: readonly string[], host: Host): Provider {
  return providerOf(readArguments(words, { provider: { kind: 'value' } }, host));
}
