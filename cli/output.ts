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
import type { KeyCheckDocument, KeyRepairDocument, OutcomeDocument, PlanDocument } from '../lib/report/documents.ts';
import { type Host, pathFromUser } from './host.ts';

/** Where results go. */
export interface Output {
  /** Resolves when there is room for more, so that a slow reader slows the scan down and nothing piles up. */
  write(text: string): Promise<void>;
  /** Whether a person reads it. */
  readonly isTerminal: boolean;
  /** Ends it; a file takes its name only now, so that a run that failed never leaves half a document under it. */
  finish(): Promise<void>;
  /** Takes back what is not finished. */
  discard(): void;
}

/** Where a file is in the end, whatever links lead there. */
export function realFile(path: string, host: Host): string {
  const file = pathFromUser(path, host);
  try {
    return realpathSync(file);
  } catch {
    // It is not there yet.
  }
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return file;
  }
}

/** What keeps a file from being written, as far as can be told before anything is. */
export function outputMistake(path: string, host: Pick<Host, 'directory'>): string | undefined {
  const file = pathFromUser(path, host);
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a directory');
    if (there?.isFile() && isJournal(file)) throw new Error('it is a journal, the way back');
    accessSync(there ? file : dirname(file), constants.W_OK);
    return undefined;
  } catch (error) {
    return `expected a file that can be written, got ${path} (${error instanceof Error ? error.message : error})`;
  }
}

/** How every line of a journal begins. */
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

/** Does some work with standard output, or with a file, and takes back what is not finished when the work fails. */
export async function withOutput<T>(
  path: string | undefined,
  host: Host,
  work: (output: Output) => Promise<T>,
): Promise<T> {
  const output = await openOutput(path, host);
  try {
    return await work(output);
  } catch (error) {
    output.discard();
    throw error;
  }
}

/** @throws UsageError when the file cannot be written */
async function openOutput(path: string | undefined, host: Host): Promise<Output> {
  if (path === undefined) {
    return {
      write: (text) => put(host.out, text),
      isTerminal: host.out.isTTY ?? false,
      finish: async () => {},
      discard() {},
    };
  }
  const file = pathFromUser(path, host);
  const isDevice = !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? true);
  const draft = isDevice ? file : `${file}.${randomUUID()}.tmp`;
  // `wx`: whoever may write beside the file must not choose where this goes.
  const stream = createWriteStream(draft, { flags: isDevice ? 'w' : 'wx' });
  await once(stream, 'open').catch((error: Error) => {
    throw new UsageError([`--output: expected a file that can be written, got ${path} (${error.message})`]);
  });
  // A second interrupt does not wait for anything.
  if (!isDevice) host.onExit(() => rmSync(draft, { force: true }));
  let broken: OutputError | undefined;
  stream.on('error', (error) => {
    broken ??= new OutputError(`${path} could not be written: ${error.message}`, { cause: error });
  });
  /** Whatever the stream throws to whoever waits for it, the same is said. */
  const unlessBroken = async (work: () => Promise<unknown>): Promise<void> => {
    if (!broken) await work().catch((error: unknown) => Promise.reject(broken ?? error));
    if (broken) throw broken;
  };
  return {
    write: (text) => unlessBroken(() => put(stream, text)),
    isTerminal: false,
    finish: async () => {
      await unlessBroken(() => {
        stream.end();
        return once(stream, 'close');
      });
      if (isDevice) return;
      // It may have become one since.
      if (existsSync(file) && isJournal(file)) {
        throw new OutputError(`${path} could not be written: it is a journal by now, the way back`);
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

/** Writes a document: whole as JSON, a step or a target a line and the rest last as NDJSON, or as a table. */
export async function writeDocument(
  output: Output,
  format: 'table' | 'json' | 'ndjson',
  document: PlanDocument | OutcomeDocument | KeyCheckDocument | KeyRepairDocument,
  table: () => string,
): Promise<void> {
  if (format === 'table') {
    await output.write(table());
  } else if (format === 'json') {
    await output.write(`${JSON.stringify(document)}\n`);
  } else {
    const { items, schema, ...totals } = itemized(document);
    for (const item of items) await output.write(`${JSON.stringify(item)}\n`);
    const name = items.length === 0 && 'repair' in totals ? schema : schema.replace(/\/1$/, '-summary/1');
    await output.write(`${JSON.stringify({ schema: name, ...totals })}\n`);
  }
  await output.finish();
}

function itemized(document: PlanDocument | OutcomeDocument | KeyCheckDocument | KeyRepairDocument) {
  switch (document.schema) {
    case 'logseal/key-repair/1':
      return { items: [], ...document };
    case 'logseal/key-check/1': {
      const { targets: items, ...totals } = document;
      return { items, ...totals };
    }
    default: {
      const { steps: items, ...totals } = document;
      return { items, ...totals };
    }
  }
}
