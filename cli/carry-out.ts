import pMap from 'p-map';
import { applyWithCanary, type Canary, type CanaryReport, putBackChanges } from '../lib/app/change/apply-canary.ts';
import { applySteps } from '../lib/app/change/apply-plan.ts';
import { readAfterRun } from '../lib/app/change/read-after-run.ts';
import type { FlappingCheck } from '../lib/app/change/refuse-flapping.ts';
import type { CloudOf, Journal } from '../lib/app/ports.ts';
import { readLogsPrincipal } from '../lib/config/logs-principal.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { Outcome, Step } from '../lib/domain/plan-step.ts';
import { type Rules, rulesAt } from '../lib/domain/rules.ts';
import { SERVICE_KEY } from '../lib/domain/stores/logstore.ts';
import { byTarget, type Target } from '../lib/domain/target.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import type { PlanTotals, Run } from '../lib/report/documents.ts';
import type { Arguments } from './arguments.ts';
import { watching } from './canary.ts';
import { changeTargets } from './command-run.ts';
import type { Host } from './host.ts';
import { checksCaller } from './options.ts';
import { withProgress } from './progress.ts';
import type { RunConfiguration } from './run-configuration.ts';
import type { Sessions } from './sessions.ts';

export interface ApplyRun {
  readonly args: Arguments;
  readonly host: Host;
  readonly cloudOf: CloudOf;
  readonly journal: Journal;
  readonly flapping: FlappingCheck;
  readonly sessions: Sessions;
  readonly run: Pick<Run, 'id'>;
  /** The command that takes the run back. */
  readonly undo: string;
  readonly config: RunConfiguration;
  /** Whether the plan was just made, so that what the caller lacks is known. */
  readonly isNew: boolean;
}

interface CarriedOut {
  readonly outcomes: readonly Outcome[];
  readonly report?: CanaryReport;
}

/** Carries out the steps of a plan, target by target; with a canary, its log stores first. Reads what it changed once more at the end. */
export async function carryOut(
  steps: readonly Step[],
  plan: PlanTotals,
  canary: Canary | null,
  applyRun: ApplyRun,
): Promise<CarriedOut> {
  const { outcomes, ...rest } = await changeAsPlanned(steps, plan, canary, applyRun);
  const { cloudOf, host } = applyRun;
  const read = await pMap(
    byTarget(outcomes, ({ store }) => store),
    ([target, some]) => readAfterRun(some, cloudOf(target).logStores, host.signal),
    { concurrency: CONCURRENT_TARGETS },
  );
  return { outcomes: read.flat(), ...rest };
}

async function changeAsPlanned(
  steps: readonly Step[],
  plan: PlanTotals,
  canary: Canary | null,
  { args, host, cloudOf, journal, flapping, sessions, run, undo, config, isNew }: ApplyRun,
): Promise<CarriedOut> {
  const { signal } = host;
  const by = { runId: run.id, journal, clock: () => host.now() };
  const changeAll = async <T extends { readonly store: LogStore }>(
    items: readonly T[],
    change: (target: Target, some: T[], onOutcome: () => void) => Promise<Outcome[]>,
  ): Promise<Outcome[]> => {
    const groups = byTarget(items, ({ store }) => store);
    const outcomes = await withProgress(
      'done',
      args,
      host,
      (add) => changeTargets(groups, (target, some) => change(target, some, () => add(target, 1)), host, undo),
      items.length,
    );
    return outcomes.flat();
  };
  const seal = (some: readonly Step[], journal: Journal): Promise<Outcome[]> =>
    changeAll(some, (target, ofTarget, onOutcome) =>
      applySteps(ofTarget, cloudOf(target), {
        ...{ ...by, journal, flapping, onOutcome, signal, actor: sessions.actorIn(target) },
        rules: rulesOfPlan(plan, config, host),
        checksCaller: !isNew && checksCaller(args, target.provider),
      }),
    );
  if (!canary) return { outcomes: await seal(steps, journal) };
  return applyWithCanary(steps, canary, {
    ...{ ...by, cloudOf, signal, seal, wait: host.pacing.wait },
    putBack: (changes) =>
      host.complete(() =>
        changeAll(changes, (target, some, onOutcome) =>
          putBackChanges(some, cloudOf(target), {
            ...{ ...by, onOutcome, actor: sessions.actorIn(target) },
            rules: rulesOfPlan(plan, config, host),
          }),
        ),
      ),
    ...watching(args, canary, host, undo),
  });
}

/** A plan in a file says what it was made under; the service principal is a fact about the partition. */
function rulesOfPlan(
  { key: { configured, required, orgId } }: PlanTotals,
  { configuration, failure }: RunConfiguration,
  host: Host,
): Rules {
  return rulesAt(host.now(), {
    ...{ key: configured, requiresKey: required, configuration, unreadConfiguration: failure },
    acceptsServiceKey: configured === SERVICE_KEY,
    orgId: orgId ?? null,
    logsPrincipal: readLogsPrincipal(host.environment),
  });
}
