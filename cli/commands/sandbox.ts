import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { accountMistake } from '../../lib/domain/providers/aws.ts';
import { UsageError } from '../../lib/errors.ts';
import { OWN_WORLDS } from '../../sandbox/own-worlds.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
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

/** The file of a world: one that comes with logseal, by its name, or the user's own. */
function worldPath(args: Arguments, host: Host): string | undefined {
  const named = args.value('world');
  if (named === undefined) return undefined;
  const path = OWN_WORLDS.get(named) ?? pathFromUser(named, host);
  try {
    readFileSync(path);
  } catch (error) {
    const names = [...OWN_WORLDS.keys()].join(', ');
    args.mistakes.push(
      `--world: expected ${names} or a file that can be read, got ${named} (${error instanceof Error ? error.message : error})`,
    );
  }
  return path;
}

function portMistake(text: string): string | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : `expected a port from 0 to 65535, got ${JSON.stringify(text)}`;
}
