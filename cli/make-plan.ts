import pMap from 'p-map';
import { planTarget } from '../lib/app/change/plan-target.ts';
import { addKnown } from '../lib/domain/exemption-matches.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import { type PlanWithoutCost, type Run, scanStatusOf } from '../lib/report/documents.ts';
import type { Arguments } from './arguments.ts';
import { finished } from './command-run.ts';
import { configurationTotals } from './configuration-totals.ts';
import { type Connection, unlessInterrupted, whereOf } from './connect.ts';
import type { Host } from './host.ts';
import { checksCaller, keyOf, rulesOf } from './options.ts';
import { withProgress } from './progress.ts';
import type { RunConfiguration } from './run-configuration.ts';
import { sayUnmatched, selection } from './selection.ts';

/** Plans every target. @param onSteps receives the steps as they come, in pages */
export async function makePlan(
  args: Arguments,
  { cloudOf, targets, unlisted, skipped }: Connection,
  host: Host,
  config: RunConfiguration,
  run: Omit<Run, 'finishedAt'>,
  onSteps: (steps: readonly Step[]) => void | Promise<void>,
): Promise<PlanWithoutCost> {
  const { roleArn } = whereOf(args);
  const chosen = selection(args);
  const planning = withProgress('listed', args, host, (add) =>
    pMap(
      targets,
      (target) =>
        planTarget(target, cloudOf(target), {
          rules: rulesOf(args, host, new Date(run.startedAt), config),
          selection: chosen,
          queryResults: args.flag('query-results'),
          checksCaller: checksCaller(args, target.provider),
          onListed: (count) => add(target, count),
          onSteps,
          signal: host.signal,
        }),
      { concurrency: CONCURRENT_TARGETS },
    ),
  );
  const plans = await unlessInterrupted(host.signal, planning);
  const rules = config.configuration.keys.map(({ key }) => key);
  const reports = [...unlisted, ...plans.map(({ report }) => report)];
  const status = scanStatusOf(reports);
  const [known = new Map(), ...more] = plans.map(({ matches }) => matches);
  const matches = more.reduce(addKnown, known);
  const filtered = plans.reduce((sum, plan) => sum + plan.filtered, 0);
  sayUnmatched(args, chosen, status, host);
  return {
    status,
    run: finished(run, host),
    ...configurationTotals(config, { reports, scans: plans, matches, filtered }, args, host),
    key: {
      configured: keyOf(args) ?? null,
      ...(rules.length > 0 && { rules }),
      required: args.flag('require-key'),
      ...(roleArn !== null && { roleArn }),
      ...(args.flag('org-id') && { orgId: args.value('org-id') }),
      targets: plans.flatMap(({ keys }) => keys),
    },
    targets: reports,
    ...(skipped && { skipped }),
    filtered,
  };
}
