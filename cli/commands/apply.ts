import pMap from 'p-map';
import { applyTarget } from '../../lib/app/change/apply-plan.ts';
import type { CloudOf } from '../../lib/app/ports.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import { byTarget } from '../../lib/domain/target.ts';
import { UsageError } from '../../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { OutcomeDocument } from '../../lib/report/documents.ts';
import { outcomeTable, planTable } from '../../lib/report/plan-table.ts';
import { counted } from '../../lib/report/table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  JOURNAL_OPTION,
  journalPath,
  keyOf,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
  tellOfQuery,
  undoCommand,
  validateProvider,
} from '../common.ts';
import { isWanted, refuseUnasked } from '../confirm.ts';
import { connect, unlessInterrupted, type Where, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus, outcomeStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { type JournalFile, openJournalFile } from '../journal-file.ts';
import { withOutput, writeDocument } from '../output.ts';
import { type ApplicablePlan, readPlanFile } from '../plan-file.ts';
import { withProgress } from '../progress.ts';
import { makePlan, validateSealing } from './plan.ts';

/** `logseal apply`: carries a plan out, one that was written before or a fresh one.  */
export async function apply(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      plan: { kind: 'value' },
      yes: { kind: 'flag' },
      ...JOURNAL_OPTION,
      'confirm-irreversible': { kind: 'value', check: countMistake },
      ...TARGET_OPTIONS,
      ...PROFILE_OPTION,
      ...OUTPUT_OPTIONS,
    },
    host,
  );
  const planPath = args.value('plan');
  validateProvider(args);
  if (planPath === undefined && keyOf(args) === undefined) {
    args.mistakes.push('expected --key, the key to seal with, or --plan, a file that logseal plan wrote; got neither');
  } else if (planPath === undefined) validateSealing(args);
  for (const name of planPath === undefined ? [] : Object.keys(TARGET_OPTIONS).filter(args.flag)) {
    args.mistakes.push(`--${name}: expected not to be beside --plan, which says where and with which key`);
  }
  refuseUnasked(args, host);
  const planFile = planPath === undefined ? undefined : readPlanFile(planPath, host, args.mistakes);
  const journal = openJournalFile(journalPath(args), host, args.mistakes);
  await refuseMistakes(args, host, planFile && whereOfPlan(planFile).provider);
  tellOfQuery(args, host, planFile?.steps);

  const work = withOutput(args.value('output'), host, async (output) => {
    const connection = await connect(args, host, planFile ? whereOfPlan(planFile) : whereOf(args));
    const { cloudOf } = connection;
    const plan = planFile ?? (await makePlan(args, connection, host));
    const actor = await unlessInterrupted(host.signal, refuseForeignAccounts(plan, cloudOf, journal));
    const seals = plan.steps.filter(({ action }) => action === 'SEAL').length;
    const forGood = plan.steps.filter(({ irreversible }) => irreversible).length;
    const question = seals === 0 ? null : `Seal ${counted(seals, 'log store')}?`;
    if (!(await isWanted((paint) => planTable(plan, paint), question, { args, output, host, forGood }))) {
      output.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const document = await applyPlan(plan, { args, actor, cloudOf, journal, host });
    const undo = undoCommand(args, document.run.id, document.steps[0]?.store.provider);
    await writeDocument(output, formatOf(args), document, () =>
      outcomeTable(document, paintFor(args, host, output), undo),
    );
    return host.signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(document);
  });
  return work.finally(() => journal.close());
}

function countMistake(text: string): string | undefined {
  return /^\d{1,9}$/.test(text) ? undefined : `expected a number of Logstores, got ${JSON.stringify(text)}`;
}

function whereOfPlan({ steps, targets, key }: ApplicablePlan): Where {
  return {
    provider: steps[0]?.store.provider ?? targets[0]?.provider ?? 'aws',
    regions: [...new Set(steps.map(({ store }) => store.region))],
    roleArn: key.roleArn ?? null,
    acceptsServiceKey: key.configured === SERVICE_KEY,
  };
}

interface Work {
  readonly args: Arguments;
  readonly actor: string;
  readonly cloudOf: CloudOf;
  readonly journal: JournalFile;
  readonly host: Host;
}

async function applyPlan(
  plan: ApplicablePlan,
  { args, actor, cloudOf, journal, host }: Work,
): Promise<OutcomeDocument> {
  const run = newRun();
  const outcomes = await withProgress('done', args, host, (add) =>
    pMap(
      byTarget(plan.steps, ({ store }) => store),
      ([target, steps]) =>
        applyTarget(steps, cloudOf(target), {
          runId: run.id,
          actor,
          journal,
          clock: () => new Date(),
          requiresKey: plan.key.required,
          onOutcome: () => add(target, 1),
          signal: host.signal,
        }),
      { concurrency: CONCURRENT_TARGETS },
    ),
  );
  return {
    schema: 'logseal/outcome/1',
    run: finished(run),
    planRunId: plan.run.id,
    key: {
      configured: plan.key.configured,
      required: plan.key.required,
      ...(plan.key.roleArn !== undefined && { roleArn: plan.key.roleArn }),
    },
    targets: plan.targets.map((target) => ({ ...target, apiCalls: cloudOf(target).apiCalls() })),
    steps: outcomes.flat(),
  };
}

/**
 * A plan and a journal of another account have nothing to do with these credentials.
 * @returns the ARN of the caller
 */
async function refuseForeignAccounts(
  { steps }: ApplicablePlan,
  cloudOf: CloudOf,
  journal: JournalFile,
): Promise<string> {
  const [first] = steps;
  if (!first) return '';
  const { account, arn } = await cloudOf(first.store).caller();
  const { provider } = first.store;
  const foreign = new Set(steps.map(({ store }) => store.account).filter((other) => other !== account));
  const mistakes = [...foreign].map(
    (other) => `--plan: expected log stores of account ${account}, whose credentials these are, got ${other}`,
  );
  const seals = steps.some(({ action }) => action === 'SEAL');
  if (seals) mistakes.push(...journal.mistakesFor(provider, account));
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return arn;
}
