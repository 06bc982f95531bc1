import {
  EMPTY_SUMMARY,
  type Failure,
  type Finding,
  judge,
  merge,
  type Summary,
  summaryOf,
  unreadFinding,
} from '../../domain/finding.ts';
import type { KeyInspection } from '../../domain/key.ts';
import { type FoundLogStore, queryResultsOf } from '../../domain/log-store.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import { CloudError, type CloudErrorCode, mayPass } from '../../errors.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';

/** How a target went. `FAILED`: it could not be listed whole, so what was found of it proves nothing about the rest. */
export interface TargetReport extends Target {
  readonly status: 'COMPLETE' | 'FAILED';
  readonly error: { readonly code: CloudErrorCode; readonly message: string } | null;
  readonly stores: number;
  readonly apiCalls: Readonly<Record<string, number>>;
}

export interface ScanOptions {
  /** The only key that will do; null: any healthy one. */
  readonly requiredKey: string | null;
  readonly now: Date;
  /** Receives the findings a page at a time; the scan waits for it. */
  readonly onFindings: (findings: readonly Finding[], cache: KeyCache) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Where an earlier scan stopped. */
  readonly startToken?: string | null;
  /** Also judge the stored Logs Insights results, which takes a query. */
  readonly queryResults?: boolean;
  /** Asked after each page that is not the last: whether to stop there and go on another time. */
  readonly shouldStop?: () => boolean;
}

export interface TargetScan {
  readonly report: TargetReport;
  readonly summary: Summary;
  /** Where to go on, when the scan was to stop; null: it reached the end, or failed. */
  readonly nextToken: string | null;
  /** Why the target is FAILED. */
  readonly failure: CloudError | null;
  /** null: the caller could not be identified, so nothing was looked at. */
  readonly cache: KeyCache | null;
}

/** Evaluates every log store of one target, page by page, in memory that does not grow with their number. */
export async function scanTarget(wanted: Target, cloud: Cloud, options: ScanOptions): Promise<TargetScan> {
  let target = targetOf(wanted);
  let summary = EMPTY_SUMMARY;
  let cache: KeyCache | null = null;
  let nextToken: string | null = null;
  const callsBefore = cloud.apiCalls();
  let error: CloudError | null = null;
  try {
    const pages = cloud.logStores.pages(options.startToken ?? null);
    const { account, partition } = await cloud.owner();
    target = { ...target, account };
    const keys = keyCache(target, cloud.keys, options.now);
    cache = keys;
    const required = options.requiredKey === null ? null : await keys.named(options.requiredKey);
    const take = async (findings: readonly Finding[]): Promise<void> => {
      summary = merge(summary, summaryOf(findings));
      await options.onFindings(findings, keys);
    };
    for await (const page of pages) {
      options.signal?.throwIfAborted();
      const unread = (page.unread ?? []).map(({ store, error: why }) => unreadFinding(store, failureOf(why)));
      await take([...(await evaluatePage(page.stores, keys, required, options.now)), ...unread]);
      if (page.nextToken && options.shouldStop?.()) {
        nextToken = page.nextToken;
        break;
      }
    }
    if (options.queryResults && nextToken === null) {
      const store = queryResultsOf(partition, target);
      const read = (await cloud.logStores.read([store])).get(store.arn);
      if (read instanceof CloudError || !read) await take([unreadFinding(store, read ? failureOf(read) : NO_ANSWER)]);
      else await take(await evaluatePage([read], keys, required, options.now));
    }
  } catch (thrown) {
    if (!(thrown instanceof CloudError)) throw thrown;
    error = thrown;
  }
  const report: TargetReport = {
    ...target,
    status: error ? 'FAILED' : 'COMPLETE',
    error: error && { code: error.code, message: error.message },
    stores: summary.stores,
    apiCalls: difference(cloud.apiCalls(), callsBefore),
  };
  return { report, summary, nextToken, failure: error, cache };
}

const NO_ANSWER: Failure = { message: 'no answer', mayPass: true };

/** A failed call, as the domain takes it. */
export function failureOf({ code, message }: CloudError): Failure {
  return { message, mayPass: mayPass(code) };
}

/** The calls that were made in between. */
export function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  const changed = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}

/** The keys that a page brings in are looked at side by side. */
export async function evaluatePage(
  page: readonly FoundLogStore[],
  cache: KeyCache,
  required: KeyInspection | null,
  now: Date,
): Promise<Finding[]> {
  const keyArns = new Set(page.map(({ keyArn }) => keyArn).filter((keyArn) => keyArn !== null));
  const looks = new Map<string | null, KeyInspection>();
  await Promise.all([...keyArns].map(async (keyArn) => looks.set(keyArn, await cache.attached(keyArn))));
  return page.map((found) => judge(found, looks.get(found.keyArn) ?? null, required, now));
}
