import type { Caller, Cloud, LogStorePage } from '../../lib/app/ports.ts';
import { createCalls } from '../../lib/aws/calls.ts';
import { createAwsCloud } from '../../lib/aws/cloud.ts';
import type { Failure } from '../../lib/domain/failure.ts';
import type { FoundLogStore, LogStore, StoreReading } from '../../lib/domain/log-store.ts';
import type { Target } from '../../lib/domain/target.ts';

export const TARGET: Target = { provider: 'aws', account: '111122223333', region: 'eu-west-1' };
export const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-555555555555';

/** A log group of the test's target. */
export function aLogGroup(name: string): LogStore {
  return { ...TARGET, type: 'log-group', name, arn: `arn:aws:logs:eu-west-1:111122223333:log-group:${name}` };
}

/** The query results of the test's target. */
export const QUERY_RESULTS: LogStore = {
  ...TARGET,
  type: 'query-results',
  name: 'query-results',
  arn: 'arn:aws:logs:eu-west-1:111122223333:query-result:*',
};

/** A log group as DescribeLogGroups returns it. */
export function aDescription(name: string): object {
  return { logGroupName: name, arn: `${aLogGroup(name).arn}:*`, logGroupArn: aLogGroup(name).arn };
}

/** Collects all log stores of a listing. */
export async function all(pages: AsyncIterable<LogStorePage>): Promise<FoundLogStore[]> {
  return (await collect(pages)).flatMap(({ readings }) => foundIn(readings));
}

/** The log stores that were found, without those that could not be read or are gone. */
export function foundIn(readings: readonly StoreReading[]): FoundLogStore[] {
  return readings.flatMap((reading) => (reading.status === 'FOUND' ? [reading.found] : []));
}

/** What was found of one log store; why it could not be read; undefined: it is gone. */
export function answerOf(reading: StoreReading | undefined): FoundLogStore | Failure | undefined {
  switch (reading?.status) {
    case 'FOUND':
      return reading.found;
    case 'UNREADABLE':
      return reading.failure;
    default:
      return undefined;
  }
}

/** Collects all items. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** A Region of a partition, whose caller is known without a call. */
export function aCloudIn(partition = 'aws'): Cloud {
  return createAwsCloud(TARGET.region, { maxAttempts: 2 }, { calls: createCalls(), caller: () => callerIn(partition) });
}

/** The caller's identity in a partition. */
async function callerIn(partition: string): Promise<Caller> {
  return { account: TARGET.account, arn: `arn:${partition}:iam::${TARGET.account}:user/test`, partition };
}
