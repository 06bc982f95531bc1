import type { Owner } from '../lib/app/ports.ts';
import { retryError } from '../lib/domain/evaluation.ts';
import type { KeyInspection } from '../lib/domain/key.ts';
import { isLogGroupsPattern, type RepairScope, type Scopes } from '../lib/domain/key-policy/repair-scope.ts';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import type { PolicyRefusal } from '../lib/domain/reasons.ts';
import { logStoreOf } from '../lib/domain/stores/index.ts';
import { ANY_LOG_GROUP_NAME, LOG_GROUP, nameHint } from '../lib/domain/stores/log-group.ts';
import { QUERY_RESULTS_NAME } from '../lib/domain/stores/query-results.ts';
import type { Target } from '../lib/domain/target.ts';
import { CloudError, type CloudErrorCode } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';
import { selection } from './selection.ts';

/** What a key would be attached to: the log group of the options, one that no policy names, or the query results. */
export function storeToSeal(
  args: Arguments,
  { provider, region }: Pick<Target, 'provider' | 'region'>,
  { account, partition }: Owner,
): LogStore {
  const target = { provider, account, region };
  if (args.flag('query-results')) return logStoreOf('query-results', partition, target, QUERY_RESULTS_NAME);
  return logStoreOf('log-group', partition, target, args.value('log-group') ?? ANY_LOG_GROUP_NAME);
}

/**
 * What a repair is for, by the options, and a log store in the first part of it.
 * @param named the accounts whose log groups the key is for; none: that of the key
 */
export function scopesToRepair(
  args: Arguments,
  { provider, region }: Target,
  owner: Owner,
  named: readonly string[],
): { readonly store: LogStore; readonly scopes: Scopes } {
  const [first = owner.account, ...others] = new Set(named);
  const orgId = args.value('org-id');
  const logGroups = (account: string, name: string) =>
    logStoreOf('log-group', owner.partition, { provider, account, region }, name);
  const scopeOf = (account: string): RepairScope => {
    if (args.flag('query-results')) return { type: 'query-results', account };
    const { arn: pattern } = logGroups(account, args.value('log-group') ?? '*');
    if (!args.flag('readers-and-writers')) return { type: 'log-groups', pattern };
    if (named.length > 0 || orgId === undefined) return { type: 'readers-and-writers', pattern };
    return { type: 'organization', orgId, pattern: logGroups('*', '*').arn };
  };
  const store = args.flag('query-results')
    ? storeToSeal(args, { provider, region }, { ...owner, account: first })
    : logGroups(first, args.value('log-group')?.replace(/\*$/, ANY_LOG_GROUP_NAME) ?? ANY_LOG_GROUP_NAME);
  return { store, scopes: [scopeOf(first), ...others.map(scopeOf)] };
}

/** The mistake in the name of one log group. */
export function logGroupMistake(text: string): string | undefined {
  const mistake = LOG_GROUP.nameMistake(text);
  const isPattern = mistake !== undefined && isLogGroupsPattern(text);
  return isPattern ? `${mistake}: key check takes one name, without *` : mistake;
}

/** The mistake in the name of a log group, or in the beginning of some names with `*` after it. */
export function logGroupsMistake(text: string): string | undefined {
  if (isLogGroupsPattern(text)) return undefined;
  return `expected the name of a log group, or the beginning of names with * after it, got ${JSON.stringify(text)}${nameHint(text)}`;
}

/**
 * @param refusal what keeps the key from being used; null: nothing
 * @throws CloudError where that is only that it could not be inspected this time, which proves nothing about the key
 */
export function refuseUninspected(inspection: KeyInspection, refusal: PolicyRefusal | null): void {
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
  const isChosen = args.flag('query-results') && selection(args).chooses(QUERY_RESULTS_NAME);
  const isWanted = isChosen || about.some(({ store }) => store.type === 'query-results');
  if (!isWanted || args.flag('quiet')) return;
  err.write(
    'query results: only a query shows which key they have, so one is run in each Region, over one second of one log ' +
      'group (next to no bytes, at the price of Logs Insights); it takes logs:StartQuery and logs:GetQueryResults\n',
  );
}
