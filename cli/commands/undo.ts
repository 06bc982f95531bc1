import pMap from 'p-map';
import { INTERRUPTED } from '../../lib/app/change/execute-steps.ts';
import { type PlannedUndo, planUndo, undoTarget } from '../../lib/app/change/undo.ts';
import { isPolicyToUndo, type PolicyOutcome, undoPolicy } from '../../lib/app/key/repair-key-policy.ts';
import type { CloudOf, ReadableJournal } from '../../lib/app/ports.ts';
import { tableMistake } from '../../lib/config.ts';
import { parseArn } from '../../lib/domain/arn.ts';
import type { PolicyEntry } from '../../lib/domain/journal.ts';
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
import { connect, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus, outcomeStatus } from '../exit-status.ts';
import { withOutput, writeDocument } from '../output.ts';
import { withProgress } from '../progress.ts';
import { type Changes, openFile, openTable, readChanges, regionOf, validateStore } from '../undo-changes.ts';

/** `logseal undo`: takes a run, or the last change of a log store, back to what was there before, by the journal. */
export async function undo(words: readonly string[], signal: AbortSignal): Promise<ExitStatus> {
  const args = readArguments(words, {
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
  });
  validateStore(args);
  const file = await openFile(args);
  refuseUnasked(args);
  await refuseMistakes(args);

  const work = withOutput(args.value('output'), async (output) => {
    const { provider, ...where } = whereOf(args);
    // What a file tells of a run says where it was.
    const [made] = (await file?.ofRun(args.value('run') ?? '')) ?? [];
    const known = where.regions.length === 0 && made ? [regionOf(made)] : where.regions;
    // What is switched on again has been under that key before.
    const { cloudOf, regions } = await connect(args, signal, {
      ...where,
      provider,
      regions: known,
      acceptsServiceKey: true,
    });
    const [region = ''] = regions;
    const caller = await unlessInterrupted(signal, cloudOf(region).caller());
    const foreign = file?.mistakesFor(provider, caller.account) ?? [];
    if (foreign.length > 0) throw new UsageError(foreign);
    const journal = file ?? (await openTable(args, region));
    const found = await unlessInterrupted(signal, readChanges(args, journal, region, caller));
    tellOfQuery(
      args,
      found.changes.filter((change) => change.change === 'KEY'),
    );
    const undoing = await unlessInterrupted(signal, planChanges(found, cloudOf));
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
    const redo = undoCommand(args, document.run.id, provider);
    await writeDocument(output, formatOf(args), document, () => outcomeTable(document, paintFor(args, output), redo));
    return signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(document);
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
  const byRegion = Map.groupBy(keys, ({ step }) => step.store.region);
  const steps = await withProgress('done', args.flag('quiet'), (add) =>
    pMap(byRegion, ([region, some]) => undoTarget(some, cloudOf(region), { ...by, onOutcome: () => add(region, 1) }), {
      concurrency: CONCURRENT_TARGETS,
    }),
  );
  const restored: PolicyOutcome[] = [];
  for (const change of policies) {
    const { keys: kms } = cloudOf(regionOf(change));
    restored.push(signal.aborted ? interrupted(change) : await undoPolicy(change, kms, by));
  }
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
