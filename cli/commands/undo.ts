import pMap from 'p-map';
import { type PlannedUndo, planUndo, undoChanges } from '../../lib/app/change/undo.ts';
import type { PolicyOutcome } from '../../lib/app/key/repair-key-policy.ts';
import { type PlannedPolicyUndo, planPolicyUndo, undoPolicy } from '../../lib/app/key/undo-key-policy.ts';
import type { CloudOf, ReadableJournal } from '../../lib/app/ports.ts';
import type { TargetReport } from '../../lib/app/scan/scan-target.ts';
import { tableMistake } from '../../lib/config/table-name.ts';
import { type JournalEntry, type PolicyEntry, targetOfChange } from '../../lib/domain/journal.ts';
import type { Outcome } from '../../lib/domain/plan-step.ts';
import { byTarget } from '../../lib/domain/target.ts';
import { CloudError } from '../../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { Run } from '../../lib/report/documents.ts';
import type { ReportOptions } from '../../lib/report/format.ts';
import { failures } from '../../lib/report/table.ts';
import { undoPreview } from '../../lib/report/tables/undo-preview.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { notingAccounts } from '../changed-accounts.ts';
import { changeTargets, finished, newRun } from '../command-run.ts';
import { isWanted, refuseUnasked, shownBefore } from '../confirm.ts';
import { connect, firstTarget, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { outcomeStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import {
  ENTER_OPTIONS,
  JOURNAL_OPTION,
  ORGANIZATION_OPTIONS,
  PROFILE_OPTION,
  rulesOf,
  TARGET_OPTIONS,
  undoCommand,
} from '../options.ts';
import { ownCloud } from '../own-account.ts';
import { withProgress } from '../progress.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { asReached, openSessions, reachable, type Sessions } from '../sessions.ts';
import { announceQuery } from '../subject.ts';
import { type Changes, type LaterChanges, openChanges, readLater } from '../undo-changes.ts';
import { undoneRun, undoQuestion } from '../undo-question.ts';
import { findSource, validateStore } from '../undo-source.ts';
import { refuseMistakes, validateEntering, validateOneAccount } from '../validation.ts';

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
      ...ENTER_OPTIONS,
      ...ORGANIZATION_OPTIONS,
      ...outputOptions('outcome'),
    },
    host,
  );
  validateStore(args);
  validateEntering(args);
  if (args.flag('store')) validateOneAccount(args, 'log store');
  const source = await findSource(args, host);
  refuseUnasked(args, host);
  await refuseMistakes(args, host);

  const run = newRun(host);
  let { file } = source;
  const work = withOutputs('outcome', args, host, async (outputs) => {
    const { provider, ...where } = whereOf(args);
    // A journal in a file says where the run was.
    const [made] = (await file?.ofRun(source.runId ?? '')) ?? [];
    const known = where.regions.length === 0 && made ? [targetOfChange(made).region] : where.regions;
    const connection = await connect(args, host, { ...where, provider, regions: known }, run.id);
    const { cloudOf, target } = firstTarget(connection);
    const asTyped = typing(args, host, connection);
    const caller = await unlessInterrupted(host.signal, ownCloud(cloudOf, target).caller());
    const opened = await unlessInterrupted(host.signal, openChanges(source, args, host, connection, caller));
    const { found } = opened;
    const journal = notingAccounts(opened.journal);
    file = opened.file;
    announceQuery(
      args,
      host,
      found.changes.filter((change) => change.change === 'KEY'),
    );
    const places = found.changes.map(targetOfChange);
    const sessions = await unlessInterrupted(host.signal, openSessions(places, cloudOf));
    const later = await unlessInterrupted(host.signal, readLater(found, journal, file));
    const accounts = places.map(({ account }) => account);
    const undoOf = (changed: readonly string[]) =>
      undoCommand(args, host, run.id, { provider, accounts: changed, orgId: args.value('org-id') });
    const keyAccounts = [caller.account, ...connection.targets.map(({ account }) => account)];
    const work = { args, run, cloudOf, keyAccounts, sessions, journal, host, undo: undoOf(accounts) };
    const undoing = await unlessInterrupted(host.signal, planChanges(found, later, work));
    const steps = undoing.keys.map(({ step }) => step);
    const stakes = async () => (args.flag('yes') ? '' : undoneRun(undoing.runId, found.changes));
    const question = undoQuestion(steps, undoing.policies);
    // Who answers must be able to see each change: a forged entry could be among those that a table leaves out.
    const isAsked = question !== null && !args.flag('yes');
    const preview = (options: ReportOptions) => {
      const targets = reportsOf(undoing, work);
      const shown = { ...options, showAll: options.showAll || isAsked };
      return undoPreview(steps, undoing.policies, targets, shown) + failures(targets, options, 'change');
    };
    if (!(await isWanted(preview, question, { args, outputs, host, asTyped, stakes }))) {
      outputs.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const { outcomes, policies } = await takeBack(undoing, work);
    const totals = {
      run: finished(run, host),
      planRunId: undoing.runId,
      key: null,
      targets: reportsOf(undoing, work),
      policies,
    };
    const undoLine = undoOf(journal.changedAccounts());
    const report = await openReport('outcome', outputs, args, host, {
      ...{ asTyped, isShown: shownBefore(steps, outputs, args) },
      undoCommand: () => undoLine,
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
  readonly changes: readonly JournalEntry[];
  readonly keys: readonly PlannedUndo[];
  readonly policies: readonly PlannedPolicyUndo[];
  /** Of the log stores in targets that cannot be reached. */
  readonly failures: readonly Outcome[];
}

interface Work {
  readonly args: Arguments;
  readonly run: Omit<Run, 'finishedAt'>;
  readonly cloudOf: CloudOf;
  /** The caller's own account and those that the options name: log stores may get back keys of them. */
  readonly keyAccounts: readonly string[];
  readonly sessions: Sessions;
  readonly journal: ReadableJournal;
  readonly host: Host;
  /** The command that takes this undo back. */
  readonly undo: string;
}

/** Of the changes of a log store, those that were begun and never made are left out. */
async function planChanges({ runId, changes }: Changes, later: LaterChanges, work: Work): Promise<Undoing> {
  const { args, cloudOf, keyAccounts, sessions, host } = work;
  const rules = rulesOf(args, host, host.now());
  const keys = changes.filter((change) => change.change === 'KEY');
  const options = { later: later.ofStore, keyAccounts };
  const undoing = (run: string, planned: readonly PlannedUndo[], policies: readonly PlannedPolicyUndo[]): Undoing => {
    const { reached, failures } = reachable(planned, ({ step }) => step, sessions);
    const entries = [...planned.map(({ change }) => change), ...policies.map(({ entry }) => entry)];
    return { runId: run, changes: entries, keys: reached, policies, failures };
  };
  if (runId !== null) {
    const planned = await pMap(
      byTarget(keys, ({ store }) => store),
      ([target, some]) => planUndo(some, cloudOf(target), rules, options),
      { concurrency: CONCURRENT_TARGETS },
    );
    const ofPolicies = changes.filter((change) => change.change === 'POLICY');
    const policies = await pMap(ofPolicies, (change) => planPolicy(change, later, work));
    return undoing(runId, planned.flat(), policies);
  }
  for (const change of keys) {
    const [planned] = await planUndo([change], cloudOf(change.store), rules, options);
    const wasNeverMade = change.phase === 'INTENT' && planned?.step.action === 'NONE' && !planned.step.refusal;
    if (planned && !wasNeverMade) return undoing(change.runId, [planned], []);
  }
  return undoing(keys[0]?.runId ?? '', [], []);
}

async function planPolicy(
  entry: PolicyEntry,
  later: LaterChanges,
  { args, cloudOf, sessions, host }: Work,
): Promise<PlannedPolicyUndo> {
  const target = targetOfChange(entry);
  const session = sessions.sessionIn(target);
  if (session instanceof CloudError) {
    const { code, message } = session;
    const outcome = { outcome: 'FAILED', refusal: null, error: { code, message }, inEffect: false } as const;
    return { kind: 'SETTLED', entry, outcome: { keyArn: entry.keyArn, ...outcome } };
  }
  const by = { actor: sessions.actorIn(target), rules: rulesOf(args, host, host.now()) };
  return planPolicyUndo(entry, later.ofPolicy(entry), cloudOf(target).keys, by);
}

/** The targets of what is taken back. */
function reportsOf({ changes }: Undoing, { cloudOf, sessions }: Work): TargetReport[] {
  return byTarget(changes, targetOfChange).map(([target, some]) => {
    const stores = some.filter(({ change }) => change === 'KEY').length;
    const apiCalls = cloudOf(target).apiCalls();
    return asReached({ ...target, status: 'COMPLETE', error: null, stores, apiCalls }, sessions);
  });
}

async function takeBack(
  { keys, policies, failures }: Undoing,
  { args, run, cloudOf, keyAccounts, sessions, journal, host, undo }: Work,
): Promise<{ outcomes: readonly Outcome[]; policies: readonly PolicyOutcome[] }> {
  const by = {
    runId: run.id,
    journal,
    clock: () => host.now(),
    rules: rulesOf(args, host, host.now()),
    keyAccounts,
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
        (target, some) => {
          const options = { ...by, actor: sessions.actorIn(target), onOutcome: () => add(target, 1) };
          return undoChanges(some, cloudOf(target), options);
        },
        host,
        undo,
      ),
    keys.length,
  );
  const restored: PolicyOutcome[] = [];
  for (const planned of policies) {
    const target = targetOfChange(planned.entry);
    const change = () => undoPolicy(planned, cloudOf(target).keys, { ...by, actor: sessions.actorIn(target) });
    restored.push(planned.kind === 'SETTLED' ? planned.outcome : await change());
  }
  return { outcomes: [...outcomes.flat(), ...failures], policies: restored };
}
