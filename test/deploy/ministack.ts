import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { toolsBin } from '../../scripts/tools-venv.ts';

/** An emulator of AWS that listens on loopback, checks signatures and enforces IAM. */
export interface Ministack {
  readonly url: string;
  /** The last lines that it wrote. */
  tail(lines: number): Promise<string>;
  /** Ends it with every function that it runs. */
  stop(): void;
}

const READY_WITHIN_MS = 60_000;

/**
 * Starts an empty emulator on a free port.
 * @param parent the directory for its files
 * @throws Error with its log when it cannot be started
 */
export async function startMinistack(region: string, parent: string): Promise<Ministack> {
  const bin = await toolsBin('requirements-deploy.txt');
  const directory = join(parent, 'ministack');
  await mkdir(directory);
  const logName = join(directory, 'log');
  const log = await open(logName, 'w');
  const port = await freePort();
  // Saved queries are not created: it does not know them.
  const child = spawn(join(bin, 'python'), [join(import.meta.dirname, 'launch_ministack.py')], {
    stdio: ['ignore', log.fd, log.fd],
    // A process group of its own, so that the functions' processes end with it.
    detached: true,
    env: {
      ...ownEnvironment(),
      // Functions run on the first `node` in the PATH.
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      TMPDIR: directory,
      S3_DATA_DIR: join(directory, 's3'),
      STATE_DIR: join(directory, 'state'),
      AUTH: 'true',
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: region,
      IOT_MTLS_ENABLED: '0', // it would listen on every interface
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  await log.close();
  // Nothing that it holds needs an orderly end.
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {} // nothing is left of it
  };
  const tail = async (lines: number) => (await readFile(logName, 'utf8')).split('\n').slice(-lines).join('\n');
  const url = `http://127.0.0.1:${port}`;
  process.once('exit', stop);
  for (const startedAt = Date.now(); ; await wait(100)) {
    if (await answers(url)) return { url, tail, stop };
    if (child.exitCode !== null || Date.now() - startedAt > READY_WITHIN_MS) break;
  }
  const words = await tail(20);
  stop();
  throw new Error(`ministack did not start:\n${words}`);
}

/** Functions inherit the emulator's environment, so it has none of the machine's AWS and Node configuration. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|NODE_|NO_COLOR|FORCE_COLOR|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(entries), AWS_CONFIG_FILE: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/_ministack/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('expected a port, got none');
  return address.port;
}
