import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../cli/run.ts';
import type { Pacing } from '../../lib/runtime.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { logsPolicy } from '../sandbox/support.ts';
import { aHost, type HostOptions } from './host.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const DEMO = join(ROOT, 'sandbox/worlds/demo.yaml');

/** How a command ended, and what it said. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: nothing, so that there is no terminal. */
  readonly stdin?: string | Uint8Array;
  /** Where the command is typed. */
  readonly cwd?: string;
  /** What was typed in the place of `logseal`, for a command that runs in this process. Default: `logseal`. */
  readonly startedAs?: string;
  /** How retries wait, for a command that runs in this process. Default: not at all. */
  readonly pacing?: Pacing;
  /** What time it is, for a command that runs in this process. Default: what time it is. */
  readonly now?: () => Date;
}

/** `words` as a shell would split them, for arguments that hold no spaces; a list for those that do. */
export type Words = string | readonly string[];

function argumentsOf(words: Words): readonly string[] {
  return typeof words === 'string' ? words.split(' ').filter(Boolean) : words;
}

/** What starts the command from the sources. */
export function commandLine(words: Words): [string, ...string[]] {
  return [process.execPath, join(ROOT, 'scripts/run.mjs'), 'cli/main.ts', ...argumentsOf(words)];
}

/** The default journal of an account, in the directory of a desk. */
export function journalOf(account: string): string {
  return join(STATE, 'logseal', `${account}.ndjson`);
}
const STATE = 'state';

/** Nothing of the machine's own AWS configuration and of npm's, and nothing written to the home of whoever runs the tests. */
export function cleanEnvironment(env: Readonly<Record<string, string>>, cwd: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|NO_COLOR|FORCE_COLOR|NODE_|INIT_CWD)/.test(name));
  return {
    ...Object.fromEntries(own),
    INIT_CWD: cwd,
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    XDG_STATE_HOME: join(cwd, STATE),
    ...env,
  };
}

/** Starts the real command in a process of its own. */
export function startLogseal(words: Words, { env = {}, cwd = tmpdir() }: RunOptions = {}): ChildProcess {
  const [node, ...args] = commandLine(words);
  return spawn(node, args, { cwd: ROOT, env: cleanEnvironment(env, cwd), stdio: 'pipe' });
}

/** Waits for the end of a command. */
export async function ended(child: ChildProcess): Promise<Ran> {
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  const [status] = await closed;
  return { status, stdout, stderr };
}

/** Runs the command to its end in a process of its own: for tests of what only a process has. */
export async function runProcess(words: Words, options: RunOptions = {}): Promise<Ran> {
  const child = startLogseal(words, options);
  // A command that ends without reading its input is not a failure.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.stdin ?? '');
  return ended(child);
}

/** Runs the command to its end in this process. */
export async function runLogseal(words: Words, options: RunOptions = {}): Promise<Ran> {
  const input = Readable.from([Buffer.from(options.stdin ?? '')]);
  const { status, stdout, stderr } = await runHere(words, { input }, options);
  return { status, stdout: stdout(), stderr: stderr() };
}

let lastRun: Promise<unknown> = Promise.resolve();

/** Runs the command in this process, one at a time: the SDK reads `process.env`, of which there is only one. */
export function runHere(words: Words, own: HostOptions, { env = {}, cwd = tmpdir(), ...more }: RunOptions) {
  const run = lastRun.then(async () => {
    const before = { ...process.env };
    setEnvironment(cleanEnvironment(env, cwd));
    const { pacing, now, startedAs } = more;
    const injected = { ...(pacing && { pacing }), ...(now && { now }), ...(startedAs && { startedAs }) };
    const kept = aHost({ ...own, environment: process.env, directory: cwd, ...injected });
    try {
      return { ...kept, status: await runCommand(argumentsOf(words), kept.host) };
    } finally {
      setEnvironment(before);
    }
  });
  lastRun = run.catch(() => {});
  return run;
}

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}

/** A directory of the test's own. */
export async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A sandbox, a directory, and the command in both. */
export interface Desk {
  readonly sandbox: Sandbox;
  readonly directory: string;
  readonly options: Required<Pick<RunOptions, 'env' | 'cwd'>>;
  run(words: Words, options?: RunOptions): Promise<Ran>;
  read(name: string): Promise<string>;
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** The names of all files, those in directories below too. */
  files(): Promise<string[]>;
}

/** Everything is gone when the test is over. @param now the sandbox's clock; default: what time it is */
export async function aDesk(world: World | string, now?: () => Date): Promise<Desk> {
  const directory = await aDirectory();
  const sandbox = await startSandbox({ world, now });
  onTestFinished(() => sandbox.close());
  const options = { env: { ...sandbox.environment(), XDG_STATE_HOME: join(directory, STATE) }, cwd: directory };
  return {
    sandbox,
    directory,
    options,
    run: (words, more = {}) => runLogseal(words, { ...options, ...more, env: { ...options.env, ...more.env } }),
    read: (name) => readFile(join(directory, name), 'utf8'),
    async write(name, content) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    },
    async files() {
      const all = await readdir(directory, { recursive: true, withFileTypes: true });
      return all
        .filter((each) => !each.isDirectory())
        .map((each) => relative(directory, join(each.parentPath, each.name)));
    },
  };
}

/** A world of the configured key `alias/logseal`, whose policy lets CloudWatch Logs in. */
export function aWorld({ keys = {}, policies = {}, ...world }: World = {}): World {
  return {
    region: 'eu-west-1',
    policies: { logs: logsPolicy(), ...policies },
    keys: {
      logseal: { alias: 'alias/logseal', policy: 'logs' },
      disabled: { state: 'Disabled', policy: 'logs' },
      ...keys,
    },
    ...world,
  };
}

/** The lines of NDJSON. */
export function linesOf(ndjson: string): Record<string, unknown>[] {
  return ndjson
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
