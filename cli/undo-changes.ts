import pMap from 'p-map';
import type { Caller, ReadableJournal } from '../lib/app/ports.ts';
import {
  changesAfter,
  changesIn,
  type JournalEntry,
  type KeyEntry,
  type PolicyEntry,
  targetOfChange,
} from '../lib/domain/journal.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import { logStoreNamed } from '../lib/domain/stores/index.ts';
import type { Target } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import type { Arguments } from './arguments.ts';
import { type Connection, firstTarget, whereOf } from './connect.ts';
import { runInTable, unknown } from './find-run.ts';
import type { Host } from './host.ts';
import { isForeign, type JournalFile } from './journal-file.ts';
import { foreignAccountsMistake } from './own-account.ts';
import { openDefaultOf, openTable, type Source } from './undo-source.ts';

/** What can be taken back: all changes of a run; of a log store the first change that can still be taken back. */
export interface Changes {
  readonly runId: string | null;
  readonly changes: readonly JournalEntry[];
}

/** A journal, and what is to be taken back of what it has. */
interface Opened {
  readonly journal: ReadableJournal;
  /** null: the journal is a table. */
  readonly file: JournalFile | null;
  readonly found: Changes;
}

/**
 * Opens the journal and reads the changes of the run or the log store in the options.
 * @param connection its first target is where the log store is, or a table that is named without its Region; the accounts of all of
 *   them may be changed
 * @throws UsageError where there are none
 */
export async function openChanges(
  { file: known, runId }: Source,
  args: Arguments,
  host: Host,
  connection: Connection,
  caller: Caller,
): Promise<Opened> {
  const { target } = firstTarget(connection);
  const store = storeIn(args, target, caller);
  const table = args.value('journal-table');
  if (table !== undefined) {
    const journal = await openTable(args, host, target.region);
    if (store) return { journal, file: null, found: await changesOfStore(store, journal, table) };
    const run = await runInTable(args.value('run') ?? '', journal);
    return { journal, file: null, found: await changesOfRun(run, args, journal, caller, table, connection) };
  }
  if (!store) {
    if (!known || runId === null) throw new Error('a command without a log store has no run either');
    return {
      journal: known,
      file: known,
      found: await changesOfRun(runId, args, known, caller, known.path, connection),
    };
  }
  const file = known ?? (await openDefaultOf(store, caller.account, args, host));
  return { journal: file, file, found: await changesOfStore(store, file, file.path) };
}

/** The log store in the options; undefined: a run is named. Where no account is entered, it is the caller's. */
function storeIn(args: Arguments, target: Target, { account, partition }: Caller): LogStore | undefined {
  const name = args.value('store');
  if (name === undefined) return undefined;
  return logStoreNamed(partition, { ...target, account: target.account || account }, name);
}

/** The changes of a log store, the last one first. @param where names the journal. @throws UsageError where there are none */
async function changesOfStore(store: LogStore, journal: ReadableJournal, where: string): Promise<Changes> {
  const entries = await journal.ofStore(store);
  if (entries.length === 0) throw new UsageError([`${unknown('store', store.name, where)} in ${store.region}`]);
  return { runId: null, changes: changesIn(entries).toReversed() };
}

/**
 * The changes of a run, in the Region of the options if they name one.
 * @param where names the journal
 * @throws UsageError where there are none, or where some are of an account that may not be changed
 */
async function changesOfRun(
  run: string,
  args: Arguments,
  journal: ReadableJournal,
  { account }: Caller,
  where: string,
  { targets: entered }: Connection,
): Promise<Changes> {
  const entries = await journal.ofRun(run);
  if (entries.length === 0) throw new UsageError([unknown('run', run, where)]);
  const changes = changesIn(entries);
  const others = changes.filter((change) => isForeign(change, whereOf(args).provider, account));
  const accounts = others.map((entry) => targetOfChange(entry).account);
  const mistake = foreignAccountsMistake(`--run: run ${run} changed`, accounts, account, entered, args);
  if (mistake) throw new UsageError([mistake]);
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
