import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolsBin } from '../../scripts/tools-venv.ts';
import { ROOT } from '../support/logseal.ts';

const run = promisify(execFile);
const SET_UP = join(ROOT, 'scripts/sam-local-setup');

/** The container engine that runs Lambda's runtime, or why there is none. */
export type Engine =
  | {
      readonly kind: 'DOCKER' | 'PODMAN';
      readonly env: Readonly<Record<string, string>>;
      /** The address of this machine for its containers, unless the engine provides it. */
      readonly bridge?: string;
      stop(): void;
    }
  | { readonly kind: 'NONE'; readonly because: string };

/** Docker if it answers, or else podman, set up by scripts/sam-local-setup. */
export async function containerEngine(): Promise<Engine> {
  const bridge = await dockerBridge();
  if (bridge) return { kind: 'DOCKER', env: {}, bridge, stop: () => {} };
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
    return { kind: 'PODMAN', env: exportsOf(stdout), stop: () => void (isOurs && execFileSync(SET_UP, ['stop'])) };
  } catch (error) {
    return { kind: 'NONE', because: `no Docker answers, and ${(error as Error).message}` };
  }
}

/** @returns the address of Docker's bridge, or undefined when no Docker answers */
async function dockerBridge(): Promise<string | undefined> {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{end}}';
  return run('docker', ['network', 'inspect', 'bridge', '--format', format]).then(
    ({ stdout }) => stdout.trim().split(' ')[0] || undefined,
    () => undefined,
  );
}

/** `export NAME=value NAME=value` */
function exportsOf(script: string): Record<string, string> {
  return Object.fromEntries([...script.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
