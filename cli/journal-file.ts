import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EntriesOfRun, ReadableJournal } from '../lib/app/ports.ts';
import { type JournalEntry, type PolicyEntry, targetOfChange } from '../lib/domain/journal.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { Provider } from '../lib/domain/target.ts';
import { asError, JournalError } from '../lib/errors.ts';
import { type Host, pathFromUser } from './host.ts';
import { journalEntrySchema, parseWith } from './schemas.ts';
import { nearestOf } from './state-directory.ts';

/**
 * A journal in a file of one JSON object a line. The file is created with the first entry. A crash leaves a last line without a
 * newline: it is reported, ignored, and cut off before the next entry.
 */
export interface JournalFile extends ReadableJournal {
  /** As it is named to people. */
  readonly path: string;
  readonly entryCount: number;
  /** The id of every run in it. */
  readonly runIds: ReadonlySet<string>;
  /** The entries about the policy of a key. */
  ofKeyPolicy(keyArn: string): PolicyEntry[];
  close(): Promise<void>;
}

/**
 * What a file is opened for. `WRITE`: it, or a file in its directory, must be writable. `OWN`: the same, and its directory is
 * made with the first entry, for its owner alone. `READ`: it must be there.
 */
export type JournalUse = 'WRITE' | 'OWN' | 'READ';

/** Opens a journal; adds each line that is not logseal's to `mistakes`. */
export function openJournalFile(path: string, host: Host, mistakes: string[], use: JournalUse = 'WRITE'): JournalFile {
  const file = pathFromUser(path, host);
  const { entries, size, unfinishedBytes } = readEntries(path, host, mistakes, use);
  let byStore: Map<string, JournalEntry[]> | undefined;
  let handle: Promise<FileHandle> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    try {
      handle ??= openToAppend(file, size, unfinishedBytes, use);
      const opened = await handle;
      await opened.appendFile(`${JSON.stringify(entry)}\n`);
      await opened.datasync();
    } catch (error) {
      if (error instanceof JournalError) throw error;
      throw new JournalError(`the journal cannot be written: ${file}: ${asError(error).message}`, { cause: error });
    }
  };
  return {
    path,
    entryCount: entries.length,
    runIds: new Set(entries.map(({ runId }) => runId)),
    runs: () => eachRun(entries),
    ofRun: async (runId) => entries.filter((entry) => entry.runId === runId),
    ofStore: async (store) => {
      byStore ??= Map.groupBy(entries, (entry) => storeKey(entry.store));
      return (byStore.get(storeKey(store)) ?? []).filter((entry) => !isForeign(entry, store.provider, store.account));
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

async function* eachRun(entries: readonly JournalEntry[]): AsyncGenerator<EntriesOfRun> {
  for (const [first, ...others] of Map.groupBy(entries, ({ runId }) => runId).values()) {
    if (first) yield [first, ...others];
  }
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
async function openToAppend(
  file: string,
  sizeAsRead: number,
  unfinishedBytes: number,
  use: JournalUse,
): Promise<FileHandle> {
  if (use === 'OWN') await mkdir(dirname(file), { recursive: true, mode: 0o700 });
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

function readEntries(path: string, { err, directory }: Host, mistakes: string[], use: JournalUse) {
  const file = pathFromUser(path, { directory });
  let bytes: Buffer = Buffer.alloc(0);
  try {
    const isThere = existsSync(file);
    if (isThere && !statSync(file).isFile()) throw new Error('it is not a regular file');
    if (isThere || use === 'READ') bytes = readFileSync(file);
    const written = use === 'OWN' ? nearestOf(file) : dirname(file);
    if (use !== 'READ') accessSync(isThere ? file : written, constants.W_OK);
  } catch (error) {
    mistakes.push(
      `--journal: expected a file that can be read${use === 'READ' ? '' : ' and written'}, got ${path} (${error instanceof Error ? error.message : error})`,
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
