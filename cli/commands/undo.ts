import pMap from 'p-map';
import { INTERRUPTED } from '../../lib/app/carry-out.ts';
import type { OutcomeDocument } from '../../lib/app/documents.ts';
import { isPolicyToUndo, type PolicyOutcome, undoPolicy } from '../../lib/app/key-repair.ts';
import type { Caller, CloudOf, ReadableJournal } from '../../lib/app/ports.ts';
import { type PlannedUndo, planUndo, undoTarget } from '../../lib/app/undo.ts';
import { alibabaRegionMistake, regionMistake, tableMistake } from '../../lib/config.ts';
import { parseArn } from '../../lib/domain/arn.ts';
import { changesIn, type JournalEntry, type PolicyEntry } from '../../lib/domain/journal.ts';
import { awsStoreNamed, type LogStore, type Target } from '../../lib/domain/log-store.ts';
import { logstoreOf, parseLogstoreName } from '../../lib/domain/logstore.ts';
import { UsageError } from '../../lib/errors.ts';
import { outcomeTable, undoTable } from '../../lib/report/plan-table.ts';
import { counted } from '../../lib/report/table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import {
  CONCURRENT_TARGETS,
  connect,
  finished,
  formatOf,
  isAlibaba,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
  tellOfQuery,
  whereOf,
} from '../common.ts';
import { isWanted, refuseUnasked } from '../confirm.ts';
import { EXIT, type ExitStatus, outcomeStatus } from '../exit-status.ts';
import { isForeign, type JournalFile, openJournalFile } from '../journal-file.ts';
import { withOutput, writeDocument } from '../output.ts';
import { progress } from '../progress.ts';
import { readJournalEntry } from '../schemas.ts';

