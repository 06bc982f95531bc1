import pMap from 'p-map';
import { failedForGood } from '../app/change/failed-for-good.ts';
import { remediateStores } from '../app/change/remediate-stores.ts';
import type { RemediationReport } from '../app/change/remediation-report.ts';
import { whyFailed } from '../app/disabled-region.ts';
import type { EventBus, OutgoingEvent, StoreJournal } from '../app/ports.ts';
import type { RemediateConfig } from '../config/functions.ts';
import type { LogStore } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan-step.ts';
import { rulesAt } from '../domain/rules.ts';
import { logStoreNamed } from '../domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../domain/stores/query-results.ts';
import { byTarget, type Target } from '../domain/target.ts';
import { asError, type CloudError } from '../errors.ts';
import { CONCURRENT_TARGETS, MAX_RECEIVES } from '../pacing.ts';
import type { ConfigReader } from './config-reader.ts';
import { inTurn, type TurnWork } from './in-turn.ts';
import { createOutbox } from './outbox.ts';
import { isPermanent, isRefusedUnchecked } from './permanent.ts';
import type { Delivery, Handled } from './sqs-batch.ts';
import { ownAccount, type Reach, reasonToIgnore } from './target-guard.ts';
import type { Ignored, RemediateTrigger } from './triggers.ts';

/** A trigger that names a log store. */
type StoreTrigger = Exclude<RemediateTrigger, Ignored>;

interface StoreDelivery extends Delivery<StoreTrigger> {
  readonly delivery: Delivery<RemediateTrigger>;
}

export interface RemediateWork extends Reach, TurnWork {
  readonly config: RemediateConfig;
  readonly configuration: ConfigReader;
  readonly bus: EventBus;
  readonly journal: StoreJournal;
  readonly runId: string;
  /** Asked before each change: whether to leave the rest to another invocation. */
  readonly isTimeUp: () => boolean;
  /** Asked before each request that changes a log store: whether the messages were given back, so that another attempt may have begun. */
  readonly isOver: () => boolean;
  readonly onIgnored: (because: string, trigger: RemediateTrigger) => void;
  /**
   * Called with what AWS refuses until somebody changes something: once for each target, and once for each error code of the events
   * that could not be checked, without a target.
   */
  readonly onRefused: (failure: CloudError, target: Target | null, runId: string) => void;
  /**
   * Called with each outcome as soon as it is known.
   * @param runId of the run that the outcome is of
   * @param changedBy ARN of who changed the log store before; null: no event says
   */
  readonly onOutcome: (outcome: Outcome, runId: string, changedBy: string | null) => void;
  /** Called with an outcome that another attempt counts, or has counted. */
  readonly onUncounted: (outcome: Outcome, runId: string, changedBy: string | null) => void;
  /** Called with a log store that somebody else gave another key, or took the key from, after this run had sealed it. */
  readonly onChangedAfterRun: (outcome: Outcome, runId: string) => void;
}

/**
 * Evaluates every log store that the triggers name, each store once, the targets side by side. In `Enforce` it seals the
 * stores that need it. A target that fails does not stop the others. Each outcome is sent as soon as it is known.
 * @returns the triggers to deliver again: those whose store failed or was not reached, whose change the journal does not have,
 * or whose outcome the bus did not accept. A refusal is an outcome and not a failure. What AWS refuses until somebody changes
 * something is reported and not among them: a target that cannot be entered or read, and an organization that cannot be read
 */
export async function remediateForTriggers(
  deliveries: readonly Delivery<RemediateTrigger>[],
  work: RemediateWork,
): Promise<Handled<RemediateTrigger>> {
  const failed = new Map<Delivery<RemediateTrigger>, Error>();
  const outcomes: Outcome[] = [];
  const refusals = new Map<string, CloudError>();
  const accept = async (delivery: Delivery<RemediateTrigger>): Promise<StoreDelivery[]> => {
    const { trigger } = delivery;
    try {
      const because = trigger.kind === 'IGNORED' ? trigger.because : await whyIgnored(trigger, work);
      if (because !== undefined) work.onIgnored(because, trigger);
      else if (trigger.kind !== 'IGNORED') return [{ ...delivery, trigger, delivery }];
    } catch (error) {
      if (isRefusedUnchecked(error, delivery)) refusals.set(error.code, error);
      else failed.set(delivery, asError(error));
    }
    return [];
  };
  const accepted = (await pMap(deliveries, accept, SIDE_BY_SIDE)).flat();
  for (const refusal of refusals.values()) work.onRefused(refusal, null, work.runId);
  const noting: RemediateWork = {
    ...work,
    onOutcome: (outcome, runId, changedBy) => {
      outcomes.push(outcome);
      work.onOutcome(outcome, runId, changedBy);
    },
  };
  const targets = byTarget(accepted, ({ trigger }) => trigger.target);
  const remediate = async ([target, ofTarget]: (typeof targets)[number]): Promise<void> => {
    const byStore = Map.groupBy(ofTarget, ({ trigger }) => storeName(trigger));
    const change = async () => {
      for (const [name, error] of await remediateTarget(target, byStore, noting)) {
        for (const { delivery } of byStore.get(name) ?? []) failed.set(delivery, error);
      }
    };
    try {
      // Audit changes nothing, so that there is no quota to share.
      await (work.config.mode === 'Audit' ? change() : inTurn(target, ofTarget, work, change));
    } catch (error) {
      for (const { delivery } of ofTarget) failed.set(delivery, asError(error));
    }
  };
  await pMap(targets, remediate, SIDE_BY_SIDE);
  return { failed, result: { outcomes } };
}

