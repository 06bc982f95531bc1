import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { cleanEnvironment, commandLine, ROOT, type RunOptions, runHere, type Words } from './logseal.ts';

/** Whether this machine has `script` of util-linux, which gives a command a terminal of its own. */
export const HAS_TERMINAL =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

interface Typed {
  /** The text on the screen to wait for. */
  readonly waitFor: string;
  /** What is typed then. */
  readonly type: string;
}

/** How it ended, and all that was on the screen. */
interface Shown {
  readonly status: number | null;
  readonly screen: string;
}

/** Runs the command in this process, which says that it has a terminal, and types the answer. */
export async function runOnTerminal(words: Words, { waitFor, type }: Typed, options: RunOptions): Promise<Shown> {
  const input = new PassThrough();
  let isTyped = false;
  const onScreen = (screen: string) => {
    if (isTyped || !screen.includes(waitFor)) return;
    isTyped = true;
    // Nobody types before the question is asked.
    setImmediate(() => input.write(type));
  };
  const { status, screen } = await runHere(words, { input, onScreen }, options);
  return { status, screen: screen() };
}

/** Runs the command in a process of its own on a terminal of the kernel's, and types the answer. */
export async function runOnRealTerminal(
  words: Words,
  { waitFor, type }: Typed,
  { env = {}, cwd = ROOT }: RunOptions,
): Promise<Shown> {
  const command = commandLine(words)
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(' ');
  const child = spawn('script', ['-qec', `stty cols 120; ${command}`, '/dev/null'], {
    cwd: ROOT,
    env: { ...cleanEnvironment(env, cwd), TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: 'pipe',
  });
  let screen = '';
  let isTyped = false;
  child.stdout.on('data', (chunk) => {
    screen += chunk;
    if (isTyped || !screen.includes(waitFor)) return;
    isTyped = true;
    child.stdin.write(type);
  });
  const [status] = await once(child, 'close');
  return { status, screen };
}
