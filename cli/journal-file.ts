import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReadableJournal } from '../lib/app/ports.ts';
import { parseArn } from '../lib/domain/arn.ts';
import type { JournalEntry } from '../lib/domain/journal.ts';
import type { Provider } from '../lib/domain/target.ts';
import { JournalError } from '../lib/errors.ts';
import { type Host, pathFromUser } from './host.ts';
import { journalEntrySchema, parseWith } from './schemas.ts';

/**
 * A journal in a file of one JSON object a line. Nothing is created before the first entry. A last line without newline
 * is what a crash leaves: it is reported, ignored, and cut off before the next entry.
 */
export interface JournalFile extends ReadableJournal {
  readonly isEmpty: boolean;
  /** What is wrong with it for who calls: an entry that is about another account of the same cloud. '': not known. */
  mistakesFor(provider: Provider, account: string): string[];
  close(): Promise<void>;
}

/** Opens a journal to append to it; each line that is not logseal's goes to `mistakes`. */
export function openJournalFile(path: string, host: Host, mistakes: string[]): JournalFile {
  const file = pathFromUser(path, host);
  const { entries, size, unfinishedBytes } = readEntries(path, file, host, mistakes);
  let handle: Promise<FileHandle> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    handle ??= openToAppend(file, size, unfinishedBytes);
    const opened = await handle;
    await opened.appendFile(`${JSON.stringify(entry)}\n`);
    await opened.datasync();
  };
  return {
    isEmpty: entries.length === 0,
    mistakesFor: (provider, account) => {
      const index = entries.findIndex((entry) => isForeign(entry, provider, account));
      if (index === -1) return [];
      return [`--journal: line ${index + 1} is about another account than ${account}: name another file`];
    },
    ofRun: async (runId) => entries.filter((entry) => entry.runId === runId),
    ofStore: async ({ provider, region, name }) =>
      entries.filter(({ store }) => store?.provider === provider && store.region === region && store.name === name),
    append: (entry) => {
      // One after the other; after one that failed there is no telling where a line would begin, so all others fail too.
      const written = last.then(() => write(entry));
      last = written;
      written.catch(() => {});
      return written;
    },
    close: async () => (await handle?.catch(() => undefined))?.close(),
  };
}

/** Whether an entry is about another account of the same cloud; one that is not known is no other. */
export function isForeign(entry: JournalEntry, provider: Provider, account: string): boolean {
  const owner = entry.change === 'KEY' ? entry.store.account : (parseArn(entry.keyArn)?.account ?? '');
  return (entry.store?.provider ?? 'aws') === provider && account !== '' && owner !== '' && owner !== account;
}

/** Cuts an unfinished line off, if the file still is as it was read: another run may have added to it since. */
async function openToAppend(file: string, sizeAsRead: number, unfinishedBytes: number): Promise<FileHandle> {
  // Only its owner may read what was changed where.
  const handle = await open(file, 'a', 0o600);
  if (unfinishedBytes === 0) return handle;
  if ((await handle.stat()).size !== sizeAsRead) {
    await handle.close();
    throw new JournalError(`${file} ended in an unfinished line, and another run has written to it since: run again`);
  }
  await handle.truncate(sizeAsRead - unfinishedBytes);
  return handle;
}

function readEntries(path: string, file: string, { err }: Host, mistakes: string[]) {
  let bytes: Buffer = Buffer.alloc(0);
  try {
    const isThere = existsSync(file);
    if (isThere && !statSync(file).isFile()) throw new Error('it is not a regular file');
    if (isThere) bytes = readFileSync(file);
    accessSync(isThere ? file : dirname(file), constants.W_OK);
  } catch (error) {
    mistakes.push(
      `--journal: expected a file that can be read and written, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  const end = bytes.lastIndexOf('\n') + 1;
  const lines = linesOf(bytes.subarray(0, end));
  if (end < bytes.length) {
    const unfinishedLine = bytes.subarray(end).toString();
    err.write(`${path} ends in an unfinished line, as a crash leaves it; it is ignored: ${unfinishedLine}\n`);
  }
  const entries: JournalEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = line === null ? NOT_UTF8 : parseWith(journalEntrySchema, line);
    if ('value' in parsed) entries.push(parsed.value);
    else
      mistakes.push(
        `--journal: ${path} line ${index + 1} is not an entry of logseal's journal: ${parsed.mistakes.join('; ')}`,
      );
  }
  return { entries, size: bytes.length, unfinishedBytes: bytes.length - end };
}

const NOT_UTF8: { mistakes: string[] } = { mistakes: ['expected UTF-8'] };

/** Whole lines; null: bytes that are no text, which would be written back as something else. */
function linesOf(bytes: Buffer): (string | null)[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const lines: (string | null)[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\n', start);
    try {
      lines.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      lines.push(null);
    }
    start = end + 1;
  }
  return lines;
}
