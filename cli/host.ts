import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Pacing } from '../lib/runtime.ts';

/** What a command uses of its process. Nothing else in `cli/` reads `process`, so tests can run commands without one. */
export interface Host {
  /** Standard output: results only. */
  readonly out: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Standard error: messages, questions and progress. */
  readonly err: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly input: Readable & { readonly isTTY?: boolean };
  /** The AWS SDK reads `process.env` itself, so this must hold the same values. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command was typed: file names are relative to it. */
  readonly directory: string;
  /** What was typed in the place of `logseal`, such as `npx logseal`. */
  readonly startedAs: string;
  /** Aborted by the first interrupt: the change under way is finished and journalled, then the command ends. */
  readonly signal: AbortSignal;
  /** Interrupts the command, as Ctrl-C does outside a prompt. */
  interrupt(): void;
  /** Completes work that not even a second interrupt ends, since what it leaves undone could go on doing harm. */
  complete<T>(work: () => Promise<T>): Promise<T>;
  /** Registers a clean-up for an exit that waits for nothing, as a second interrupt causes. */
  onExit(cleanUp: () => void): void;
  /** What time it is. */
  now(): Date;
  /** How retries wait. Default: as production does. */
  readonly pacing: Pacing;
}

/** The absolute path of a file that the user named. */
export function pathFromUser(path: string, { directory }: Pick<Host, 'directory'>): string {
  return resolve(directory, path);
}

/** Whether `npm run logseal` started the command: npm keeps options that are typed without `--` before them. */
export function isNpmScript({ npm_lifecycle_event: script }: Host['environment']): boolean {
  return script === 'logseal';
}
