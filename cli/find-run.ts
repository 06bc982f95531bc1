import { readFileSync } from 'node:fs';
import type { ReadableJournal } from '../lib/app/ports.ts';
import { UsageError } from '../lib/errors.ts';
import { type Host, pathFromUser } from './host.ts';
import { defaultJournals, EARLIER_JOURNAL, earlierJournals, stateDirectory } from './state-directory.ts';

/** A run that a text names by its whole id or by the beginning of it. */
export interface NamedRun {
  readonly runId: string;
  /** The journal that has it. */
  readonly path: string;
}

/** Finds the run among the default journals of all accounts, then in the one that was the default once; says where it was. */
export function findRun(named: string, host: Host, mistakes: string[]): NamedRun | undefined {
  const directory = stateDirectory(host);
  const earlier = earlierJournals(host);
  for (const paths of [defaultJournals(host), earlier]) {
    const pathOf = new Map(paths.toReversed().flatMap((path) => runIdsIn(path, host).map((id) => [id, path] as const)));
    const runId = runNamed(named, pathOf.keys(), mistakes);
    if (runId === 'AMBIGUOUS') return undefined;
    if (runId === undefined) continue;
    if (paths === earlier) announceEarlier(`run ${runId}`, directory, host);
    return { runId, path: pathOf.get(runId) ?? '' };
  }
  mistakes.push(unknown('run', named, [directory, ...earlier].join(' and in ')));
  return undefined;
}

/**
 * The only run whose id is, or begins with, a text; undefined: there is none.
 * @returns AMBIGUOUS where there are several: they are listed as a mistake
 */
export function runNamed(named: string, runIds: Iterable<string>, mistakes: string[]): string | undefined {
  const candidates = new Set<string>();
  for (const runId of runIds) {
    if (runId === named) return runId;
    if (runId.startsWith(named)) candidates.add(runId);
  }
  const [first, ...others] = [...candidates].sort();
  if (others.length === 0 || first === undefined) return first;
  const shown = [first, ...others].slice(0, MAX_CANDIDATES);
  const more = candidates.size - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more.toLocaleString('en')} more`] : [])].join(', ');
  mistakes.push(`--run: expected the beginning of one run's id, got ${named}, with which several begin: ${list}`);
  return 'AMBIGUOUS';
}

/** As many as a person compares; `logseal runs` lists them all. */
const MAX_CANDIDATES = 5;

/** A run of a table. Only a whole id can be queried: for the beginning of one every entry is read. @throws UsageError */
export async function runInTable(named: string, journal: ReadableJournal): Promise<string> {
  if (UUID.test(named)) return named;
  const runIds: string[] = [];
  for await (const [{ runId }] of journal.runs()) runIds.push(runId);
  const mistakes: string[] = [];
  const runId = runNamed(named, runIds, mistakes);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return runId ?? named;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The mistake of naming what a journal does not have. */
export function unknown(option: 'run' | 'store', value: string, where: string): string {
  const why =
    option === 'run' ? ': it changed nothing, so there is nothing to undo, or it wrote to another journal' : '';
  return `--${option}: ${value} is not in ${where}${why}`;
}

/** Says that something is not in the default journal, but in the one that was the default once. */
export function announceEarlier(what: string, notIn: string, { err }: Pick<Host, 'err'>): void {
  err.write(`not in ${notIn}, but in ${EARLIER_JOURNAL} of this directory: ${what}\n`);
}

/** The ids of the runs in a file, whatever else is wrong with it: what it is used for is read in full. */
function runIdsIn(path: string, host: Host): string[] {
  try {
    const text = readFileSync(pathFromUser(path, host), 'utf8');
    // In a text within the line, each quote has a backslash before it.
    return [...text.matchAll(/"runId"\s*:\s*"([^"\\]+)"/g)].map(([, runId = '']) => runId);
  } catch {
    return [];
  }
}
