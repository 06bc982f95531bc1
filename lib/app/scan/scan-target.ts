import type { InspectedStore } from '../../domain/evaluation.ts';
import { type Matches, matchCounter } from '../../domain/exemption-matches.ts';
import type { Failure } from '../../domain/failure.ts';
import { type LogStore, type PresentReading, storeOf } from '../../domain/log-store.ts';
import type { Rules } from '../../domain/rules.ts';
import type { Selection } from '../../domain/selection.ts';
import { logStoreOf } from '../../domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../domain/stores/query-results.ts';
import { EMPTY_SUMMARY, merge, type Summary, summaryOf } from '../../domain/summary.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import { whyUnread } from '../../domain/unread.ts';
import { CloudError, type CloudErrorCode } from '../../errors.ts';
import { whyFailed } from '../disabled-region.ts';
import { inspectStores, type TargetFacts } from '../inspect-stores.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { allTags } from '../store-tags.ts';

/** How a target went. `FAILED`: it was not listed completely, so what was found proves nothing about the rest. */
export interface TargetReport extends Target {
  readonly status: 'COMPLETE' | 'FAILED';
  readonly error: { readonly code: CloudErrorCode; readonly message: string } | null;
  readonly stores: number;
  /** FAILED, and it stands for the whole account, whose Regions could not be listed; absent: it is about its Region. */
  readonly regionsUnlisted?: true | undefined;
  /** As the owner of the account calls it; absent: not known. */
  readonly accountAlias?: string | undefined;
  /** ARN of whoever scanned or changed it; absent: not known. */
  readonly caller?: string | undefined;
  readonly apiCalls: Readonly<Record<string, number>>;
}

export interface ScanOptions {
  readonly rules: Rules;
  /** What it leaves out is counted, and neither evaluated nor are keys inspected for it. Default: it leaves nothing out. */
  readonly selection?: Selection | undefined;
  /** Receives the log stores a page at a time, in listing order; the scan waits for it. */
  readonly onStores: (stores: readonly InspectedStore[], keys: KeyCache) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Where an earlier scan stopped. */
  readonly startToken?: string | null;
  /** Also evaluate the stored Logs Insights results, which takes a query. */
  readonly queryResults?: boolean;
  /** Asked after each page that is not the last: whether to stop there and go on another time. */
  readonly shouldStop?: () => boolean;
  /**
   * Leaves out, and does not count, each log store that could not be evaluated for a reason that another try may not meet. The target
   * is then FAILED in the end, with a transient error, however much of it was evaluated. Otherwise such a log store is UNKNOWN.
   */
  readonly leavesUnread?: boolean;
}

export interface TargetScan {
  readonly report: TargetReport;
  readonly summary: Summary;
  /** How many log stores match each exemption of the configuration. */
  readonly matches: Matches;
  /** Why it is not known of some log store which entries of the configuration match it; null: it is known of all. */
  readonly unreadTags: Failure | null;
  /** Where to go on, when the scan was to stop; null: it reached the end, or failed. */
  readonly nextToken: string | null;
  /** Why the target is FAILED. */
  readonly failure: CloudError | null;
  /** null: the owner of the target could not be identified, so no key was inspected. */
  readonly keys: KeyCache | null;
}

/** Evaluates every log store of one target, page by page, in memory that does not grow with their number. */
export async function scanTarget(wanted: Target, cloud: Cloud, options: ScanOptions): Promise<TargetScan> {
  const { rules } = options;
  let target = targetOf(wanted);
  let summary = EMPTY_SUMMARY;
  const counter = matchCounter(rules.configuration);
  let unreadTags: Failure | null = null;
  let keys: KeyCache | null = null;
  let nextToken: string | null = null;
  let failure: CloudError | null = null;
  let caller: string | undefined;
  const callsBefore = cloud.apiCalls();
  const unread = { stores: 0, first: null as Failure | null };
  const isRead = (store: InspectedStore): boolean => {
    const why = whyUnread(store, rules);
    if (why) unread.stores++;
    unread.first ??= why;
    return why === null;
  };
  try {
    const pages = cloud.logStores.pages(options.startToken ?? null);
    const { account, partition } = await cloud.owner();
    target = { ...target, account };
    caller = (await cloud.caller()).arn;
    const cache = keyCache(target, cloud.keys, rules);
    keys = cache;
    const facts: TargetFacts = { keys: cache, tags: allTags(cloud, rules) };
    const isChosen = (name: string): boolean => {
      const isOne = options.selection?.chooses(name) ?? true;
      if (!isOne) summary = { ...summary, filtered: summary.filtered + 1 };
      return isOne;
    };
    const take = async (page: readonly PresentReading[]): Promise<void> => {
      const inspected = await inspectStores(page, facts, rules);
      const stores = inspected.filter((store) => !options.leavesUnread || isRead(store));
      summary = merge(summary, summaryOf(stores.map(({ finding }) => finding)));
      counter.add(stores.map(({ matched }) => matched));
      if (!rules.unreadConfiguration) unreadTags ??= stores.find(isUncertain)?.unreadConfiguration ?? null;
      await options.onStores(stores, cache);
    };
    for await (const page of pages) {
      options.signal?.throwIfAborted();
      await take(page.readings.filter((reading) => isChosen(storeOf(reading).name)));
      if (page.nextToken && options.shouldStop?.()) {
        nextToken = page.nextToken;
        break;
      }
    }
    if (options.queryResults && nextToken === null && isChosen(QUERY_RESULTS_NAME)) {
      const results = logStoreOf('query-results', partition, target, QUERY_RESULTS_NAME);
      const readings = await cloud.logStores.read([results]);
      await take(readings.map((reading) => (reading.status === 'GONE' ? notAnswered(results) : reading)));
    }
    if (unread.first) throw notEvaluated(unread.stores, unread.first);
  } catch (thrown) {
    if (!(thrown instanceof CloudError)) throw thrown;
    failure = await whyFailed(thrown, target.region, cloud);
    nextToken = null;
  }
  const report: TargetReport = {
    ...target,
    status: failure ? 'FAILED' : 'COMPLETE',
    error: failure && { code: failure.code, message: failure.message },
    stores: summary.stores,
    ...(caller !== undefined && { caller }),
    apiCalls: difference(cloud.apiCalls(), callsBefore),
  };
  return { report, summary, matches: counter.counts(unreadTags === null), unreadTags, nextToken, failure, keys };
}

function isUncertain({ unreadConfiguration }: InspectedStore): boolean {
  return unreadConfiguration !== null;
}

function notEvaluated(stores: number, { call, message }: Failure): CloudError {
  const what = stores === 1 ? '1 log store' : `${stores} log stores`;
  return new CloudError('UNAVAILABLE', call, `${what} could not be evaluated yet: ${call}: ${message}`);
}

/** Query results always exist, so an answer without them is no answer. */
function notAnswered(store: LogStore): PresentReading {
  const failure = { code: 'UNAVAILABLE', call: 'logs:GetQueryResults', message: 'no answer', isTransient: true };
  return { status: 'UNREADABLE', store, failure };
}

/** The calls that were made in between. */
export function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  const changed = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}
