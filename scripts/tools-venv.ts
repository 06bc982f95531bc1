/**
 * Installs the Python tools of a requirements file into a virtual environment outside the checkout, unless that exists,
 * and prints its `bin` directory: `node scripts/tools-venv.ts [requirements.txt]`
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const INSTALL_PYTHON =
  'install it (Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python)';

/**
 * The directory with the programs of a requirements file, by default `moto_server`, `cfn-lint` and `sam`.
 * @param requirementsFile a file name in the project's root
 * @throws Error that says what is missing and how to install it
 */
export async function toolsBin(requirementsFile = 'requirements.txt'): Promise<string> {
  const requirements = await readFile(join(ROOT, requirementsFile), 'utf8');
  const hash = createHash('sha256')
    .update(requirements)
    .update(await pythonInUse())
    .digest('hex')
    .slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'logseal');
  const ready = join(cache, `venv-${hash}`);
  if (!isUsable(ready)) await build(cache, ready, join(ROOT, requirementsFile));
  return join(ready, 'bin');
}

/** The link exists only after everything is installed in its directory. */
function isUsable(venv: string): boolean {
  return existsSync(join(venv, 'bin', 'python'));
}

/** A virtual environment works with one Python only. @throws Error when there is no Python, or it lacks venv */
async function pythonInUse(): Promise<string> {
  const program = 'import sys, venv, ensurepip; print(sys.version, sys.base_prefix)';
  try {
    return (await promisify(execFile)('python3', ['-c', program])).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`python3 is missing: ${INSTALL_PYTHON}`);
    throw new Error(`python3 lacks its venv module: ${INSTALL_PYTHON}\n${(error as Error).message}`);
  }
}

/**
 * A virtual environment cannot be moved, because its scripts contain its path. So each run builds in its own directory,
 * and `ready` becomes a link to the first that is complete.
 */
async function build(cache: string, ready: string, requirements: string): Promise<void> {
  process.stderr.write(`Installing ${basename(requirements)} under ${cache} (about a minute, the first time only)\n`);
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache, ready);
  const own = await mkdtemp(`${ready}-`);
  try {
    await run('python3', ['-m', 'venv', own]);
    await run(join(own, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      // The file names all that is needed. Without this, pip asks for hashes of a package again where another one wants its extras.
      '--no-deps',
      '--require-hashes',
      '-r',
      requirements,
    ]);
    if (isUsable(ready)) return await rm(own, { recursive: true });
    await symlink(basename(own), `${own}.link`);
    await rename(`${own}.link`, ready);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what interrupted runs left behind. */
async function removeAbandoned(cache: string, ready: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(`${basename(ready)}-`)) continue;
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  // Standard output is reserved for the result.
  const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${code}: see above`);
}

if (import.meta.main) {
  try {
    process.stdout.write(`${await toolsBin(process.argv[2])}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
