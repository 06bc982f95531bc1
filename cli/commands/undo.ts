import pMap from 'p-map';
import { INTERRUPTED } from '../../lib/app/change/execute-steps.ts';
import { type PlannedUndo, planUndo, undoTarget } from '../../lib/app/change/undo.ts';
import { isPolicyToUndo, type PolicyOutcome, undoPolicy } from '../../lib/app/key/repair-key-policy.ts';
import type { CloudOf, ReadableJournal } from '../../lib/app/ports.ts';
import { tableMistake } from '../../lib/config.ts';
import { type KeyEntry, type PolicyEntry, targetOfChange } from '../../lib/domain/journal.ts';
import { byTarget } from '../../lib/domain/target.ts';
import { UsageError } from '../../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { OutcomeDocument } from '../../lib/report/documents.ts';
import { outcomeTable, undoTable } from '../../lib/report/plan-table.ts';
import { counted } from '../../lib/report/table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  JOURNAL_OPTION,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
  tellOfQuery,
  undoCommand,
} from '../common.ts';
import { isWanted, refuseUnasked } from '../confirm.ts';
import { connect, onlyTarget, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus, outcomeStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { withOutput, writeDocument } from '../output.ts';
import { withProgress } from '../progress.ts';
import { type Changes, openFile, openTable, readChanges, validateStore } from '../undo-changes.ts';

/** `logseal undo`: takes a run, or the last change of a log store, back to what was there before, by the journal. */
export async function undo(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      run: { kind: 'value' },
      store: { kind: 'value' },
      yes: { kind: 'flag' },
      ...JOURNAL_OPTION,
      'journal-table': { kind: 'value', check: tableMistake },
      provider: TARGET_OPTIONS.provider,
      region: { kind: 'value' },
      account: TARGET_OPTIONS.account,
      ...PROFILE_OPTION,
      ...OUTPUT_OPTIONS,
    },
    host,
  );
  validateStore(args);
  const file = await openFile(args, host);
  refuseUnasked(args, host);
  await refuseMistakes(args, host);

  const work = withOutput(args.value('output'), host, async (output) => {
    const { provider, ...where } = whereOf(args);
    // What a file tells of a run says where it was.
    const [made] = (await file?.ofRun(args.value('run') ?? '')) ?? [];
    const known = where.regions.length === 0 && made ? [targetOfChange(made).region] : where.regions;
    // What is switched on again has been under that key before.
    const everywhere = { ...where, provider, regions: known, acceptsServiceKey: true };
    const { cloudOf, target } = onlyTarget(await connect(args, host, everywhere));
    const caller = await unlessInterrupted(host.signal, cloudOf(target).caller());
    const foreign = file?.mistakesFor(provider, caller.account) ?? [];
    if (foreign.length > 0) throw new UsageError(foreign);
    const journal = file ?? (await openTable(args, host, target.region));
    const found = await unlessInterrupted(host.signal, readChanges(args, journal, target.region, caller));
    tellOfQuery(
      args,
      host,
      found.changes.filter((change) => change.change === 'KEY'),
    );
    const undoing = await unlessInterrupted(host.signal, planChanges(found, cloudOf));
    const steps = undoing.keys.map(({ step }) => step);
    const toDo = await pMap(undoing.policies, (each) => isPolicyToUndo(each, cloudOf(targetOfChange(each)).keys));
    const policies = undoing.policies.filter((_, index) => toDo[index]);
    const count = steps.filter(({ action }) => action !== 'NONE').length + policies.length;
    const question = count === 0 ? null : `Take ${counted(count, 'change')} back?`;
    const show = { args, output, host };
    if (!(await isWanted((paint) => undoTable(steps, policies, paint), question, show))) {
      output.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const document = await takeBack(undoing, { args, actor: caller.arn, cloudOf, journal, host });
    const redo = undoCommand(args, document.run.id, provider);
    await writeDocument(output, formatOf(args), document, () =>
      outcomeTable(document, paintFor(args, host, output), redo),
    );
    return host.signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(document);
  });
  return work.finally(() => file?.close());
}

/** What is to be taken back. */
interface Undoing {
  readonly runId: string;
  readonly keys: readonly PlannedUndo[];
  readonly policies: readonly PolicyEntry[];
}

/** Of a log store's changes, one that was begun and never made is passed over. */
async function planChanges({ runId, changes }: Changes, cloudOf: CloudOf): Promise<Undoing> {
  const keys = changes.filter((change) => change.change === 'KEY');
  if (runId !== null) {
    const planned = await pMap(
      byTarget(keys, ({ store }) => store),
      ([target, some]) => planUndo(some, cloudOf(target), new Date()),
      { concurrency: CONCURRENT_TARGETS },
    );
    return { runId, keys: planned.flat(), policies: changes.filter((change) => change.change === 'POLICY') };
  }
  for (const change of keys) {
    const [planned] = await planUndo([change], cloudOf(change.store), new Date());
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
  readonly host: Host;
}

async function takeBack(
  { runId, keys, policies }: Undoing,
  { args, actor, cloudOf, journal, host }: Work,
): Promise<OutcomeDocument> {
  const run = newRun();
  const by = { runId: run.id, actor, journal, clock: () => new Date(), signal: host.signal, wait: host.pacing.wait };
  const groups = byTarget(keys, ({ step }) => step.store);
  const steps = await withProgress('done', args, host, (add) =>
    pMap(groups, ([target, some]) => undoTarget(some, cloudOf(target), { ...by, onOutcome: () => add(target, 1) }), {
      concurrency: CONCURRENT_TARGETS,
    }),
  );
  const restored: PolicyOutcome[] = [];
  for (const change of policies) {
    const { keys: kms } = cloudOf(targetOfChange(change));
    restored.push(host.signal.aborted ? interrupted(change) : await undoPolicy(change, kms, by));
  }
  const changed = byTarget<KeyEntry | PolicyEntry>([...keys.map(({ change }) => change), ...policies], targetOfChange);
  return {
    schema: 'logseal/outcome/1',
    run: finished(run),
    planRunId: runId,
    key: null,
    targets: changed.map(([target, some]) => ({
      ...target,
      status: 'COMPLETE',
      error: null,
      stores: some.filter(({ change }) => change === 'KEY').length,
      apiCalls: cloudOf(target).apiCalls(),
    })),
    steps: steps.flat(),
    policies: restored,
  };
}

function interrupted({ keyArn }: PolicyEntry): PolicyOutcome {
  return { keyArn, outcome: 'FAILED', refusal: null, error: INTERRUPTED, inEffect: false };
}
