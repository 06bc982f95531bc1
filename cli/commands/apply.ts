import { askedOnce, flappingCheck, refuseFlappingSteps } from '../../lib/app/change/refuse-flapping.ts';
import { sealingCost } from '../../lib/app/change/sealing-cost.ts';
import { limiter } from '../../lib/domain/limit.ts';
import type { LogStore } from '../../lib/domain/log-store.ts';
import { inPlanOrder } from '../../lib/domain/order.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import { UsageError } from '../../lib/errors.ts';
import { isUnusableEverywhere, scanStatusOf } from '../../lib/report/documents.ts';
import type { ReportOptions } from '../../lib/report/format.ts';
import { sealingKeys } from '../../lib/report/sealing-keys.ts';
import { counted } from '../../lib/report/table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { CANARY_OPTIONS, canaryOf, validateCanary } from '../canary.ts';
import { carryOut } from '../carry-out.ts';
import { notingAccounts } from '../changed-accounts.ts';
import { commandJournal } from '../command-journal.ts';
import { finished, newRun } from '../command-run.ts';
import { CONFIG_OPTION } from '../config-input.ts';
import { nameConfiguration, refuseWithoutKey } from '../configuration.ts';
import { isWanted, placeOf, refuseUnasked, shownBefore } from '../confirm.ts';
import { type Connection, connect, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { outcomeStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { makePlan } from '../make-plan.ts';
import {
  CALLER_OPTION,
  ENTER_OPTIONS,
  JOURNAL_OPTION,
  keyOf,
  ORGANIZATION_OPTIONS,
  PROFILE_OPTION,
  TARGET_OPTIONS,
  undoCommand,
} from '../options.ts';
import { foreignAccountsMistake, ownCloud } from '../own-account.ts';
import { type Plan, readPlanFile, whereOfPlan } from '../plan-file.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, tableText, withOutputs } from '../report.ts';
import { announceSelection, LIMIT_OPTION, limitOf, SELECTION_OPTIONS } from '../selection.ts';
import { asReached, openSessions, reachable } from '../sessions.ts';
import { stakesText } from '../stakes.ts';
import { announceQuery } from '../subject.ts';
import { refuseMistakes, validateEntering, validateProvider, validateSealing } from '../validation.ts';

/** `logseal apply`: carries out a plan, one that was written before or a fresh one.  */
export async function apply(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      plan: { kind: 'value' },
      yes: { kind: 'flag' },
      ...JOURNAL_OPTION,
      'confirm-irreversible': { kind: 'value', check: countMistake },
      ...TARGET_OPTIONS,
      ...CONFIG_OPTION,
      ...SELECTION_OPTIONS,
      ...LIMIT_OPTION,
      ...CALLER_OPTION,
      ...CANARY_OPTIONS,
      ...PROFILE_OPTION,
      ...ENTER_OPTIONS,
      ...ORGANIZATION_OPTIONS,
      ...outputOptions('outcome'),
    },
    host,
  );
  const planPath = args.value('plan');
  validateProvider(args);
  const named = await nameConfiguration(args, host);
  if (planPath === undefined && keyOf(args) === undefined && !named.mayNameKeys) {
    args.mistakes.push(
      'expected --key, the key to seal with, --config with key rules, or --plan, a file that logseal plan wrote; got none',
    );
  } else if (planPath === undefined) validateSealing(args, named.mayNameKeys);
  validateEntering(args);
  // A plan names accounts, and the options say which of them may be entered.
  const { account: _, ...ofPlan } = TARGET_OPTIONS;
  for (const name of planPath === undefined ? [] : Object.keys(ofPlan).filter(args.flag)) {
    args.mistakes.push(`--${name}: cannot be combined with --plan, which names the targets and the key`);
  }
  for (const name of planPath === undefined ? [] : Object.keys(SELECTION_OPTIONS).filter(args.flag)) {
    args.mistakes.push(`--${name}: cannot be combined with --plan, which names the log stores`);
  }
  refuseUnasked(args, host);
  const planFile = planPath === undefined ? undefined : await readPlanFile(planPath, host, args.mistakes);
  const journal = notingAccounts(commandJournal(args, host));
  if (planFile && planFile.totals.config !== null && !args.flag('config')) {
    args.mistakes.push('--config: expected the configuration that the plan was made with, got none');
  }
  const where = planFile ? whereOfPlan(planFile) : whereOf(args);
  validateCanary(args, planFile && where.provider);
  await refuseMistakes(args, host, where);
  announceQuery(args, host, planFile?.steps);
  announceSelection(args, host);

  const run = newRun(host);
  const work = withOutputs('outcome', args, host, async (outputs) => {
    const connection = await connect(args, host, where, run.id);
    const { cloudOf } = connection;
    const asTyped = typing(args, host, connection);
    const config = await unlessInterrupted(host.signal, named.read());
    if (!planFile) refuseWithoutKey(args, config);
    const ofStore = async (store: LogStore) => {
      await journal.open(ownCloud(cloudOf, store));
      return journal.ofStore(store);
    };
    const flapping = flappingCheck(askedOnce({ ofStore }), 'IS_MEANT');
    const freshPlan = async (): Promise<Plan> => {
      const steps: Step[] = [];
      const totals = await makePlan(args, connection, host, config, newRun(host), async (page) => {
        for (const step of await refuseFlappingSteps(page, flapping, host.now())) steps.push(step);
      });
      return { steps, totals };
    };
    const planned = planFile ?? (await freshPlan());
    const cost = sealingCost();
    const sorted = planned.steps.toSorted(inPlanOrder);
    if (planFile) await unlessInterrupted(host.signal, refuseForeignAccounts(sorted, connection, args));
    const stores = sorted.map(({ store }) => store);
    const sessions = await unlessInterrupted(host.signal, openSessions(stores, cloudOf));
    const { reached, failures } = reachable(sorted, (step) => step, sessions);
    const steps = reached.map(limiter(limitOf(args)));
    steps.forEach(cost.add);
    const targets = planned.totals.targets.map((target) => asReached(target, sessions));
    const plan = { ...planned.totals, targets, status: scanStatusOf(targets), cost: cost.total() };
    const seals = steps.filter(({ action }) => action === 'SEAL');
    const [first] = seals;
    if (first) await journal.open(ownCloud(cloudOf, first.store));
    const sealing = sealingKeys();
    for (const step of seals) sealing.add(step);
    const forGood = seals.filter(({ irreversible }) => irreversible).length;
    const undoOf = (accounts: readonly string[]) =>
      undoCommand(args, host, run.id, { provider: where.provider, orgId: plan.key.orgId, accounts });
    const undo = undoOf(seals.map(({ store }) => store.account));
    const canary = await unlessInterrupted(host.signal, canaryOf(args, seals, cloudOf, host));
    const stakes = () => unlessInterrupted(host.signal, stakesText(seals, plan.key, canary, undo, cloudOf));
    const question =
      seals.length === 0
        ? null
        : `Seal ${counted(seals.length, 'log store')} ${placeOf(seals.map(({ store }) => store))}${sealing.text(plan.key)}?`;
    // Where nothing could be listed, no number can be right.
    const isUnknown = plan.status === 'FAILED' && steps.length === 0;
    const show = { args, outputs, host, asTyped, stakes, forGood: isUnknown ? null : forGood } as const;
    const stale = planFile ? steps.filter(({ refusal }) => refusal).length : 0;
    const preview = async (options: ReportOptions) =>
      `${await tableText('plan', steps, plan, options)}${staleText(stale, options)}`;
    if (!(await isWanted(preview, question, show))) {
      outputs.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const { outcomes, report: ofCanary } = await carryOut(steps, plan, canary, {
      ...{ args, host, cloudOf, journal, flapping, sessions, run, undo, config },
      isNew: planFile === undefined,
    });
    const { targets: keys, ...key } = plan.key;
    const totals = {
      run: finished(run, host),
      planRunId: plan.run.id,
      key: steps.length === 0 && isUnusableEverywhere(keys) ? plan.key : key,
      targets: targets.map((target) => ({ ...target, apiCalls: cloudOf(target).apiCalls() })),
      filtered: plan.filtered,
      ...(ofCanary && { canary: ofCanary }),
    };
    const isShown = shownBefore(steps, outputs, args);
    const undoLine = undoOf(journal.changedAccounts());
    const report = await openReport('outcome', outputs, args, host, {
      ...{ asTyped, isShown },
      undoCommand: () => undoLine,
    });
    const all = [...outcomes, ...failures];
    await report.page(all.toSorted(inPlanOrder));
    await report.end(totals);
    return host.signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(totals, all);
  });
  return work.finally(() => journal.close());
}

/** What the refusals of a plan in a file are worth: what was wrong may be fixed by now. */
function staleText(count: number, { paint }: ReportOptions): string {
  if (count === 0) return '';
  const were = count === 1 ? 'was refused when it was' : 'were refused when they were';
  return `${paint.yellow('note:')} ${counted(count, 'log store')} ${were} planned; plan again to see whether that is fixed\n`;
}

function countMistake(text: string): string | undefined {
  return /^\d{1,9}$/.test(text) ? undefined : `expected a number of Logstores, got ${JSON.stringify(text)}`;
}

/** A plan in a file is not trusted: it alone cannot have an account entered. */
async function refuseForeignAccounts(
  steps: readonly Step[],
  { cloudOf, targets }: Connection,
  args: Arguments,
): Promise<void> {
  const [first] = steps;
  if (!first) return;
  const { account } = await ownCloud(cloudOf, first.store).caller();
  const accounts = steps.map(({ store }) => store.account);
  const mistake = foreignAccountsMistake('--plan: the plan has log stores of', accounts, account, targets, args);
  if (mistake) throw new UsageError([mistake]);
}
