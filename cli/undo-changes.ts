import pMap from 'p-map';
import type { Caller, ReadableJournal } from '../lib/app/ports.ts';
import { parseArn } from '../lib/domain/arn.ts';
import {
  changesAfter,
  changesIn,
  type JournalEntry,
  type KeyEntry,
  type PolicyEntry,
  targetOfChange,
} from '../lib/domain/journal.ts';
import { PROVIDERS } from '../lib/domain/providers/index.ts';
import { logStoreNamed, nounOf, storeNameMistake } from '../lib/domain/stores/index.ts';
import { UsageError } from '../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import type { Arguments } from './arguments.ts';
import { whereOf } from './connect.ts';
import type { Host } from './host.ts';
import { isForeign, type JournalFile, openJournalFile } from './journal-file.ts';
import { journalPath, providerOf } from './options.ts';
import { readTableEntry } from './schemas.ts';
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

/** The journal in a file; null where the options name a table. Adds the mistakes in either choice. */
export async function openFile(args: Arguments, host: Host): Promise<JournalFile | null> {
  const run = args.value('run');
  if ((run === undefined) === (args.value('store') === undefined)) {
    args.mistakes.push(`expected either --run or --store, got ${run === undefined ? 'neither' : 'both'}`);
  }
  if (args.flag('journal-table')) {
    if (args.flag('journal')) args.mistakes.push('--journal-table: cannot be combined with --journal');
    return null;
  }
  const path = journalPath(args);
  const before = args.mistakes.length;
  const file = openJournalFile(path, host, args.mistakes);
  if (args.mistakes.length > before) return file;
  if (file.isEmpty)
    args.mistakes.push(
      `--journal: expected the journal of the run, got ${path}, which does not exist or has no entry; apply wrote it in the directory where it ran`,
    );
  else if (run !== undefined) {
    const [first] = await file.ofRun(run);
    if (first) validateProviderOf(first, args);
    else args.mistakes.push(unknown('run', run, path));
  }
  return file;
}

function unknown(option: 'run' | 'store', value: string, where: string): string {
  const why =
    option === 'run' ? ': it changed nothing, so there is nothing to undo, or it wrote to another journal' : '';
  return `--${option}: ${value} is not in ${where}${why}`;
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

/** What can be taken back: all changes of a run; of a log store the first change that can still be taken back. */
export interface Changes {
  readonly runId: string | null;
  readonly changes: readonly JournalEntry[];
}

/** The changes of the run in the options, or of the log store in them, the last one first. */
export async function readChanges(
  args: Arguments,
  journal: ReadableJournal,
  region: string,
  { account, partition }: Caller,
): Promise<Changes> {
  const run = args.value('run');
  const name = args.value('store') ?? '';
  const { provider } = whereOf(args);
  const store = logStoreNamed(partition, { provider, account, region }, name);
  const ofStore = async () => (store ? journal.ofStore(store) : []);
  const entries = run === undefined ? await ofStore() : await journal.ofRun(run);
  const where = args.value('journal-table') ?? journalPath(args);
  if (entries.length === 0) {
    const mistake = run === undefined ? `${unknown('store', name, where)} in ${region}` : unknown('run', run, where);
    throw new UsageError([mistake]);
  }
  if (entries.some((entry) => isForeign(entry, provider, account))) {
    throw new UsageError([`${where} is about another account than ${account}, to which these credentials belong`]);
  }
  if (run === undefined) return { runId: null, changes: changesIn(entries).toReversed() };
  const changes = changesIn(entries);
  // With the name of a table, --region says where the table is.
  const only = args.flag('journal-table') ? undefined : args.value('region');
  const there = changes.filter((change) => only === undefined || targetOfChange(change).region === only);
  if (changes.length > 0 && there.length === 0) {
    const regions = [...new Set(changes.map((change) => targetOfChange(change).region))].join(', ');
    throw new UsageError([`--region: expected ${regions}, where run ${run} made its changes, got ${only}`]);
  }
  return { runId: run, changes: there };
}

/** What later runs changed of the same log stores and key policies. */
export interface LaterChanges {
  ofStore(change: KeyEntry): readonly KeyEntry[];
  ofPolicy(change: PolicyEntry): readonly PolicyEntry[];
}

/** Reads what later runs changed of what a run changed. After the last change of a log store there is none. */
export async function readLater(
  { runId, changes }: Changes,
  journal: ReadableJournal,
  file: JournalFile | null,
): Promise<LaterChanges> {
  const keys = runId === null ? [] : changes.filter((change) => change.change === 'KEY');
  const ofStore = async (change: KeyEntry) => {
    const entries = await journal.ofStore(change.store);
    const ofKey = entries.filter((entry): entry is KeyEntry => entry.change === 'KEY');
    return [change, changesAfter(change, ofKey)] as const;
  };
  const later = new Map(await pMap(keys, ofStore, { concurrency: CONCURRENT_TARGETS }));
  return {
    ofStore: (change) => later.get(change) ?? [],
    ofPolicy: (change) => changesAfter(change, file?.ofKeyPolicy(change.keyArn) ?? []),
  };
}
