import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolsBin } from '../../scripts/tools-venv.ts';
import { ROOT } from '../support/logseal.ts';

const run = promisify(execFile);
const SET_UP = join(ROOT, 'scripts/sam-local-setup');

/** What runs Lambda's runtime, or why nothing does. */
export type Engine =
  | { readonly kind: 'DOCKER' | 'PODMAN'; readonly env: Readonly<Record<string, string>>; stop(): Promise<void> }
  | { readonly kind: 'NONE'; readonly because: string };

/** Docker where it answers, else what scripts/sam-local-setup makes of podman. */
export async function containerEngine(): Promise<Engine> {
  if (await dockerAnswers()) return { kind: 'DOCKER', env: {}, stop: async () => {} };
  if (process.getuid?.() !== 0)
    return { kind: 'NONE', because: 'no Docker answers, and scripts/sam-local-setup needs root' };
  const hasApt = await run('apt-get', ['--version']).then(
    () => true,
    () => false,
  );
  if (!hasApt)
    return { kind: 'NONE', because: 'no Docker answers, and scripts/sam-local-setup needs Debian or Ubuntu' };
  const env = { ...process.env, SAM: join(await toolsBin(), 'sam') };
  try {
    const { stdout, stderr } = await run(SET_UP, [], { env, maxBuffer: 2 ** 24 });
    const isOurs = stderr.includes('starting the Docker API');
    return { kind: 'PODMAN', env: exportsOf(stdout), stop: async () => void (isOurs && (await run(SET_UP, ['stop']))) };
  } catch (error) {
    return { kind: 'NONE', because: `no Docker answers, and ${(error as Error).message}` };
  }
}

async function dockerAnswers(): Promise<boolean> {
  return run('docker', ['info', '--format', '{{.ServerVersion}}']).then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  );
}

/** `export NAME=value NAME=value` */
function exportsOf(script: string): Record<string, string> {
  return Object.fromEntries([...script.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
