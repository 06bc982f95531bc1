import type { ReadableJournal } from '../lib/app/ports.ts';
import { parseArn } from '../lib/domain/arn.ts';
import { type JournalEntry, targetOfChange } from '../lib/domain/journal.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import { PROVIDERS } from '../lib/domain/providers/index.ts';
import { nounOf, storeNameMistake } from '../lib/domain/stores/index.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { openDefault } from './command-journal.ts';
import { whereOf } from './connect.ts';
import { announceEarlier, findRun, runNamed, unknown } from './find-run.ts';
import type { Host } from './host.ts';
import { type JournalFile, openJournalFile } from './journal-file.ts';
import { providerOf } from './options.ts';
import { readTableEntry } from './schemas.ts';
import {
  defaultJournal,
  defaultJournals,
  earlierJournals,
  stateDirectory,
  stateDirectoryMistake,
} from './state-directory.ts';
import { refuseForeignOptions } from './validation.ts';

/** Adds the mistakes in options that differ by provider. */
export function validateStore(args: Arguments): void {
  const provider = providerOf(args);
  const region = args.value('region');
  const store = args.value('store');
  const mistake = region === undefined ? undefined : PROVIDERS[provider].regionMistake(region);
  if (mistake) args.mistakes.push(`--region: ${mistake}`);
  refuseForeignOptions(args, provider);
  if (store === undefined) return;
  if (!PROVIDERS[provider].hasDefaultRegion && region === undefined) {
    args.mistakes.push(`--region: expected the Region of the ${nounOf(provider)}, got none`);
  }
  const wrongName = storeNameMistake(provider, store);
  if (wrongName) args.mistakes.push(`--store: ${wrongName}`);
}

/** Which journal has the changes, as far as that is known before anything is called. */
export interface Source {
  /** null: a table, or the default journal of the caller's account. */
  readonly file: JournalFile | null;
  /** The whole id of the run; null: it is not known yet, or a log store is named. */
  readonly runId: string | null;
}

const NOT_KNOWN: Source = { file: null, runId: null };

/** Adds the mistakes in the choice of run, log store and journal, and those in the journal. */
export async function findSource(args: Arguments, host: Host): Promise<Source> {
  const run = args.value('run');
  const before = args.mistakes.length;
  if ((run === undefined) === (args.value('store') === undefined)) {
    args.mistakes.push(`expected either --run or --store, got ${run === undefined ? 'neither' : 'both'}`);
  }
  if (args.flag('journal-table')) {
    if (args.flag('journal')) args.mistakes.push('--journal-table: cannot be combined with --journal');
    return NOT_KNOWN;
  }
  const named = args.value('journal');
  if (named !== undefined) return sourceIn(named, run, args, host);
  const noDirectory = stateDirectoryMistake(host);
  if (noDirectory) args.mistakes.push(noDirectory);
  if (args.mistakes.length > before) return NOT_KNOWN;
  if (defaultJournals(host).length + earlierJournals(host).length === 0) {
    args.mistakes.push(
      `--journal: expected the journal of the change, since there is none in ${stateDirectory(host)}, where apply and key repair keep it`,
    );
    return NOT_KNOWN;
  }
  if (run === undefined) return NOT_KNOWN;
  const found = findRun(run, host, args.mistakes);
  if (!found) return NOT_KNOWN;
  return ofProvider({ file: openJournalFile(found.path, host, args.mistakes), runId: found.runId }, args);
}

async function sourceIn(path: string, run: string | undefined, args: Arguments, host: Host): Promise<Source> {
  const before = args.mistakes.length;
  const file = openJournalFile(path, host, args.mistakes);
  if (args.mistakes.length > before) return { file, runId: null };
  if (file.entryCount === 0) {
    args.mistakes.push(
      `--journal: expected the journal of the change, got ${path}, which does not exist or has no entry`,
    );
  } else if (run !== undefined) {
    const runId = runNamed(run, file.runIds, args.mistakes);
    if (runId === undefined) args.mistakes.push(unknown('run', run, path));
    return ofProvider({ file, runId: runId ?? null }, args);
  }
  return { file, runId: null };
}

async function ofProvider(source: Source, args: Arguments): Promise<Source> {
  const [first] = (await source.file?.ofRun(source.runId ?? '')) ?? [];
  if (first) validateProviderOf(first, args);
  return source;
}

/**
 * The default journal that has the changes of a log store: that of the caller's account, where the credentials do not tell it that
 * of any account, or the one that was the default once.
 * @param caller the caller's account, which need not be that of the log store
 * @throws UsageError with the mistakes in it, or where no journal has the log store
 */
export async function openDefaultOf(
  store: LogStore,
  caller: string,
  args: Arguments,
  host: Host,
): Promise<JournalFile> {
  const { provider, region, name } = store;
  const own = defaultJournal(host, provider, caller);
  const earlier = earlierJournals(host);
  for (const path of [own, ...(caller === '' ? defaultJournals(host) : []), ...earlier]) {
    const file = openDefault(path, args, host);
    if ((await file.ofStore(store)).length === 0) continue;
    if (earlier.includes(path)) announceEarlier(name, own, host);
    return file;
  }
  throw new UsageError([`${unknown('store', name, [own, ...earlier].join(' and in '))} in ${region}`]);
}

function validateProviderOf(change: JournalEntry, args: Arguments): void {
  const { provider } = targetOfChange(change);
  if (provider === whereOf(args).provider) return;
  args.mistakes.push(`--provider: the run was on ${provider}, got ${whereOf(args).provider}`);
}

/** The table by its name, in the Region of the log store, or by its ARN, which has its own Region. */
export async function openTable(args: Arguments, host: Host, region: string): Promise<ReadableJournal> {
  const { awsReadableJournal } = await import('../lib/runtime.ts');
  const profile = args.value('profile');
  const table = args.value('journal-table') ?? '';
  const arn = parseArn(table);
  const tableName = arn?.resource.replace(/^table\//, '') ?? table;
  return awsReadableJournal({ region: arn?.region ?? region, tableName, profile, ...host.pacing }, readTableEntry);
}
