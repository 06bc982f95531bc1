import { remediateStores } from '../app/change/remediate-stores.ts';
import type { CloudOf, EventBus, StoreJournal } from '../app/ports.ts';
import type { RemediateConfig } from '../config/functions.ts';
import type { LogStore } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan-step.ts';
import { rulesAt } from '../domain/rules.ts';
import { logStoreNamed } from '../domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../domain/stores/query-results.ts';
import { byTarget, type Target } from '../domain/target.ts';
import { asError } from '../errors.ts';
import type { Delivery, Handled } from './sqs-batch.ts';
import { reasonToIgnore } from './target-guard.ts';
import type { Ignored, RemediateTrigger } from './triggers.ts';

/** A trigger that names a log store. */
type StoreTrigger = Exclude<RemediateTrigger, Ignored>;

interface StoreDelivery extends Delivery<StoreTrigger> {
  readonly delivery: Delivery<RemediateTrigger>;
}

export interface RemediateWork {
  readonly config: RemediateConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly journal: StoreJournal;
  readonly runId: string;
  readonly clock: () => Date;
  readonly onIgnored: (because: string, trigger: RemediateTrigger) => void;
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * Evaluates every log store that the triggers name, each store once, one target after the other. In `Enforce` it seals the
 * stores that need it. A target that fails does not stop the others.
 * @returns the triggers to deliver again; a refusal is an outcome and not a failure
 */
export async function remediateForTriggers(
  deliveries: readonly Delivery<RemediateTrigger>[],
  work: RemediateWork,
): Promise<Handled<RemediateTrigger>> {
  const failed = new Map<Delivery<RemediateTrigger>, Error>();
  const all: Outcome[] = [];
  const accepted: StoreDelivery[] = [];
  for (const delivery of deliveries) {
    const { trigger, attempt } = delivery;
    if (trigger.kind === 'IGNORED') {
      work.onIgnored(trigger.because, trigger);
      continue;
    }
    try {
      const because = await whyIgnored(trigger, work);
      if (because === undefined) accepted.push({ trigger, attempt, delivery });
      else work.onIgnored(because, trigger);
    } catch (error) {
      failed.set(delivery, asError(error));
    }
  }
  for (const [target, ofTarget] of byTarget(accepted, ({ trigger }) => trigger.target)) {
    const byStore = Map.groupBy(ofTarget, ({ trigger }) => storeName(trigger));
    try {
      const outcomes = await remediateTarget(target, byStore, work);
      all.push(...outcomes);
      for (const { store, outcome, error } of outcomes) {
        if (outcome !== 'FAILED') continue;
        const failure = new Error(`${store.name}: ${error?.code}: ${error?.message}`);
        for (const { delivery } of byStore.get(store.name) ?? []) failed.set(delivery, failure);
      }
    } catch (error) {
      for (const { delivery } of ofTarget) failed.set(delivery, asError(error));
    }
  }
  return { failed, result: { outcomes: all } };
}

async function whyIgnored({ kind, target }: StoreTrigger, work: RemediateWork): Promise<string | undefined> {
  const because = await reasonToIgnore(target, work);
  if (because !== undefined || kind !== 'QUERY_RESULTS' || work.config.queryResults) return because;
  return 'query results are not included: QueryResults is false';
}

function storeName(trigger: StoreTrigger): string {
  switch (trigger.kind) {
    case 'LOG_GROUP':
      return trigger.name;
    case 'QUERY_RESULTS':
      return QUERY_RESULTS_NAME;
  }
}

/**
 * Remediates log stores of one target and sends their outcomes.
 * @throws CloudError when none could be read, or when the bus did not take the outcomes
 */
async function remediateTarget(
  target: Target,
  byStore: ReadonlyMap<string, readonly StoreDelivery[]>,
  work: RemediateWork,
): Promise<Outcome[]> {
  const cloud = work.cloudOf(target);
  const { partition } = await cloud.owner();
  const { arn: actor } = await cloud.caller();
  const stores = [...byStore.keys()].flatMap((name) => logStoreNamed(partition, target, name) ?? []);
  const { mode, key, logsPrincipal } = work.config;
  const rules = rulesAt(work.clock(), { logsPrincipal });
  const changedBy = ({ name }: LogStore) =>
    byStore.get(name)?.findLast(({ trigger }) => trigger.changedBy)?.trigger.changedBy ?? null;
  const outcomes = await remediateStores(stores, cloud, { ...work, actor, mode, key, rules, changedBy });
  await work.bus.send(
    outcomes.map((outcome) => ({
      detailType: 'Remediation Outcome',
      detail: { schema: 'logseal/remediation-outcome/1', runId: work.runId, mode, ...outcome },
    })),
  );
  return outcomes;
}
