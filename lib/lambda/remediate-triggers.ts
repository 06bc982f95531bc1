import { remediate } from '../app/change/remediate-stores.ts';
import type { CloudOf, EventBus, Journal } from '../app/ports.ts';
import type { RemediateConfig } from '../config.ts';
import { awsStoreNamed, QUERY_RESULTS_NAME } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan-step.ts';
import { byTarget, type Target, targetKey } from '../domain/target.ts';
import { asError } from '../errors.ts';
import type { Result } from './sqs-batch.ts';
import { whyForeign } from './target-guard.ts';
import type { RemediateTrigger } from './triggers.ts';

/** A log store to look at, and the events that ask for it. */
interface Wanted {
  readonly target: Target;
  readonly name: string;
  readonly indexes: number[];
}

export interface RemediateWork {
  readonly config: RemediateConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly journal: Journal;
  readonly runId: string;
  readonly clock: () => Date;
  readonly onIgnored: (because: string, trigger: RemediateTrigger) => void;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Checks each log store that a batch of triggers names once, target by target. */
export async function remediateForTriggers(
  triggers: readonly RemediateTrigger[],
  work: RemediateWork,
): Promise<Result[]> {
  const wanted = new Map<string, Wanted>();
  const results: Result[] = triggers.map(() => undefined);
  for (const [index, trigger] of triggers.entries()) {
    if (trigger.kind === 'IGNORED') {
      work.onIgnored(trigger.because, trigger);
      continue;
    }
    try {
      const because = (await whyForeign(trigger.target, work)) ?? whyUnwanted(trigger, work);
      if (because) {
        work.onIgnored(because, trigger);
        continue;
      }
    } catch (error) {
      results[index] = asError(error);
      continue;
    }
    const { target } = trigger;
    const name = trigger.kind === 'LOG_GROUP' ? trigger.name : QUERY_RESULTS_NAME;
    const key = `${targetKey(target)} ${name}`;
    const known = wanted.get(key) ?? { target, name, indexes: [] };
    known.indexes.push(index);
    wanted.set(key, known);
  }
  for (const [target, stores] of byTarget(wanted.values(), (each) => each.target)) {
    const errors = await remediateTarget(target, stores, work);
    for (const [order, { indexes }] of stores.entries()) for (const index of indexes) results[index] = errors[order];
  }
  return results;
}

function whyUnwanted({ kind }: RemediateTrigger, { config }: RemediateWork): string | undefined {
  return kind === 'QUERY_RESULTS' && !config.queryResults ? 'query results are not looked after here' : undefined;
}

/** @returns what went wrong in passing, in the order of the log stores; a refusal is an outcome, not an error */
async function remediateTarget(target: Target, wanted: readonly Wanted[], work: RemediateWork): Promise<Result[]> {
  try {
    const cloud = work.cloudOf(target);
    const { partition } = await cloud.owner();
    const { arn: actor } = await cloud.caller();
    const stores = wanted.map(({ name }) => awsStoreNamed(partition, target, name));
    const { mode, key } = work.config;
    const outcomes = await remediate(stores, cloud, { ...work, actor, mode, key });
    await work.bus.send(
      outcomes.map((outcome) => ({
        detailType: 'Remediation Outcome',
        detail: { schema: 'logseal/remediation-outcome/1', runId: work.runId, mode, ...outcome },
      })),
    );
    return outcomes.map(({ store, outcome, error }) =>
      outcome === 'FAILED' ? new Error(`${store.name}: ${error?.code}: ${error?.message}`) : undefined,
    );
  } catch (error) {
    return wanted.map(() => asError(error));
  }
}
