import type { Caller, ReadableJournal } from '../lib/app/ports.ts';
import { alibabaRegionMistake, regionMistake } from '../lib/config.ts';
import { parseArn } from '../lib/domain/arn.ts';
import { changesIn, type JournalEntry, targetOfChange } from '../lib/domain/journal.ts';
import { awsStoreNamed, type LogStore } from '../lib/domain/log-store.ts';
import { logstoreOf, parseLogstoreName } from '../lib/domain/stores/logstore.ts';
import type { Target } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { isAlibaba, journalPath } from './common.ts';
import { whereOf } from './connect.ts';
import type { Host } from './host.ts';
import { isForeign, type JournalFile, openJournalFile } from './journal-file.ts';
import { readJournalEntry } from './schemas.ts';

/** Adds the mistakes in options whose form hangs on the provider. */
export function validateStore(args: Arguments): void {
  const region = args.value('region');
  const store = args.value('store');
  const mistake = region === undefined ? undefined : (isAlibaba(args) ? alibabaRegionMistake : regionMistake)(region);
  if (mistake) args.mistakes.push(`--region: ${mistake}`);
  if (!isAlibaba(args)) return;
  for (const name of ['journal-table', 'profile', 'account']) {
    if (args.flag(name)) args.mistakes.push(`--${name}: expected not to be beside --provider alibaba`);
  }
  if (store === undefined) return;
  if (region === undefined) args.mistakes.push('--region: expected where the Logstore is, got none');
  if (!parseLogstoreName(store)) args.mistakes.push(`--store: expected PROJECT/LOGSTORE, got ${JSON.stringify(store)}`);
}

/** The journal in a file; null where a table is to be read. What is wrong with either choice goes to the mistakes. */
export async function openFile(args: Arguments, host: Host): Promise<JournalFile | null> {
  const run = args.value('run');
  if ((run === undefined) === (args.value('store') === undefined)) {
    args.mistakes.push(`expected either --run or --store, got ${run === undefined ? 'neither' : 'both'}`);
  }
  if (args.flag('journal-table')) {
    if (args.flag('journal')) args.mistakes.push('--journal-table: expected not to be beside --journal');
    return null;
  }
  const path = journalPath(args);
  const before = args.mistakes.length;
  const file = openJournalFile(path, host, args.mistakes);
  if (args.mistakes.length > before) return file;
  if (file.isEmpty)
    args.mistakes.push(
      `--journal: expected the journal of what is to be undone, got ${path}, which is not there or has no entry; it is where apply ran`,
    );
  else if (run !== undefined) {
    const [first] = await file.ofRun(run);
    if (first) validateProviderOf(first, args);
    else args.mistakes.push(unknown('run', run, path));
  }
  return file;
}

function unknown(option: 'run' | 'store', value: string, where: string): string {
  return `--${option}: expected one that is in ${where}, got ${value}`;
}

function validateProviderOf({ store }: JournalEntry, args: Arguments): void {
  const provider = store?.provider ?? 'aws';
  if (provider === whereOf(args).provider) return;
  args.mistakes.push(`--provider: expected ${provider}, whose run it was, got ${whereOf(args).provider}`);
}

/** By its name, in the Region of the log store; or by its ARN, which tells its own. */
export async function openTable(args: Arguments, host: Host, region: string): Promise<ReadableJournal> {
  const { awsReadableJournal } = await import('../lib/runtime.ts');
  const profile = args.value('profile');
  const table = args.value('journal-table') ?? '';
  const arn = parseArn(table);
  const tableName = arn?.resource.replace(/^table\//, '') ?? table;
  return awsReadableJournal({ region: arn?.region ?? region, tableName, profile, ...host.pacing }, readJournalEntry);
}

/** What may be taken back: of a run all of it; of a log store the first of these that there is something to do about. */
export interface Changes {
  readonly runId: string | null;
  readonly changes: readonly JournalEntry[];
}

/** The changes of the run that is named, or those of the log store, the last one first. */
export async function readChanges(
  args: Arguments,
  journal: ReadableJournal,
  region: string,
  { account, partition }: Caller,
): Promise<Changes> {
  const run = args.value('run');
  const name = args.value('store') ?? '';
  const { provider } = whereOf(args);
  const store = storeNamed(name, { provider, account, region }, partition);
  const entries = run === undefined ? await journal.ofStore(store) : await journal.ofRun(run);
  const where = args.value('journal-table') ?? journalPath(args);
  if (entries.length === 0) {
    const mistake = run === undefined ? `${unknown('store', name, where)} in ${region}` : unknown('run', run, where);
    throw new UsageError([mistake]);
  }
  if (entries.some((entry) => isForeign(entry, provider, account))) {
    throw new UsageError([`${where} tells of another account than ${account}, whose credentials these are`]);
  }
  if (run === undefined) return { runId: null, changes: changesIn(entries).toReversed() };
  const changes = changesIn(entries);
  // Beside the name of a table --region says where that is.
  const only = args.flag('journal-table') ? undefined : args.value('region');
  const there = changes.filter((change) => only === undefined || targetOfChange(change).region === only);
  if (changes.length > 0 && there.length === 0) {
    const regions = [...new Set(changes.map((change) => targetOfChange(change).region))].join(', ');
    throw new UsageError([`--region: expected ${regions}, where run ${run} made its changes, got ${only}`]);
  }
  return { runId: run, changes: there };
}

function storeNamed(name: string, target: Target, partition: string): LogStore {
  if (target.provider === 'alibaba') {
    const { project, logstore } = parseLogstoreName(name) ?? { project: '', logstore: '' };
    return logstoreOf(target, project, logstore);
  }
  return awsStoreNamed(partition, target, name);
}
