import { UsageError } from '../lib/errors.ts';
import { asksAbout } from './asks-about.ts';
import { COMMAND_NAMES, commandIn } from './command-names.ts';
import { COMMANDS } from './commands/index.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { type Host, isNpmScript } from './host.ts';
import { suggestion } from './suggest.ts';

/**
 * Runs one command line, for instance `['scan', '--region', 'eu-west-1']`.
 * @returns the exit status; every error was written to standard error
 */
export async function runCommand(words: readonly string[], host: Host): Promise<ExitStatus> {
  try {
    return await run(words, host);
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    if (!host.signal.aborted) return reportError(error, words, host);
    const isInterrupt = error instanceof Error && error.name === 'AbortError';
    if (!isInterrupt) reportError(error, words, host);
    host.err.write('interrupted\n');
    return EXIT.INTERRUPTED;
  }
}

// What few runs need, such as the help, is loaded when it is needed: loading a file takes about 1 ms.
async function run(words: readonly string[], host: Host): Promise<ExitStatus> {
  if (asksAbout(words)) {
    const { about } = await import('./about.ts');
    return about(words, host);
  }
  const command = commandIn(words);
  if (isNpmScript(host.environment)) {
    const { refuseOptionsKeptByNpm } = await import('./npm-options.ts');
    refuseOptionsKeptByNpm(words, host.environment);
  }
  if (!command) {
    const [first = '', second = ''] = words.filter((word) => !word.startsWith('-'));
    const known = [...COMMAND_NAMES, '--version', '--help'];
    const meant = suggestion(`${first} ${second}`, known) || suggestion(first, known);
    const got = JSON.stringify(words.slice(0, 2).join(' '));
    throw new UsageError([`expected a command, one of ${COMMAND_NAMES.join(', ')}; got ${got}${meant}`]);
  }
  const execute = await COMMANDS[command]();
  return execute(words.slice(command.split(' ').length), host);
}
