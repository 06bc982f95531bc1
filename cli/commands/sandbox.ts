import { once } from 'node:events';
import { accountMistake } from '../../lib/config.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { readArguments } from '../arguments.ts';
import { refuseMistakes } from '../common.ts';
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
  refuseMistakes(args);

  const world = args.value('world');
  const cloud = await startSandbox({
    port: Number(port),
    account: args.value('account'),
    world: world === undefined ? undefined : pathFromUser(world),
  });
  const exports = Object.entries(cloud.environment()).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(exports.join(''));
  if (!signal.aborted) await once(signal, 'abort');
  await cloud.close();
  return EXIT.OK;
}

function portMistake(text: string): string | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : `expected a port from 0 to 65535, got ${JSON.stringify(text)}`;
}
