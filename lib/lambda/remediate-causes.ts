import type { CloudOf, EventBus, Journal } from '../app/ports.ts';
import { remediate } from '../app/remediate.ts';
import type { RemediateConfig } from '../config.ts';
import { type LogStore, logGroupArn } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan.ts';
import { asError } from '../errors.ts';
import type { RemediateCause } from './events.ts';
import { whyForeign } from './foreign.ts';
import type { Result } from './records.ts';

export interface RemediateWork {
  readonly config: RemediateConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly journal: Journal;
  readonly runId: string;
  readonly clock: () => Date;
  readonly onIgnored: (because: string, cause: RemediateCause) => void;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Looks once at each log group that a batch of causes names, Region by Region. */
export async function remediateForCauses(causes: readonly RemediateCause[], work: RemediateWork): Promise<Result[]> {
  const wanted = new Map<string, { region: string; name: string; indexes: number[] }>();
  const results: Result[] = causes.map(() => undefined);
  for (const [index, cause] of causes.entries()) {
    if (cause.kind === 'IGNORED') {
      work.onIgnored(cause.because, cause);
      continue;
    }
    try {
      const because = await whyForeign(cause, work);
      if (because) {
        work.onIgnored(because, cause);
        continue;
      }
    } catch (error) {
      results[index] = asError(error);
      continue;
    }
    const { region, name } = cause;
    const known = wanted.get(`${region} ${name}`) ?? { region, name, indexes: [] };
    known.indexes.push(index);
    wanted.set(`${region} ${name}`, known);
  }
  for (const [region, groups] of Map.groupBy(wanted.values(), (group) => group.region)) {
    const errors = await remediateRegion(
      region,
      groups.map(({ name }) => name),
      work,
    );
    for (const { name, indexes } of groups) for (const index of indexes) results[index] = errors.get(name);
  }
  return results;
}

/** @returns what went wrong in passing, by name; a refusal is an outcome, not an error */
async function remediateRegion(
  region: string,
  names: readonly string[],
  work: RemediateWork,
): Promise<Map<string, Error>> {
  try {
    const { account, arn, partition } = await work.cloudOf(work.config.homeRegion).caller();
    const target = { provider: 'aws', account, region } as const;
    const stores = names.map(
      (name): LogStore => ({ ...target, type: 'log-group', name, arn: logGroupArn(partition, target, name) }),
    );
    const { mode, key } = work.config;
    const outcomes = await remediate(stores, work.cloudOf(region), { ...work, actor: arn, mode, key });
    await work.bus.send(
      outcomes.map((outcome) => ({
        detailType: 'Remediation Outcome',
        detail: { schema: 'logseal/remediation-outcome/1', runId: work.runId, mode, ...outcome },
      })),
    );
    const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
    return new Map(
      failed.map(({ store, error }) => [store.name, new Error(`${store.name}: ${error?.code}: ${error?.message}`)]),
    );
  } catch (error) {
    const cause = asError(error);
    return new Map(names.map((name) => [name, cause]));
  }
}
