import type { Failure } from './failure.ts';
import type { Target } from './target.ts';

/** A log group, an account's stored Logs Insights results, an SLS Logstore: each has a file in `stores/`. */
export type LogStoreType = AwsLogStoreType | 'logstore';

/** The kinds of AWS, the only ones that events and functions know. */
export type AwsLogStoreType = 'log-group' | 'query-results';

/** One container of logs that a key can be attached to. */
export interface LogStore extends Target {
  readonly type: LogStoreType;
  readonly name: string;
  /** Of a log group without the `:*` that `DescribeLogGroups` puts at the end of `arn`. */
  readonly arn: string;
}

/** A log store as it was read. */
export interface FoundLogStore {
  readonly store: LogStore;
  /** What encrypts it: a key ARN of KMS, for a Logstore the id of a CMK or `SERVICE_KEY`; null: no key. */
  readonly keyArn: string | null;
  /** Only of a Logstore whose encryption was configured, whether it is on or off. Absent: it was never configured. */
  readonly fixed?: FixedEncryption;
}

/** What SLS encrypts a Logstore with since its encryption was configured, and for good. */
export interface FixedEncryption {
  /** The id of a CMK, or `SERVICE_KEY`. */
  readonly keyArn: string;
  /** Where the key is; null: SLS did not return it. */
  readonly region: string | null;
}

/** What reading one log store came to. */
export type StoreReading =
  | { readonly status: 'FOUND'; readonly found: FoundLogStore }
  | { readonly status: 'UNREADABLE'; readonly store: LogStore; readonly failure: Failure }
  | { readonly status: 'GONE'; readonly store: LogStore };

/** Of a log store that exists, though it may not have been readable. */
export type PresentReading = Exclude<StoreReading, { readonly status: 'GONE' }>;

/** The log store that was read. */
export function storeOf(reading: StoreReading): LogStore {
  return reading.status === 'FOUND' ? reading.found.store : reading.store;
}
