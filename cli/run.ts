import type { Provider } from '../lib/domain/target.ts';
import { CloudError, LogsealError, UsageError } from '../lib/errors.ts';
import { fixFor } from '../lib/report/fixes.ts';
import { readArguments } from './arguments.ts';
import { isAlibaba } from './common.ts';
import { EXIT, type ExitStatus } from './exit-status.ts';
import { COMMANDS, type CommandName, HELP, helpFor } from './help.ts';
import type { Host } from './host.ts';
import { npmHint, refuseOptionsKeptByNpm } from './npm-options.ts';

type Command = (words: readonly string[], host: Host) => Promise<ExitStatus>;

/** Each command is loaded only when it is asked for: `policy check` needs no SDK. */
const LOADERS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  scan: async () => (await import('./commands/scan.ts')).scan,
  plan: async () => (await import('./commands/plan.ts')).plan,
  apply: async () => (await import('./commands/apply.ts')).apply,
  undo: async () => (await import('./commands/undo.ts')).undo,
  'key check': async () => (await import('./commands/key-check.ts')).keyCheck,
  'key repair': async () => (await import('./commands/key-repair.ts')).keyRepair,
  'policy check': async () => (await import('./commands/policy-check.ts')).policyCheck,
  sandbox: async () => (await import('./commands/sandbox.ts')).sandbox,
};

/**
 * Runs one command line, for instance `['scan', '--region', 'eu-west-1']`.
 * @returns the exit status; every error was written to standard error
 */
export async function runCommand(words: readonly string[], host: Host): Promise<ExitStatus> {
  try {
    return await run(words, host);
  } catch (error) {
    if (!host.signal.aborted) return report(error, words, host);
    const isInterrupt = error instanceof Error && error.name === 'AbortError';
    if (!isInterrupt) report(error, words, host);
    host.err.write('interrupted\n');
    return EXIT.INTERRUPTED;
  }
}

async function run(words: readonly string[], host: Host): Promise<ExitStatus> {
  const command = COMMANDS.find((name) => words.slice(0, name.split(' ').length).join(' ') === name);
  if (words.includes('--help') || words.includes('-h') || words[0] === 'help' || words.length === 0) {
    host.out.write(command ? helpFor(command) : HELP);
    return words.length === 0 ? EXIT.USAGE : EXIT.OK;
  }
  refuseOptionsKeptByNpm(words, host.environment);
  const load = command && LOADERS[command];
  if (!load)
    throw new UsageError([
      `expected a command, one of ${COMMANDS.join(', ')}; got ${JSON.stringify(words.slice(0, 2).join(' '))}`,
    ]);
  return (await load())(words.slice(command.split(' ').length), host);
}

function report(error: unknown, words: readonly string[], host: Host): ExitStatus {
  const { err } = host;
  if (error instanceof UsageError) {
    err.write(`${error.mistakes.map((mistake) => `logseal: ${mistake}`).join('\n')}\nsee logseal --help\n`);
    err.write(npmHint(words, host.environment));
    return EXIT.USAGE;
  }
  if (error instanceof LogsealError) {
    const call = error instanceof CloudError ? ` (${error.call})` : '';
    const fix = error instanceof CloudError ? fixFor(error.code, providerIn(words, host)) : undefined;
    err.write(`logseal: ${error.code}: ${error.message}${call}\n${fix ? `  fix: ${fix}\n` : ''}`);
    return EXIT.NOT_DONE;
  }
  err.write(`logseal: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return EXIT.NOT_DONE;
}

function providerIn(words: readonly string[], host: Host): Provider {
  return isAlibaba(readArguments(words, { provider: { kind: 'value' } }, host)) ? 'alibaba' : 'aws';
}
