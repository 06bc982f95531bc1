import type { IdentityPolicies, Need } from '../domain/caller-rights.ts';
import type { JournalEntry } from '../domain/journal.ts';
import type { KeyFacts } from '../domain/key.ts';
import type { Grant } from '../domain/key-checks.ts';
import type { FoundLogStore, LogStore } from '../domain/log-store.ts';
import type { KeyPolicyCode, Problem } from '../domain/reasons.ts';
import type { Provider, Target } from '../domain/target.ts';
import type { CloudError } from '../errors.ts';

/**
 * What the use cases need from the world. Every method of a cloud rejects with a `CloudError` when the call failed for
 * good, that is after the SDK's own retries.
 */

/** Waits for a time in milliseconds. Tests pass one that takes no time. */
export type Wait = (ms: number) => Promise<unknown>;

/** The log stores of one target. */
export interface LogStores {
  /**
   * Every log store, a page at a time, in the order in which the cloud lists them. The first page is requested at once,
   * before it is known whose log stores they are.
   * @param startToken where an earlier listing stopped; null: at the beginning
   */
  pages(startToken: string | null): AsyncIterable<LogStorePage>;
  /**
   * Reads stores again by their exact names. The key of query results shows only after a query, which is run.
   * @returns by ARN; a store that is gone is absent, one that alone could not be read is the reason for it
   */
  read(stores: readonly LogStore[]): Promise<ReadonlyMap<string, FoundLogStore | CloudError>>;
  /**
   * Attaches a key. Safe to repeat. **On a Logstore the first time is final**: type and key can never be changed.
   * @param mayConfigure whether a Logstore may be configured for the first time; otherwise (the default) it is only switched on
   */
  seal(store: LogStore, keyArn: string, mayConfigure?: boolean): Promise<void>;
  /** Detaches whatever key there is; switches the encryption of a Logstore off. Safe to repeat. */
  unseal(store: LogStore): Promise<void>;
}

export interface LogStorePage {
  readonly stores: readonly FoundLogStore[];
  /** Those that were listed, and alone could not be read. */
  readonly unread?: readonly Unread[];
  /** Where the next page begins; null: this was the last one. */
  readonly nextToken: string | null;
}

export interface Unread {
  readonly store: LogStore;
  readonly error: CloudError;
}

/** The keys of one target's Region. */
export interface Keys {
  /** @param key a key ARN, an alias ARN or `alias/NAME` */
  describe(key: string): Promise<KeyFacts>;
  /** @returns the text of the key's default policy; a key of another account answers ACCESS_DENIED */
  policyText(keyArn: string): Promise<string>;
  /** Replaces the whole default policy, never without the check that the caller is not locked out. */
  putPolicy(keyArn: string, text: string): Promise<void>;
  /** Every grant on a key of the own account. */
  grants(keyArn: string): Promise<readonly Grant[]>;
  /**
   * Where a role instead of a key policy lets the service use the key: what is wrong with the role, `KEY_POLICY_UNREADABLE`
   * if that could not be found out, null if nothing is. Absent: the key's policy decides.
   */
  roleProblem?(): Promise<Problem<KeyPolicyCode> | null>;
  /** Whether a key of the service itself will do. */
  readonly acceptsServiceKey?: boolean;
}

/** Who makes the calls. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
}

/** Whose log stores and keys they are. Not always who calls: a caller may work in an account of somebody else. */
export interface Owner {
  readonly account: string;
  readonly partition: string;
}

/** One account's Region of a cloud, reached with the credentials that lead there. */
export interface Cloud {
  readonly provider: Provider;
  readonly logStores: LogStores;
  readonly keys: Keys;
  caller(): Promise<Caller>;
  /** @throws CloudError when the account of the target cannot be reached with these credentials */
  owner(): Promise<Owner>;
  /**
   * Has IAM simulate what the caller's identity-based policies say of some needs, as if CloudWatch Logs came in its name.
   * What cannot be simulated is said, not thrown.
   */
  identityPolicies(needs: readonly Need[]): Promise<IdentityPolicies>;
  /** Calls made so far by their IAM names, retries not counted. */
  apiCalls(): Record<string, number>;
}

/** Built by the composition root. */
export type CloudOf = (target: Target) => Cloud;

/** Where changes are written down before and after they are made. */
export interface Journal {
  /** Resolves once the entry is safe. A change is made only after its INTENT is. */
  append(entry: JournalEntry): Promise<void>;
}

/** A journal that is read again, in the order in which it was written. */
export interface ReadableJournal extends Journal {
  ofRun(runId: string): Promise<readonly JournalEntry[]>;
  /** @param store by what identifies it: its ARN, or provider, Region and name, since an account may not be known */
  ofStore(store: LogStore): Promise<readonly JournalEntry[]>;
}

/** What logseal tells the world. */
export interface OutgoingEvent {
  readonly detailType: 'Scan Requested' | 'Scan Completed' | 'Log Store Finding' | 'Remediation Outcome';
  readonly detail: object;
}

/** Where other programs listen. */
export interface EventBus {
  /** Resolves once every event is taken. @throws CloudError when some were not, after retries */
  send(events: readonly OutgoingEvent[]): Promise<void>;
}
