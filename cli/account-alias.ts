import pMap from 'p-map';
import type { CloudOf } from '../lib/app/ports.ts';
import { difference, type TargetReport } from '../lib/app/scan/scan-target.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import { isForPeople } from '../lib/report/formats/index.ts';
import type { Outputs } from './report.ts';

/**
 * Names the account of each target by its alias too, where people read the result: one call for each account, through the first of
 * its targets that was scanned completely.
 * @returns the same targets where no alias is known
 */
export async function withAliases(
  targets: readonly TargetReport[],
  cloudOf: CloudOf,
  { all }: Outputs,
): Promise<TargetReport[]> {
  if (!all.some(({ format }) => isForPeople(format))) return [...targets];
  const asked = new Map<string, TargetReport>();
  for (const target of targets) {
    const isReached = target.status === 'COMPLETE' && target.account !== '';
    if (isReached && !asked.has(accountKey(target))) asked.set(accountKey(target), target);
  }
  const aliases = new Map<string, string>();
  const counted = new Map<TargetReport, TargetReport>();
  await pMap(
    asked,
    async ([account, target]) => {
      const cloud = cloudOf(target);
      const before = cloud.apiCalls();
      const alias = await cloud.accountAlias?.();
      if (alias) aliases.set(account, alias);
      const apiCalls = { ...target.apiCalls, ...difference(cloud.apiCalls(), before) };
      counted.set(target, { ...target, apiCalls });
    },
    { concurrency: CONCURRENT_TARGETS },
  );
  return targets.map((target) => {
    const accountAlias = aliases.get(accountKey(target));
    return { ...(counted.get(target) ?? target), ...(accountAlias && { accountAlias }) };
  });
}

function accountKey({ provider, account }: TargetReport): string {
  return `${provider} ${account}`;
}
