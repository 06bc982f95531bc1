import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { toolsBin } from '../../scripts/tools-venv.ts';

/** A moto_server that listens on loopback. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts moto_server on a port that is free, with nothing in it.
 * @param account the one that all requests come from
 * @throws Error with its own words when it cannot be started
 */
export async function startMoto({ account }: { account: string }): Promise<Moto> {
  const child = spawn(join(await toolsBin(), 'moto_server'), ['--host', '127.0.0.1', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOTO_ACCOUNT_ID: account },
  });
  await once(child, 'spawn');
  const kill = () => child.kill();
  process.once('exit', kill);
  const words: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    words.push(line);
    const [, url] = /Running on (http:\S+)/.exec(line) ?? [];
    if (url) {
      // It logs each request: what is not read would stop it in the end.
      child.stderr.resume();
      return {
        url,
        async stop() {
          process.off('exit', kill);
          child.kill();
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        },
      };
    }
  }
  throw new Error(`moto_server did not start:\n${words.join('\n')}`);
}
