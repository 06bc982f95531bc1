import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  closeSync,
  constants,
  createWriteStream,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { OutputError, UsageError } from '../lib/errors.ts';
import { type Host, pathFromUser } from './host.ts';

/** Where results go. */
export interface Output {
  /** Resolves when there is room for more, so that a slow reader slows the scan down and nothing piles up. */
  write(text: string): Promise<void>;
  /** Whether a person reads it. */
  readonly isTerminal: boolean;
  /** How wide the terminal is; undefined: it is none. */
  readonly columns?: number | undefined;
  /** Ends the output: everything is written. */
  end(): Promise<void>;
  /** Gives a file that has ended its name, so that a failed run never leaves half a document. */
  publish(): void;
  /** Removes an output that is not finished. */
  discard(): void;
}

/** The file that a path leads to in the end, through all links. */
export function realFile(path: string, host: Host): string {
  const file = pathFromUser(path, host);
  try {
    return realpathSync(file);
  } catch {
    // The file does not exist yet.
  }
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return file;
  }
}

/** Why a file cannot be written, as far as that can be seen before it is. */
export function outputMistake(path: string, host: Pick<Host, 'directory'>): string | undefined {
  const file = pathFromUser(path, host);
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a directory');
    if (there?.isFile() && isJournal(file)) throw new Error('it is a journal, which undo needs');
    accessSync(there ? file : dirname(file), constants.W_OK);
    return undefined;
  } catch (error) {
    return `expected a file that can be written, got ${path} (${error instanceof Error ? error.message : error})`;
  }
}

/** The beginning of every line of a journal. */
const JOURNAL = '{"schema":"logseal/journal/';

function isJournal(file: string): boolean {
  const bytes = Buffer.alloc(JOURNAL.length);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(descriptor, bytes)) === JOURNAL;
  } finally {
    closeSync(descriptor);
  }
}

/** Opens standard output, or a file. @throws UsageError when the file cannot be written */
export async function openOutput(path: string | undefined, host: Host): Promise<Output> {
  if (path === undefined) {
    return {
      write: (text) => put(host.out, text),
      isTerminal: host.out.isTTY ?? false,
      columns: host.out.isTTY ? host.out.columns : undefined,
      end: async () => {},
      publish() {},
      discard() {},
    };
  }
  const file = pathFromUser(path, host);
  const isDevice = !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? true);
  const draft = isDevice ? file : `${file}.${randomUUID()}.tmp`;
  // `wx`: nobody who may write to the directory can redirect this by a link. Results name accounts and keys, so a file is readable by
  // its owner only, even where it takes the place of another one. A device keeps its mode.
  const stream = createWriteStream(draft, { flags: isDevice ? 'w' : 'wx', mode: 0o600 });
  await once(stream, 'open').catch((error: Error) => {
    throw new UsageError([
      `--output: expected a file that can be written, got ${path} (${error.message.replace(draft, file)})`,
    ]);
  });
  // A second interrupt waits for nothing, so this must not either.
  if (!isDevice) host.onExit(() => rmSync(draft, { force: true }));
  let broken: OutputError | undefined;
  stream.on('error', (error) => {
    broken ??= new OutputError(`${path} could not be written: ${error.message}`, { cause: error });
  });
  /** Whatever error the stream raises, the same one is reported. */
  const unlessBroken = async (work: () => Promise<unknown>): Promise<void> => {
    if (!broken) await work().catch((error: unknown) => Promise.reject(broken ?? error));
    if (broken) throw broken;
  };
  return {
    write: (text) => unlessBroken(() => put(stream, text)),
    isTerminal: false,
    end: () =>
      unlessBroken(() => {
        stream.end();
        return once(stream, 'close');
      }),
    publish() {
      if (isDevice) return;
      // Another run may have written a journal there since.
      if (existsSync(file) && isJournal(file)) {
        throw new OutputError(`${path} could not be written: it has become a journal, which undo needs`);
      }
      renameSync(draft, file);
    },
    discard: () => {
      stream.destroy();
      if (!isDevice) rmSync(draft, { force: true });
    },
  };
}

async function put(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}
