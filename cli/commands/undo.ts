import pMap from 'p-map';
import { type PlannedUndo, planUndo, undoChanges } from '../../lib/app/change/undo.ts';
import type { PolicyOutcome } from '../../lib/app/key/repair-key-policy.ts';
import { type PlannedPolicyUndo, planPolicyUndo, undoPolicy } from '../../lib/app/key/undo-key-policy.ts';
import type { CloudOf, ReadableJournal } from '../../lib/app/ports.ts';
import { tableMistake } from '../../lib/config/table-name.ts';
import { type KeyEntry, type PolicyEntry, targetOfChange } from '../../lib/domain/journal.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { byTarget } from '../../lib/domain/target.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { OutcomeTotals } from '../../lib/report/documents.ts';
import type { ReportOptions } from '../../lib/report/format.ts';
import { counted } from '../../lib/report/table.ts';
import { undoPreview } from '../../lib/report/tables/undo-preview.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { changeTargets, finished, newRun } from '../command-run.ts';
import { isWanted, placeOf, refuseUnasked, shownBefore } from '../confirm.ts';
import { connect, onlyTarget, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { outcomeStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { JOURNAL_OPTION, PROFILE_OPTION, rulesOf, TARGET_OPTIONS, undoCommand } from '../options.ts';
import { withProgress } from '../progress.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { announceQuery } from '../subject.ts';
import { type Changes, type LaterChanges, openChanges, readLater } from '../undo-changes.ts';
import { findSource, validateStore } from '../undo-source.ts';
import { refuseMistakes } from '../validation.ts';

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
      'org-id': TARGET_OPTIONS['org-id'],
      ...PROFILE_OPTION,
      ...outputOptions('outcome'),
    },
    host,
  );
  validateStore(args);
  const source = await findSource(args, host);
  refuseUnasked(args, host);
  await refuseMistakes(args, host);

  let { file } = source;
  const work = withOutputs('outcome', args, host, async (outputs) => {
    const { provider, ...where } = whereOf(args);
    // A journal in a file says where the run was.
    const [made] = (await file?.ofRun(source.runId ?? '')) ?? [];
    const known = where.regions.length === 0 && made ? [targetOfChange(made).region] : where.regions;
    const { cloudOf, target } = onlyTarget(await connect(args, host, { ...where, provider, regions: known }));
    const caller = await unlessInterrupted(host.signal, cloudOf(target).caller());
    const opened = await unlessInterrupted(host.signal, openChanges(source, args, host, target.region, caller));
    const { found, journal } = opened;
    file = opened.file;
    announceQuery(
      args,
      host,
      found.changes.filter((change) => change.change === 'KEY'),
    );
    const later = await unlessInterrupted(host.signal, readLater(found, journal, file));
    const work = { args, actor: caller.arn, cloudOf, journal, host };
    const undoing = await unlessInterrupted(host.signal, planChanges(found, later, work));
    const steps = undoing.keys.map(({ step }) => step);
    const show = { args, outputs, host, stakes: async () => (args.flag('yes') ? '' : ofRun(undoing, found)) } as const;
    const question = questionOf(steps, undoing.policies);
    // Who answers must be able to see each change: a forged entry could be among those that a table leaves out.
    const isAsked = question !== null && !args.flag('yes');
    const preview = (options: ReportOptions) =>
      undoPreview(steps, undoing.policies, {
        ...options,
        showAll: options.showAll || isAsked,
      });
    if (!(await isWanted(preview, question, show))) {
      outputs.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const { outcomes, totals } = await takeBack(undoing, work);
    const report = await openReport('outcome', outputs, args, host, {
      isShown: shownBefore(steps, outputs, args),
      undoCommand: (runId) => undoCommand(args, host, runId, provider, args.value('org-id')),
    });
    await report.page(outcomes);
    await report.end(totals);
    return host.signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(totals, outcomes);
  });
  return work.finally(() => file?.close());
}

/** What an undo takes back. */
interface Undoing {
  readonly runId: string;
  readonly keys: readonly PlannedUndo[];
  readonly policies: readonly PlannedPolicyUndo[];
}

interface Work {
  readonly args: Arguments;
  readonly actor: string;
  readonly cloudOf: CloudOf;
  readonly journal: ReadableJournal;
  readonly host: Host;
}

