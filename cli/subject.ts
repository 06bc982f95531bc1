import type { Owner } from '../lib/app/ports.ts';
import { retryError } from '../lib/domain/evaluation.ts';
import type { KeyInspection } from '../lib/domain/key.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import type { Refusal } from '../lib/domain/reasons.ts';
import { logStoreOf } from '../lib/domain/stores/index.ts';
import { ANY_LOG_GROUP_NAME } from '../lib/domain/stores/log-group.ts';
import { QUERY_RESULTS_NAME } from '../lib/domain/stores/query-results.ts';
import type { Target } from '../lib/domain/target.ts';
import { CloudError, type CloudErrorCode } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';

/** What a key would be attached to: the log group of the options, one that no policy names, or the query results. */
export function storeToSeal(args: Arguments, { provider, region }: Target, { account, partition }: Owner): LogStore {
  const target = { provider, account, region };
  if (args.flag('query-results')) return logStoreOf('query-results', partition, target, QUERY_RESULTS_NAME);
  return logStoreOf('log-group', partition, target, args.value('log-group') ?? ANY_LOG_GROUP_NAME);
}

/**
 * @param refusal what keeps the key from being used; null: nothing
 * @throws CloudError where that is only that it could not be inspected this time, which proves nothing about the key
 */
export function refuseUninspected(inspection: KeyInspection, refusal: Refusal | null): void {
  const error = refusal && retryError(refusal, inspection);
  if (!error) return;
  const { code, call, message } = error;
  throw new CloudError(code as CloudErrorCode, call, message);
}

/**
 * Says what the query costs that shows which key the query results have, before it runs.
 * @param about the log stores of a plan or a journal
 */
export function announceQuery(args: Arguments, { err }: Host, about: readonly Pick<Step, 'store'>[] = []): void {
  const isWanted = args.flag('query-results') || about.some(({ store }) => store.type === 'query-results');
  if (!isWanted || args.flag('quiet')) return;
  err.write(
    'query results: only a query shows which key they have, so one is run in each Region, over one second of one log ' +
      'group (next to no bytes, at the price of Logs Insights); it takes logs:StartQuery and logs:GetQueryResults\n',
  );
}
