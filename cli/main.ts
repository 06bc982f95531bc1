import type { Provider } from '../lib/domain/log-store.ts';
import { CloudError, LogsealError, UsageError } from '../lib/errors.ts';
import { fixFor } from '../lib/report/fixes.ts';
import { EXIT, type ExitStatus } from './exit-status.ts';
import { COMMANDS, type CommandName, HELP, helpFor } from './help.ts';
import { npmHint, refuseOptionsKeptByNpm } from './npm-options.ts';

type Command = (words: readonly string[], signal: AbortSignal) => Promise<ExitStatus>;

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

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<ExitStatus> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The first one lets the change that is under way end and be journalled; a second one does not wait.
      if (interruption.signal.aborted) process.exit(EXIT.INTERRUPTED);
      interruption.abort();
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough, as `head` does.
    if (error.code !== 'EPIPE') {
      process.stderr.write(`logseal: OUTPUT: standard output could not be written: ${error.message}\n`);
    }
    process.exit(EXIT.NOT_DONE);
  });
  // Nobody reads the messages any more; what is under way must end well all the same.
  process.stderr.on('error', () => {});
  try {
    return await run(words, interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) {
      const isOfIt = error instanceof Error && error.name === 'AbortError';
      if (!isOfIt) report(error, words.includes('alibaba') ? 'alibaba' : 'aws');
      process.stderr.write('interrupted\n');
      // Not by itself: a call that nobody waits for any more may go on for long.
      process.exit(EXIT.INTERRUPTED);
    }
    return report(error, words.includes('alibaba') ? 'alibaba' : 'aws');
  }
}

async function run(words: readonly string[], signal: AbortSignal): Promise<ExitStatus> {
  const command = COMMANDS.find((name) => words.slice(0, name.split(' ').length).join(' ') === name);
  if (words.includes('--help') || words.includes('-h') || words[0] === 'help' || words.length === 0) {
    process.stdout.write(command ? helpFor(command) : HELP);
    return words.length === 0 ? EXIT.USAGE : EXIT.OK;
  }
  refuseOptionsKeptByNpm(words, process.env);
  const load = command && LOADERS[command];
  if (!load)
    throw new UsageError([
      `expected a command, one of ${COMMANDS.join(', ')}; got ${JSON.stringify(words.slice(0, 2).join(' '))}`,
    ]);
  return (await load())(words.slice(command.split(' ').length), signal);
}

function report(error: unknown, provider: Provider): ExitStatus {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.mistakes.map((mistake) => `logseal: ${mistake}`).join('\n')}\nsee logseal --help\n`);
    process.stderr.write(npmHint(process.argv.slice(2), process.env));
    return EXIT.USAGE;
  }
  if (error instanceof LogsealError) {
    const call = error instanceof CloudError ? ` (${error.call})` : '';
    const fix = error instanceof CloudError ? fixFor(error.code, provider) : undefined;
    process.stderr.write(`logseal: ${error.code}: ${error.message}${call}\n${fix ? `  fix: ${fix}\n` : ''}`);
    return EXIT.NOT_DONE;
  }
  process.stderr.write(`logseal: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return EXIT.NOT_DONE;
}
