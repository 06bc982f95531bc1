import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { accountMistake } from '../../lib/config.ts';
import { UsageError } from '../../lib/errors.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { pathFromUser } from '../output.ts';

/** `logseal sandbox`: serves the local cloud until it is interrupted, and prints the environment to use it. */
export async function sandbox(words: readonly string[], signal: AbortSignal): Promise<ExitStatus> {
  const args = readArguments(words, {
    port: { kind: 'value', check: portMistake },
    world: { kind: 'value' },
    account: { kind: 'value', check: accountMistake },
  });
  const port = args.value('port');
  if (port === undefined) args.mistakes.push('--port: expected a port, or 0 for any free one; got none');
  const world = worldPath(args);
  if (args.mistakes.length > 0) throw new UsageError(args.mistakes);

  const cloud = await startSandbox({ port: Number(port), account: args.value('account'), world }).catch((error) => {
    if (error?.syscall !== 'listen') throw error;
    throw new UsageError([`--port: expected a port that is free, got ${port} (${error.message})`]);
  });
  const exports = Object.entries(cloud.environment()).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(exports.join(''));
  if (!signal.aborted) await once(signal, 'abort');
  await cloud.close();
  return EXIT.OK;
}

function worldPath(args: Arguments): string | undefined {
  const path = args.value('world');
  try {
    if (path !== undefined) readFileSync(pathFromUser(path));
  } catch (error) {
    args.mistakes.push(
      `--world: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  return path === undefined ? undefined : pathFromUser(path);
}

function portMistake(text: string): string | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : `expected a port from 0 to 65535, got ${JSON.stringify(text)}`;
}
