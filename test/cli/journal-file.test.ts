import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openJournalFile } from '../../cli/journal-file.ts';
import { JournalError } from '../../lib/errors.ts';
import { aKeyEntry } from '../support/builders.ts';
import { aHost } from '../support/host.ts';

it.each<[string, string, (file: string) => Promise<unknown>]>([
  ['has become a directory', 'EISDIR', mkdir],
  ['is on a full disk', 'ENOSPC', (file) => symlink('/dev/full', file)],
])('a journal that %s fails with a JournalError, for every entry', async (_, code, spoil) => {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-journal-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'journal.jsonl');
  const mistakes: string[] = [];
  const journal = openJournalFile(file, aHost().host, mistakes);
  onTestFinished(() => journal.close());
  await spoil(file);

  for (const appended of [journal.append(aKeyEntry()), journal.append(aKeyEntry())]) {
    await expect(appended).rejects.toBeInstanceOf(JournalError);
    await expect(appended).rejects.toMatchObject({
      message: expect.stringMatching(`^the journal cannot be written: ${file}: ${code}`),
      cause: { code },
    });
  }
  expect(mistakes).toEqual([]);
});
