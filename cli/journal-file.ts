import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal, JournalEntry } from '../lib/app/ports.ts';
import { pathFromUser } from './output.ts';
import { journalEntrySchema, parseWith } from './schemas.ts';

/**
 * A journal in a file of one JSON object a line. Nothing is created before the first entry. A last line without newline
 * is what a crash leaves: it is reported, ignored, and cut off before the next entry.
 */
export interface JournalFile extends Journal {
  /** Line number of the first entry that is about another account. */
  firstLineOfOtherAccount(account: string): number | null;
  close(): Promise<void>;
}

/** Opens a journal to append to it; each line that is not logseal's goes to `mistakes`. */
export function openJournalFile(path: string, mistakes: string[]): JournalFile {
  const file = pathFromUser(path);
  const { entries, unfinishedLine, length } = readEntries(path, file, mistakes);
  let handle: Promise<FileHandle> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (entry: JournalEntry): Promise<void> => {
    handle ??= openToAppend(file, unfinishedLine === null ? null : length);
    const opened = await handle;
    await opened.appendFile(`${JSON.stringify(entry)}\n`);
    await opened.datasync();
  };
  return {
    firstLineOfOtherAccount: (account) => {
      const index = entries.findIndex(({ store }) => store.account !== account);
      return index === -1 ? null : index + 1;
    },
    append: (entry) => {
      const written = last.then(() => write(entry));
      last = written.catch(() => {});
      return written;
    },
    close: async () => (await handle)?.close(),
  };
}

/** @param length where to cut off an unfinished line; null: there is none */
async function openToAppend(file: string, length: number | null): Promise<FileHandle> {
  // Only its owner may read what was changed where.
  const handle = await open(file, 'a', 0o600);
  if (length !== null) await handle.truncate(length);
  return handle;
}

function readEntries(path: string, file: string, mistakes: string[]) {
  let text = '';
  try {
    const isThere = existsSync(file);
    if (isThere) text = readFileSync(file, 'utf8');
    accessSync(isThere ? file : dirname(file), constants.W_OK);
  } catch (error) {
    mistakes.push(
      `--journal: expected a file that can be read and written, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  const lines = text.split('\n');
  const unfinishedLine = lines.pop() || null;
  if (unfinishedLine !== null) {
    process.stderr.write(
      `${path} ends in an unfinished line, as a crash leaves it; it is ignored: ${unfinishedLine}\n`,
    );
  }
  const entries: JournalEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parseWith(journalEntrySchema, line);
    if ('value' in parsed) entries.push(parsed.value);
    else
      mistakes.push(
        `--journal: ${path} line ${index + 1} is not an entry of logseal's journal: ${parsed.mistakes.join('; ')}`,
      );
  }
  return { entries, unfinishedLine, length: Buffer.byteLength(text) - Buffer.byteLength(unfinishedLine ?? '') };
}