/** Of the changes of a log store, those that were begun and never made are left out. */
async function planChanges(
  { runId, changes }: Changes,
  later: LaterChanges,
  { args, actor, cloudOf, host }: Work,
): Promise<Undoing> {
  const rules = rulesOf(args, host, host.now());
  const keys = changes.filter((change) => change.change === 'KEY');
  const options = { later: later.ofStore };
  if (runId !== null) {
    const planned = await pMap(
      byTarget(keys, ({ store }) => store),
      ([target, some]) => planUndo(some, cloudOf(target), rules, options),
      { concurrency: CONCURRENT_TARGETS },
    );
    const ofPolicies = changes.filter((change) => change.change === 'POLICY');
    const policies = await pMap(ofPolicies, (change) =>
      planPolicyUndo(change, later.ofPolicy(change), cloudOf(targetOfChange(change)).keys, { actor, rules }),
    );
    return { runId, keys: planned.flat(), policies };
  }
  for (const change of keys) {
    const [planned] = await planUndo([change], cloudOf(change.store), rules, options);
    const wasNeverMade = change.phase === 'INTENT' && planned?.step.action === 'NONE' && !planned.step.refusal;
    if (planned && !wasNeverMade) return { runId: change.runId, keys: [planned], policies: [] };
  }
  return { runId: keys[0]?.runId ?? '', keys: [], policies: [] };
}

/** Which run is taken back, since the beginning of its id may have been typed. */
function ofRun({ runId }: Undoing, { changes }: Changes): string {
  const [first] = changes.filter((change) => change.runId === runId);
  return first ? `Run ${runId}, begun ${new Date(first.time).toISOString().slice(0, 16).replace('T', ' ')} UTC\n` : '';
}

/** Names what would be changed and each key by its ARN; null: nothing would be. */
function questionOf(steps: readonly Step[], policies: readonly PlannedPolicyUndo[]): string | null {
  const changed = policies.flatMap((policy) => (policy.kind === 'CHANGE' ? [policy] : []));
  const changes = [
    ...steps.filter(({ action }) => action !== 'NONE').map(({ store }) => store),
    ...changed.map(({ entry }) => targetOfChange(entry)),
  ];
  if (changes.length === 0) return null;
  const attached = new Set(steps.flatMap(({ action, toKeyArn }) => (action === 'SEAL' ? [toKeyArn ?? ''] : [])));
  const detached = new Set(
    steps.flatMap(({ action, fromKeyArn }) => (action === 'UNSEAL' && fromKeyArn ? [fromKeyArn] : [])),
  );
  const parts = [
    `Take back ${counted(changes.length, 'change')} ${placeOf(changes)}`,
    detached.size > 0 && `detach ${listOf([...detached])}`,
    attached.size > 0 && `attach ${listOf([...attached])}`,
    changed.length > 0 && `change the key policy of ${listOf(changed.map(({ change }) => change.keyArn))}`,
  ].filter(Boolean);
  return `${parts.join(', and ')}?`;
}

/** As many as a question can name: all are shown above it. */
function listOf(keys: readonly string[]): string {
  const more = keys.length > MAX_KEYS ? [counted(keys.length - MAX_KEYS, 'other key')] : [];
  return new Intl.ListFormat('en').format([...keys.slice(0, MAX_KEYS), ...more]);
}

const MAX_KEYS = 3;

async function takeBack(
  { runId, keys, policies }: Undoing,
  { args, actor, cloudOf, journal, host }: Work,
): Promise<{ outcomes: Outcome[]; totals: OutcomeTotals }> {
  const run = newRun(host);
  const rules = rulesOf(args, host, host.now());
  const by = {
    runId: run.id,
    actor,
    journal,
    clock: () => host.now(),
    rules,
    signal: host.signal,
    wait: host.pacing.wait,
  };
  const groups = byTarget(keys, ({ step }) => step.store);
  const outcomes = await withProgress(
    'done',
    args,
    host,
    (add) =>
      changeTargets(
        groups,
        (target, some) => undoChanges(some, cloudOf(target), { ...by, onOutcome: () => add(target, 1) }),
        host,
        undoCommand(args, host, run.id, whereOf(args).provider, args.value('org-id')),
      ),
    keys.length,
  );
  const restored: PolicyOutcome[] = [];
  for (const planned of policies) {
    const { keys: kms } = cloudOf(targetOfChange(planned.entry));
    restored.push(await undoPolicy(planned, kms, by));
  }
  const entries = [...keys.map(({ change }) => change), ...policies.map(({ entry }) => entry)];
  const changed = byTarget<KeyEntry | PolicyEntry>(entries, targetOfChange);
  const totals: OutcomeTotals = {
    run: finished(run, host),
    planRunId: runId,
    key: null,
    targets: changed.map(([target, some]) => ({
      ...target,
      status: 'COMPLETE',
      error: null,
      stores: some.filter(({ change }) => change === 'KEY').length,
      apiCalls: cloudOf(target).apiCalls(),
    })),
    policies: restored,
  };
  return { outcomes: outcomes.flat(), totals };
}
