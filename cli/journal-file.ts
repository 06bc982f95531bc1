import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EntriesOfRun, ReadableJournal } from '../lib/app/ports.ts';
import { type JournalEntry, type PolicyEntry, targetOfChange } from '../lib/domain/journal.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { Provider } from '../lib/domain/target.ts';
import { asError, JournalError } from '../lib/errors.ts';
import { type Host, pathFromUser } from './host.ts';
import { journalEntrySchema, parseWith } from './schemas.ts';

/**
 * A journal in a file of one JSON object a line. The file is created with the first entry. A crash leaves a last line without a
 * newline: it is reported, ignored, and cut off before the next entry.
 */
export interface JournalFile extends ReadableJournal {
  readonly isEmpty: boolean;
  /** The entries about the policy of a key. */
  ofKeyPolicy(keyArn: string): PolicyEntry[];
  /** The entries that are about another account of the same provider, as mistakes. @param account '' where it is not known */
  mistakesFor(provider: Provider, account: string): string[];
  close(): Promise<void>;
}

/** Opens a journal to append to it; adds each line that is not logseal's to `mistakes`. */
export function openJournalFile(path: string, host: Host, mistakes: string[]): JournalFile {
  const file = pathFromUser(path, host);
  const { entries, size, unfinishedBytes } = readEntries(path, file, host, mistakes);
  let byStore: Map<string, JournalEntry[]> | undefined;
  let handle: Promise<FileHandle> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    try {
      handle ??= openToAppend(file, size, unfinishedBytes);
      const opened = await handle;
      await opened.appendFile(`${JSON.stringify(entry)}\n`);
      await opened.datasync();
    } catch (error) {
      if (error instanceof JournalError) throw error;
      throw new JournalError(`the journal cannot be written: ${file}: ${asError(error).message}`, { cause: error });
    }
  };
  return {
    isEmpty: entries.length === 0,
    runs: () => eachRun(entries),
    mistakesFor: (provider, account) => {
      const index = entries.findIndex((entry) => isForeign(entry, provider, account));
      if (index === -1) return [];
      return [`--journal: line ${index + 1} is about another account than ${account}: name another file`];
    },
    ofRun: async (runId) => entries.filter((entry) => entry.runId === runId),
    ofStore: async (store) => {
      byStore ??= Map.groupBy(entries, (entry) => storeKey(entry.store));
      return byStore.get(storeKey(store)) ?? [];
    },
    ofKeyPolicy: (keyArn) =>
      entries.filter((entry): entry is PolicyEntry => entry.change === 'POLICY' && entry.keyArn === keyArn),
    append: (entry) => {
      // One at a time. After a failed write it is not known where the next line begins, so all later ones fail too.
      const written = last.then(() => write(entry));
      last = written;
      written.catch(() => {});
      return written;
    },
    close: async () => (await handle?.catch(() => undefined))?.close(),
  };
}

/** Without the account, which may not be known. */
function storeKey(store: LogStore | null): string {
  return store === null ? '' : `${store.provider} ${store.region} ${store.name}`;
}

/** Whether an entry is about another account of the same provider. An account that is not known does not count. */
export function isForeign(entry: JournalEntry, provider: Provider, account: string): boolean {
  const owner = targetOfChange(entry);
  return owner.provider === provider && account !== '' && owner.account !== '' && owner.account !== account;
}

/** Cuts off an unfinished line, unless another run has added to the file since it was read. */
async function openToAppend(file: string, sizeAsRead: number, unfinishedBytes: number): Promise<FileHandle> {
  // Readable by its owner only: it shows what was changed where.
  const handle = await open(file, 'a', 0o600);
  if (unfinishedBytes === 0) return handle;
  if ((await handle.stat()).size !== sizeAsRead) {
    await handle.close();
    throw new JournalError(
      `${file} ended in an unfinished line, and another run has written to it since: run the command again`,
    );
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
    err.write(`${path} ends in an unfinished line, as a crash leaves it. The line is ignored: ${unfinishedLine}\n`);
  }
  const entries: JournalEntry[] = [];
  const wrong: string[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = line === null ? NOT_UTF8 : parseWith(journalEntrySchema, line);
    if ('value' in parsed) entries.push(parsed.value);
    else wrong.push(`line ${index + 1} is not an entry of logseal's journal: ${parsed.mistakes.join('; ')}`);
  }
  // A file without a single entry is some other file, of which one line says enough.
  const [first] = wrong;
  const isOther = entries.length === 0 && first !== undefined && wrong.length > 1;
  const shown = isOther ? [`${first} (nor is any other line: is this the right file?)`] : wrong;
  mistakes.push(...shown.map((mistake) => `--journal: ${path} ${mistake}`));
  return { entries, size: bytes.length, unfinishedBytes: bytes.length - end };
}

const NOT_UTF8: { mistakes: string[] } = { mistakes: ['expected UTF-8'] };

/** Complete lines; null for bytes that are not UTF-8, which would be written back as something else. */
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

async function* eachRun(entries: readonly JournalEntry[]): AsyncGenerator<EntriesOfRun> {
  for (const run of Map.groupBy(entries, ({ runId }) => runId).values()) yield run as [JournalEntry, ...JournalEntry[]];
}
