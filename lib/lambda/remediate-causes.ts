import type { CloudOf, EventBus, Journal } from '../app/ports.ts';
import { remediate } from '../app/remediate.ts';
import type { RemediateConfig } from '../config.ts';
import { awsStoreNamed, QUERY_RESULTS_NAME } from '../domain/log-store.ts';
import type { Outcome } from '../domain/plan.ts';
import { asError } from '../errors.ts';
import type { RemediateCause } from './events.ts';
import { whyForeign } from './foreign.ts';
import type { Result } from './records.ts';

/** A log store to look at, and the events that ask for it. */
interface Wanted {
  readonly region: string;
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
  readonly onIgnored: (because: string, cause: RemediateCause) => void;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Looks once at each log store that a batch of causes names, Region by Region. */
export async function remediateForCauses(causes: readonly RemediateCause[], work: RemediateWork): Promise<Result[]> {
  const wanted = new Map<string, Wanted>();
  const results: Result[] = causes.map(() => undefined);
  for (const [index, cause] of causes.entries()) {
    if (cause.kind === 'IGNORED') {
      work.onIgnored(cause.because, cause);
      continue;
    }
    try {
      const because = (await whyForeign(cause, work)) ?? whyUnwanted(cause, work);
      if (because) {
        work.onIgnored(because, cause);
        continue;
      }
    } catch (error) {
      results[index] = asError(error);
      continue;
    }
    const { region } = cause;
    const name = cause.kind === 'LOG_GROUP' ? cause.name : QUERY_RESULTS_NAME;
    const known = wanted.get(`${region} ${name}`) ?? { region, name, indexes: [] };
    known.indexes.push(index);
    wanted.set(`${region} ${name}`, known);
  }
  for (const [region, stores] of Map.groupBy(wanted.values(), (each) => each.region)) {
    const errors = await remediateRegion(region, stores, work);
    for (const [order, { indexes }] of stores.entries()) for (const index of indexes) results[index] = errors[order];
  }
  return results;
}

function whyUnwanted({ kind }: RemediateCause, { config }: RemediateWork): string | undefined {
  return kind === 'QUERY_RESULTS' && !config.queryResults ? 'query results are not looked after here' : undefined;
}

/** @returns what went wrong in passing, in the order of the log stores; a refusal is an outcome, not an error */
async function remediateRegion(region: string, wanted: readonly Wanted[], work: RemediateWork): Promise<Result[]> {
  try {
    const { account, arn, partition } = await work.cloudOf(work.config.homeRegion).caller();
    const target = { provider: 'aws', account, region } as const;
    const stores = wanted.map(({ name }) => awsStoreNamed(partition, target, name));
    const { mode, key } = work.config;
    const outcomes = await remediate(stores, work.cloudOf(region), { ...work, actor: arn, mode, key });
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
