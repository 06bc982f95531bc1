import pMap from 'p-map';
import { applyTarget } from '../../lib/app/apply.ts';
import type { OutcomeDocument } from '../../lib/app/documents.ts';
import type { CloudOf } from '../../lib/app/ports.ts';
import { UsageError } from '../../lib/errors.ts';
import { outcomeTable, planTable } from '../../lib/report/plan-table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import {
  CONCURRENT_TARGETS,
  connect,
  finished,
  formatOf,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
} from '../common.ts';
import { confirm } from '../confirm.ts';
import { EXIT, type ExitStatus, outcomeStatus } from '../exit-status.ts';
import { type JournalFile, openJournalFile } from '../journal-file.ts';
import { type Output, openOutput, writeDocument } from '../output.ts';
import { type ApplicablePlan, readPlanFile } from '../plan-file.ts';
import { progress } from '../progress.ts';
import { makePlan } from './plan.ts';

/** `logseal apply`: carries a plan out, one that was written before or a fresh one. The only command that seals. */
export async function apply(words: readonly string[], signal: AbortSignal): Promise<ExitStatus> {
  const args = readArguments(words, {
    plan: { kind: 'value' },
    yes: { kind: 'flag' },
    journal: { kind: 'value' },
    ...TARGET_OPTIONS,
    ...PROFILE_OPTION,
    ...OUTPUT_OPTIONS,
  });
  const planPath = args.value('plan');
  if (planPath === undefined && args.value('key') === undefined) {
    args.mistakes.push('expected --key, the key to seal with, or --plan, a file that logseal plan wrote; got neither');
  }
  for (const name of planPath === undefined ? [] : Object.keys(TARGET_OPTIONS).filter(args.flag)) {
    args.mistakes.push(`--${name}: expected not to be beside --plan, which says where and with which key`);
  }
  if (!args.flag('yes') && !process.stdin.isTTY)
    args.mistakes.push('--yes: expected, since there is no terminal to ask on');
  const planFile = planPath === undefined ? undefined : readPlanFile(planPath, args.mistakes);
  const journal = openJournalFile(args.value('journal') ?? 'logseal-journal.ndjson', args.mistakes);
  refuseMistakes(args);

  const output = await openOutput(args.value('output'));
  try {
    const { cloudOf, regions } = await connect(
      args,
      planFile?.steps.map(({ store }) => store.region),
    );
    const plan = planFile ?? (await makePlan(args, cloudOf, regions, signal));
    const actor = await refuseForeignAccounts(plan, cloudOf, journal);
    if (!(await isWanted(plan, args, output, signal))) {
      output.discard();
      return EXIT.NOT_COMPLIANT;
    }
    const document = await applyPlan(plan, { args, actor, cloudOf, journal, signal });
    await writeDocument(output, formatOf(args), document, () => outcomeTable(document, paintFor(args, output)));
    return signal.aborted ? EXIT.INTERRUPTED : outcomeStatus(document);
  } catch (error) {
    output.discard();
    throw error;
  } finally {
    await journal.close();
  }
}

/** Shows the plan, and asks where there is something to ask. */
async function isWanted(plan: ApplicablePlan, args: Arguments, output: Output, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const seals = plan.steps.filter(({ action }) => action === 'SEAL').length;
  if (!args.flag('quiet')) {
    const paint = paintFor(args, { isTerminal: process.stderr.isTTY ?? false });
    const isShown = formatOf(args) === 'table' && args.value('output') === undefined;
    if (isShown) await output.write(`${planTable(plan, paintFor(args, output))}\n`);
    else process.stderr.write(planTable(plan, paint));
  }
  if (seals === 0 || args.flag('yes') || (await confirm(`Seal ${seals} log groups?`, signal))) return true;
  process.stderr.write('nothing was changed\n');
  return false;
}

interface Work {
  readonly args: Arguments;
  readonly actor: string;
  readonly cloudOf: CloudOf;
  readonly journal: JournalFile;
  readonly signal: AbortSignal;
}

async function applyPlan(
  plan: ApplicablePlan,
  { args, actor, cloudOf, journal, signal }: Work,
): Promise<OutcomeDocument> {
  const run = newRun();
  const line = progress('done', args.flag('quiet'));
  const outcomes = await pMap(
    Map.groupBy(plan.steps, ({ store }) => store.region),
    ([region, steps]) =>
      applyTarget(steps, cloudOf(region), {
        runId: run.id,
        actor,
        journal,
        clock: () => new Date(),
        requiresKey: plan.key.required,
        onOutcome: () => line.add(region, 1),
        signal,
      }),
    { concurrency: CONCURRENT_TARGETS },
  );
  line.clear();
  return {
    schema: 'logseal/outcome/1',
    run: finished(run),
    planRunId: plan.run.id,
    key: { configured: plan.key.configured, required: plan.key.required },
    targets: plan.targets.map((target) => ({ ...target, apiCalls: cloudOf(target.region).apiCalls() })),
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
  const { account, arn } = await cloudOf(first.store.region).caller();
  const foreign = new Set(steps.map(({ store }) => store.account).filter((other) => other !== account));
  const mistakes = [...foreign].map(
    (other) => `--plan: expected log groups of account ${account}, whose credentials these are, got ${other}`,
  );
  const seals = steps.some(({ action }) => action === 'SEAL');
  const line = seals ? journal.firstLineOfOtherAccount(account) : null;
  if (line !== null)
    mistakes.push(`--journal: line ${line} is about another account than ${account}: name another file`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return arn;
}
