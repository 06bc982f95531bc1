import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Provider } from '../lib/domain/target.ts';
import { type Host, pathFromUser } from './host.ts';

/** Where the journal was kept once: in the directory where the command was typed. What is there can still be undone. */
export const EARLIER_JOURNAL = 'logseal-journal.ndjson';

type Surroundings = Pick<Host, 'environment' | 'directory'>;

/**
 * The directory of the journals, by the XDG Base Directory Specification: below `XDG_STATE_HOME`, which counts only where it is
 * absolute, else below `~/.local/state`.
 */
export function stateDirectory({ environment, directory }: Surroundings): string {
  const named = environment['XDG_STATE_HOME'] ?? '';
  const home = environment['HOME'] || homedir();
  return pathFromUser(join(isAbsolute(named) ? named : join(home, '.local', 'state'), 'logseal'), { directory });
}

/** The default journal. @param account the caller's; `''` where the credentials do not tell it */
export function defaultJournal(host: Surroundings, provider: Provider, account: string): string {
  const name = /^\d+$/.test(account) ? account : provider;
  return join(stateDirectory(host), `${name}.ndjson`);
}

/** The default journals of all accounts that have one. */
export function defaultJournals(host: Surroundings): string[] {
  const directory = stateDirectory(host);
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.endsWith('.ndjson'));
  return names.sort().map((name) => join(directory, name));
}

/** The journal that was the default once; none where it is not there. */
export function earlierJournals(host: Surroundings): string[] {
  return existsSync(pathFromUser(EARLIER_JOURNAL, host)) ? [EARLIER_JOURNAL] : [];
}

/** Why no journal can be kept in the state directory, as far as that can be seen before it is. */
export function stateDirectoryMistake(host: Surroundings): string | undefined {
  const directory = stateDirectory(host);
  try {
    const there = nearestOf(directory);
    if (!statSync(there).isDirectory()) throw new Error(`${there} is not a directory`);
    accessSync(there, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    return `--journal: expected a file, since the default directory ${directory} cannot be written (${why})`;
  }
}

/** The directory itself, or the innermost one above it that exists. */
export function nearestOf(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestOf(dirname(path));
}
