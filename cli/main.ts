import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { EXIT } from './exit.ts';
import { longRetryNotice } from './long-retry.ts';
import { runCommand } from './run.ts';
import { startedAs } from './started-as.ts';

// V8 would let the heap of a run over many targets grow to three times what is in use before it clears garbage out.
setFlagsFromString('--heap-growing-percent=60');
// It would also let each half of the young generation grow from 1 to 16 MiB, which makes no run faster.
setFlagsFromString('--semi-space-growth-factor=1');

const interruption = new AbortController();
let mustComplete = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first one lets the change under way finish and be journalled; a second one waits for nothing but what must be completed.
    if (interruption.signal.aborted && !mustComplete) process.exit(EXIT.INTERRUPTED);
    interruption.abort();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // EPIPE: the reader has seen enough, as `head` does.
  if (error.code !== 'EPIPE') {
    process.stderr.write(`logseal: OUTPUT: standard output could not be written: ${error.message}\n`);
  }
  process.exit(EXIT.NOT_DONE);
});
// Nobody reads the messages any more, but the work under way must still finish.
process.stderr.on('error', () => {});

const status = await runCommand(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  // A getter: opening standard input keeps the process alive, and few commands read it.
  get input() {
    return process.stdin;
  },
  environment: process.env,
  // npm changes the working directory, and says in INIT_CWD where the command was typed.
  directory: resolve(process.env['INIT_CWD'] ?? '.'),
  startedAs: startedAs(process.env, import.meta.filename),
  signal: interruption.signal,
  interrupt: () => process.kill(process.pid, 'SIGINT'),
  async complete(work) {
    mustComplete = true;
    try {
      return await work();
    } finally {
      mustComplete = false;
    }
  },
  onExit: (cleanUp) => process.once('exit', cleanUp),
  now: () => new Date(),
  pacing: { onLongRetry: longRetryNotice(process.stderr) },
});
process.exitCode = status;
// After an interrupt, a call that nobody waits for any more could keep the process alive for minutes.
if (status === EXIT.INTERRUPTED) process.stdout.write('', () => process.exit(status));
