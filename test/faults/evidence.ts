import type { KeyEntry } from '../../lib/domain/journal.ts';
import type { MadeCall } from '../../sandbox/dispatch.ts';
import type { EventRecord } from '../../sandbox/state.ts';
import type { PlannedStack } from './plan.ts';

/** What is known of a key. */
export interface KeyRecord {
  readonly arn: string;
  /** null: the key does not exist. */
  readonly state: string | null;
  /** Whether it is a symmetric key of a customer, for encryption. */
  readonly isFit: boolean;
  /** Whether the account may describe it. */
  readonly isReadable: boolean;
}

/** What the world was before the first event. */
export interface Start {
  readonly atMs: number;
  /** The key of each log group, by `REGION NAME`. */
  readonly stores: Readonly<Record<string, string | null>>;
  readonly keys: readonly KeyRecord[];
  /** ARNs of keys by `REGION ALIAS`. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** An entry of the journal, and when it was written. */
export interface WrittenEntry extends KeyEntry {
  readonly writtenAtMs: number;
}

/** What a stack left behind. */
export interface StackEvidence extends PlannedStack {
  /** The configured key: an alias or a key ARN. */
  readonly key: string;
  /** The functions as calls name them. */
  readonly scanActor: string;
  readonly remediateActor: string;
  /** Every event on the stack's bus, in their order. */
  readonly events: readonly EventRecord[];
  /** The bodies of all messages that are in a queue or a dead-letter queue. */
  readonly waiting: readonly string[];
  readonly lines: { readonly scan: readonly string[]; readonly remediate: readonly string[] };
  readonly journal: readonly WrittenEntry[];
  /** The Regions that a scan held at the end, and whether another scan was put off to it. */
  readonly held: readonly { readonly region: string; readonly runId: string; readonly again: string | undefined }[];
  /** When the schedule fired. */
  readonly schedulesAtMs: readonly number[];
  /** Whether the stack has a lease that keeps two scans of a target apart. */
  readonly hasLease: boolean;
}

/** All that the invariants are checked against: what can be seen from outside. */
export interface Evidence {
  readonly start: Start;
  /** Every call that AWS carried out, in their order. */
  readonly calls: readonly MadeCall[];
  readonly stacks: readonly StackEvidence[];
  /** When the faults ended, after which the schedule fired once more. */
  readonly faultsEndedAtMs: number;
}