/** `logseal undo`: takes a run, or the last change of a log store, back to what was there before, by the journal. */
export async function undo(words: readonly string[], signal: AbortSignal): Promise<ExitStatus> {
  const args = readArguments(words, {
    run: { kind: 'value' },
    store: { kind: 'value' },
    yes: { kind: 'flag' },
    journal: { kind: 'value' },
    'journal-table': { kind: 'value', check: tableMistake },
    provider: TARGET_OPTIONS.provider,
    region: { kind: 'value' },
    account: TARGET_OPTIONS.account,
    ...PROFILE_OPTION,
    ...OUTPUT_OPTIONS,
  });
  judgeStore(args);
  const file = await openFile(args);
  refuseUnasked(args);
  refuseMistakes(args);

  const work = withOutput(args.value('output'), async (output) => {
    // What is switched on again has been under that key before.
    const { cloudOf, regions } = await connect(args, { ...whereOf(args), acceptsServiceKey: true });
    const [region = ''] = regions;
    const caller = await cloudOf(region).caller();
    const foreign = file?.mistakesFor(whereOf(args).provider, caller.account) ?? [];
    if (foreign.length > 0) throw new UsageError(foreign);
    const journal = file ?? (await openTable(args, region));
    const found = await readChanges(args, journal, region, caller);
    tellOfQuery(
      args,
      found.changes.filter((change) => change.change === 'KEY'),
    );
    const undoing = await planChanges(found, cloudOf);
    const steps = undoing.keys.map(({ step }) => step);
    const toDo = await pMap(undoing.policies, (each) => isPolicyToUndo(each, cloudOf(regionOf(each)).keys));
    const policies = undoing.policies.filter((_, index) => toDo[index]);
    const count = steps.filter(({ action }) => action !== 'NONE').length + policies.length;
    const question = count === 0 ? null : `Take ${counted(count, 'change')} back?`;
    const show = { args, output, signal };
    if (!(await isWanted((paint) => undoTable(steps, policies, paint), question, show))) {
      output.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const document = await takeBack(undoing, { args, actor: caller.arn, cloudOf, journal, signal });
    await writeDocument(output, formatOf(args), document, () => outcomeTable(document, paintFor(args, output)));
    return signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(document);
  });
  return work.finally(() => file?.close());
}

/** Adds the mistakes in options whose form hangs on the provider. */
function judgeStore(args: Arguments): void {
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
async function openFile(args: Arguments): Promise<JournalFile | null> {
  const run = args.value('run');
  if ((run === undefined) === (args.value('store') === undefined)) {
    args.mistakes.push(`expected either --run or --store, got ${run === undefined ? 'neither' : 'both'}`);
  }
  if (args.flag('journal-table')) {
    if (args.flag('journal')) args.mistakes.push('--journal-table: expected not to be beside --journal');
    return null;
  }
  const path = args.value('journal') ?? 'logseal-journal.ndjson';
  const before = args.mistakes.length;
  const file = openJournalFile(path, args.mistakes);
  if (args.mistakes.length > before) return file;
  if (file.isEmpty)
    args.mistakes.push(
      `--journal: expected the journal of what is to be undone, got ${path}, which is not there or has no entry; it is where apply ran`,
    );
  else if (run !== undefined) {
    const [first] = await file.ofRun(run);
    if (first) judgeProviderOf(first, args);
    else args.mistakes.push(unknown('run', run, path));
  }
  return file;
}

function unknown(option: 'run' | 'store', value: string, where: string): string {
  return `--${option}: expected one that is in ${where}, got ${value}`;
}

function judgeProviderOf({ store }: JournalEntry, args: Arguments): void {
  const provider = store?.provider ?? 'aws';
  if (provider === whereOf(args).provider) return;
  args.mistakes.push(`--provider: expected ${provider}, whose run it was, got ${whereOf(args).provider}`);
}

/** By its name, in the Region of the log store; or by its ARN, which tells its own. */
async function openTable(args: Arguments, region: string): Promise<ReadableJournal> {
  const { awsReadableJournal } = await import('../../lib/runtime.ts');
  const profile = args.value('profile');
  const table = args.value('journal-table') ?? '';
  const arn = parseArn(table);
  const tableName = arn?.resource.replace(/^table\//, '') ?? table;
  return awsReadableJournal({ region: arn?.region ?? region, tableName, profile }, readJournalEntry);
}

/** What may be taken back: of a run all of it; of a log store the first of these that there is something to do about. */
interface Changes {
  readonly runId: string | null;
  readonly changes: readonly JournalEntry[];
}

/** What is to be taken back. */
interface Undoing {
  readonly runId: string;
  readonly keys: readonly PlannedUndo[];
  readonly policies: readonly PolicyEntry[];
}

/** The changes of the run that is named, or those of the log store, the last one first. */
async function readChanges(
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
  const where = args.value('journal-table') ?? args.value('journal') ?? 'logseal-journal.ndjson';
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
  const there = changes.filter((change) => only === undefined || regionOf(change) === only);
  if (changes.length > 0 && there.length === 0) {
    const regions = [...new Set(changes.map(regionOf))].join(', ');
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

/** Of a log store's changes, one that was begun and never made is passed over. */
async function planChanges({ runId, changes }: Changes, cloudOf: CloudOf): Promise<Undoing> {
  const keys = changes.filter((change) => change.change === 'KEY');
  if (runId !== null) {
    const byRegion = Map.groupBy(keys, ({ store }) => store.region);
    const planned = await pMap(byRegion, ([region, some]) => planUndo(some, cloudOf(region), new Date()), {
      concurrency: CONCURRENT_TARGETS,
    });
    return { runId, keys: planned.flat(), policies: changes.filter((change) => change.change === 'POLICY') };
  }
  for (const change of keys) {
    const [planned] = await planUndo([change], cloudOf(change.store.region), new Date());
    const wasNeverMade = change.phase === 'INTENT' && planned?.step.action === 'NONE' && !planned.step.refusal;
    if (planned && !wasNeverMade) return { runId: change.runId, keys: [planned], policies: [] };
  }
  return { runId: keys[0]?.runId ?? '', keys: [], policies: [] };
}

interface Work {
  readonly args: Arguments;
  readonly actor: string;
  readonly cloudOf: CloudOf;
  readonly journal: ReadableJournal;
  readonly signal: AbortSignal;
}

async function takeBack(
  { runId, keys, policies }: Undoing,
  { args, actor, cloudOf, journal, signal }: Work,
): Promise<OutcomeDocument> {
  const run = newRun();
  const by = { runId: run.id, actor, journal, clock: () => new Date(), signal };
  const line = progress('done', args.flag('quiet'));
  const byRegion = Map.groupBy(keys, ({ step }) => step.store.region);
  const steps = await pMap(
    byRegion,
    ([region, some]) => undoTarget(some, cloudOf(region), { ...by, onOutcome: () => line.add(region, 1) }),
    { concurrency: CONCURRENT_TARGETS },
  );
  const restored: PolicyOutcome[] = [];
  for (const change of policies) {
    const { keys: kms } = cloudOf(regionOf(change));
    restored.push(signal.aborted ? interrupted(change) : await undoPolicy(change, kms, by));
  }
  line.clear();
  const regions = new Set([...byRegion.keys(), ...policies.map(regionOf)]);
  return {
    schema: 'logseal/outcome/1',
    run: finished(run),
    planRunId: runId,
    key: null,
    targets: [...regions].map((region) => ({
      provider: whereOf(args).provider,
      account: keys[0]?.step.store.account ?? parseArn(policies[0]?.keyArn ?? '')?.account ?? '',
      region,
      status: 'COMPLETE',
      error: null,
      stores: byRegion.get(region)?.length ?? 0,
      apiCalls: cloudOf(region).apiCalls(),
    })),
    steps: steps.flat(),
    policies: restored,
  };
}

function interrupted({ keyArn }: PolicyEntry): PolicyOutcome {
  return { keyArn, outcome: 'FAILED', refusal: null, error: INTERRUPTED, inEffect: false };
}

function regionOf(change: JournalEntry): string {
  return change.change === 'KEY' ? change.store.region : (parseArn(change.keyArn)?.region ?? '');
}
