import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { ended, type Ran } from '../support/logseal.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the package. */
    archive: string;
    /** The directory in which the package is installed, without a network, and nothing else. */
    installation: string;
  }
}

export const ARCHIVE = inject('archive');
/** The installed package. */
export const PACKAGE = join(inject('installation'), 'node_modules/logseal');
const PROGRAMS = join(inject('installation'), 'node_modules/.bin');

export type Environment = Readonly<Record<string, string>>;

/** As on a machine without any configuration of AWS's and npm's, where `logseal` is on the PATH, and npm has no network. */
export function environmentIn(home: string, more: Environment = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|ALIBABA_|LOGSEAL_|XDG_|npm_|NODE_|INIT_CWD|NO_COLOR|FORCE_COLOR|VITEST)/i.test(name),
  );
  return {
    ...Object.fromEntries(own),
    HOME: home,
    PATH: [PROGRAMS, process.env['PATH']].join(delimiter),
    AWS_EC2_METADATA_DISABLED: 'true',
    npm_config_cache: join(home, '.npm'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    npm_config_prefix: join(home, '.global'),
    ...more,
  };
}

/** An empty directory of the test's own, which is the home directory too. */
export async function anEmptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-package-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs a line of a shell in a directory. */
export async function runLine(line: string, directory: string, more: Environment = {}): Promise<Ran> {
  const child = startLine(line, directory, more);
  child.stdin?.end();
  return ended(child);
}

/** Starts a line of a shell, which becomes its one command. */
export function startLine(line: string, directory: string, more: Environment = {}): ChildProcess {
  const environment = environmentIn(directory, more);
  return spawn('bash', ['-e', '-c', line], { cwd: directory, env: environment, stdio: 'pipe' });
}
