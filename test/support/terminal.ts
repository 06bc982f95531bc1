import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment, commandLine, ROOT, type RunOptions, type Words } from './logseal.ts';

/** Whether this machine has `script` of util-linux, which gives a command a terminal of its own. */
export const HAS_TERMINAL =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

/**
 * Runs the command on a terminal, and types the answer once the text to wait for is there.
 * @returns the exit status and all that was on the screen
 */
export async function runOnTerminal(
  words: Words,
  { waitFor, type }: { waitFor: string; type: string },
  { env = {}, cwd = ROOT }: RunOptions,
): Promise<{ status: number | null; screen: string }> {
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
