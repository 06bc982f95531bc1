import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { accountMistake } from '../../lib/domain/providers/aws.ts';
import { UsageError } from '../../lib/errors.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { type Host, pathFromUser } from '../host.ts';

/** `logseal sandbox`: serves the local cloud until it is interrupted, and prints the environment to use it. */
export async function sandbox(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      port: { kind: 'value', check: portMistake },
      world: { kind: 'value' },
      account: { kind: 'value', check: accountMistake },
    },
    host,
  );
  const port = args.value('port');
  if (port === undefined) args.mistakes.push('--port: expected a port, or 0 for any free one; got none');
  const world = worldPath(args, host);
  if (args.mistakes.length > 0) throw new UsageError(args.allMistakes());

  const cloud = await startSandbox({ port: Number(port), account: args.value('account'), world }).catch((error) => {
    if (error?.syscall !== 'listen') throw error;
    throw new UsageError([`--port: expected a port that is free, got ${port} (${error.message})`]);
  });
  const exports = Object.entries(cloud.environment()).map(([name, value]) => `export ${name}=${value}\n`);
  host.out.write(exports.join(''));
  if (!host.signal.aborted) await once(host.signal, 'abort');
  await cloud.close();
  return EXIT.OK;
}

function worldPath(args: Arguments, host: Host): string | undefined {
  const path = args.value('world');
  try {
    if (path !== undefined) readFileSync(pathFromUser(path, host));
  } catch (error) {
    args.mistakes.push(
      `--world: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  return path === undefined ? undefined : pathFromUser(path, host);
}

function portMistake(text: string): string | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : `expected a port from 0 to 65535, got ${JSON.stringify(text)}`;
}