/** Quotas are per account and Region, so targets do not slow each other. */
const SIDE_BY_SIDE = { concurrency: CONCURRENT_TARGETS };

async function whyIgnored(trigger: StoreTrigger, work: RemediateWork): Promise<string | undefined> {
  const because = await reasonToIgnore(trigger, work);
  if (because !== undefined || trigger.kind !== 'QUERY_RESULTS' || work.config.queryResults) return because;
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

type StoresOfTarget = ReadonlyMap<string, readonly StoreDelivery[]>;

/**
 * Remediates log stores of one target and sends their outcomes.
 * @returns the stores to remediate again, by name, each with the reason
 */
async function remediateTarget(
  target: Target,
  byStore: StoresOfTarget,
  work: RemediateWork,
): Promise<Map<string, Error>> {
  const again = new Map<string, Error>();
  const reported = new Set<string>();
  const outbox = createOutbox(work.bus, work.isTimeUp);
  let left: Error = new Error('not reached: the invocation has too little time left');
  const report: RemediationReport = {
    onAgain: ({ name }, error) => void again.set(name, error),
    isLastAttempt: ({ name }) => (byStore.get(name) ?? []).some(({ attempt }) => attempt >= MAX_RECEIVES),
    onOutcome(outcome, { runId, counts }) {
      const { name } = outcome.store;
      reported.add(name);
      const record = counts ? work.onOutcome : work.onUncounted;
      record(outcome, runId, changedBy(byStore, outcome.store));
      outbox.put(outcomeEvent(outcome, runId, work.config.mode), (error) => {
        again.set(name, new Error(`${name}: its outcome could not be sent: ${error.message}`, { cause: error }));
      });
    },
  };
  try {
    await sealTarget(target, byStore, work, report);
  } catch (error) {
    left = asError(error);
    if (isPermanent(error) && reported.size + again.size === 0) {
      left = await reportRefusal(target, byStore, error, work, report).catch(asError);
    }
  }
  await outbox.sent();
  for (const name of byStore.keys()) if (!reported.has(name) && !again.has(name)) again.set(name, left);
  return again;
}

/** Reports the log stores of a target that cannot be entered or read. @returns why it cannot */
async function reportRefusal(
  target: Target,
  byStore: StoresOfTarget,
  error: CloudError,
  work: RemediateWork,
  { onOutcome }: RemediationReport,
): Promise<CloudError> {
  const { runId, journal } = work;
  const failure = await whyFailed(error, target.region, work.cloudOf(target));
  const { partition } = await ownAccount(work);
  const stores = storesOf(partition, target, byStore);
  const outcomes = await failedForGood(stores, failure, { journal, triedSince: triedSince(byStore, work) });
  for (const outcome of outcomes) onOutcome(outcome, { runId, counts: true });
  if (outcomes.length > 0) work.onRefused(failure, target, runId);
  return failure;
}

function storesOf(partition: string, target: Target, byStore: StoresOfTarget): LogStore[] {
  return [...byStore.keys()].flatMap((name) => logStoreNamed(partition, target, name) ?? []);
}

/** Who changed the key of a log store last, as the events say. */
function changedBy(byStore: StoresOfTarget, { name }: LogStore): string | null {
  return byStore.get(name)?.findLast(({ trigger }) => trigger.changedBy)?.trigger.changedBy ?? null;
}

/**
 * When the first event was sent of those that an earlier attempt was made at, in milliseconds since 1970; null: none was, or none
 * changed anything.
 */
function triedSince(byStore: StoresOfTarget, { config }: RemediateWork): (store: LogStore) => number | null {
  return ({ name }) => {
    const tried = (byStore.get(name) ?? []).filter(({ attempt }) => attempt > 1);
    if (tried.length === 0 || config.mode === 'Audit') return null;
    return Math.min(...tried.map(({ sentAtMs = 0 }) => sentAtMs));
  };
}

function outcomeEvent(outcome: Outcome, runId: string, mode: RemediateConfig['mode']): OutgoingEvent {
  return {
    detailType: 'Remediation Outcome',
    detail: { schema: 'logseal/remediation-outcome/1', runId, mode, ...outcome },
  };
}

/** @throws CloudError when none of the log stores could be read */
async function sealTarget(
  target: Target,
  byStore: StoresOfTarget,
  work: RemediateWork,
  report: RemediationReport,
): Promise<void> {
  const cloud = work.cloudOf(target);
  const { partition } = await cloud.owner();
  const { arn: actor } = await cloud.caller();
  const stores = storesOf(partition, target, byStore);
  const { mode, key, logsPrincipal } = work.config;
  const { runId, clock, journal } = work;
  const { status: _, ...file } = await work.configuration();
  const outcomes = await remediateStores(stores, cloud, {
    ...{ runId, actor, mode, journal, clock, rules: rulesAt(clock(), { key, logsPrincipal, ...file }), ...report },
    changedBy: (store) => changedBy(byStore, store),
    isOver: work.isOver,
    triedSince: triedSince(byStore, work),
    signal: {
      get aborted() {
        return work.isTimeUp();
      },
    },
  });
  for (const outcome of outcomes) {
    if (outcome.afterRun?.status === 'CHANGED') work.onChangedAfterRun(outcome, runId);
  }
}
