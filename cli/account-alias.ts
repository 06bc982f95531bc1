import pMap from 'p-map';
import type { CloudOf } from '../lib/app/ports.ts';
import { difference, type TargetReport } from '../lib/app/scan/scan-target.ts';
import { targetKey } from '../lib/domain/target.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import { isForPeople } from '../lib/report/formats/index.ts';
import type { Outputs } from './report.ts';

/**
 * Names the account of each target by its alias too, where people read the result: one call for each account.
 * @returns the same targets where no alias is known
 */
export async function withAliases(
  targets: readonly TargetReport[],
  cloudOf: CloudOf,
  { all }: Outputs,
): Promise<TargetReport[]> {
  if (!all.some(({ format }) => isForPeople(format))) return [...targets];
  const byAccount = Map.groupBy(targets, ({ provider, account }) => `${provider} ${account}`);
  const named = await pMap(
    byAccount.values(),
    async ([first, ...others]) => {
      const cloud = first && first.account !== '' ? cloudOf(first) : undefined;
      if (!first || !cloud?.accountAlias) return first ? [first, ...others] : [];
      const before = cloud.apiCalls();
      const accountAlias = await cloud.accountAlias();
      const apiCalls = { ...first.apiCalls, ...difference(cloud.apiCalls(), before) };
      return [{ ...first, apiCalls }, ...others].map((target) => (accountAlias ? { ...target, accountAlias } : target));
    },
    { concurrency: CONCURRENT_TARGETS },
  );
  const byTarget = new Map(named.flat().map((target) => [targetKey(target), target]));
  return targets.map((target) => byTarget.get(targetKey(target)) ?? target);
}
