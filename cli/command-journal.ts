import type { Cloud, StoreJournal } from '../lib/app/ports.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { unlessInterrupted } from './connect.ts';
import type { Host } from './host.ts';
import { type JournalFile, openJournalFile } from './journal-file.ts';
import { defaultJournal, stateDirectoryMistake } from './state-directory.ts';
import { sameFileMistakes } from './validation.ts';

/** The journal that a command writes. Nothing may be read from it or written to it, and nothing may be changed, before `open`. */
export interface CommandJournal extends StoreJournal {
  /**
   * Opens the default journal, that of the caller's account. Once it is open, this does nothing.
   * @param cloud with the caller's own credentials, whichever account is changed
   * @throws UsageError with every mistake in the journal; CloudError when it is not known who calls
   */
  open(cloud: Pick<Cloud, 'provider' | 'caller'>): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file that `--journal` names, which is read at once, or the default one. Adds the mistakes that are known without a call to
 * those in the arguments.
 */
export function commandJournal(args: Arguments, host: Host): CommandJournal {
  const named = args.value('journal');
  let file = named === undefined ? undefined : openJournalFile(named, host, args.mistakes);
  const noDirectory = file ? undefined : stateDirectoryMistake(host);
  if (noDirectory) args.mistakes.push(noDirectory);
  const opened = (): JournalFile => {
    if (!file) throw new Error('the journal is not open');
    return file;
  };
  return {
    async open(cloud) {
      if (file) return;
      const { account } = await unlessInterrupted(host.signal, cloud.caller());
      // Another target may have been faster.
      file ??= openDefault(defaultJournal(host, cloud.provider, account), args, host);
    },
    ofStore: async (store) => opened().ofStore(store),
    append: async (entry) => opened().append(entry),
    close: async () => file?.close(),
  };
}

/** @throws UsageError with every mistake in it */
export function openDefault(path: string, args: Arguments, host: Host): JournalFile {
  const mistakes: string[] = [];
  const file = openJournalFile(path, host, mistakes, 'OWN');
  mistakes.push(...sameFileMistakes(args, path, 'journal', host));
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return file;
}
