import type { IdentityPolicies, Need } from '../domain/caller-rights.ts';
import type { EventsByMinute, Period } from '../domain/canary.ts';
import type { JournalEntry } from '../domain/journal.ts';
import type { KeyFacts } from '../domain/key.ts';
import type { Grant } from '../domain/key-check.ts';
import type { LogStore, PresentReading, StoreReading } from '../domain/log-store.ts';
import type { Tags } from '../domain/match.ts';
import type { KeyPolicyCode, Problem } from '../domain/reasons.ts';
import type { Provider, Target } from '../domain/target.ts';

export type { MemberAccount, Organization } from './organization.ts';
export type { RemediationTurn, RemediationTurns } from './remediation-turns.ts';
export type { Begun, Counted, NextPart, ScanState, ScanTable, Turn } from './scan-table.ts';

/**
 * What the use cases need from the world. Every method of a cloud rejects with a `CloudError` when the call failed for
 * good, that is after all retries.
 */

/** Is told what went wrong with a call that is waiting to be tried again. */
export type OnLongRetry = (error: string) => void;

/** Waits for a time in milliseconds. Tests pass one that takes no time. */
export type Wait = (ms: number) => Promise<unknown>;

/** Called before each request that may change something or say something, repeated ones included. Where it throws, that request is not sent. */
export type BeforeRequest = () => Promise<void>;

/**
 * The log stores of one target.
 * @example
 * for await (const { readings } of logStores.pages(null)) {
 *   for (const reading of readings) {
 *     if (reading.status === 'FOUND' && reading.found.keyArn === null) await logStores.seal(reading.found.store, key);
 *   }
 * }
 */
export interface LogStores {
  /**
   * Every log store, a page at a time, in the order in which the cloud lists them. The first page is requested at once,
   * before it is known whose log stores they are.
   * @param startToken where an earlier listing stopped; null: at the beginning
   */
  pages(startToken: string | null): AsyncIterable<LogStorePage>;
  /**
   * Reads stores again by their exact names. Only a query shows the key of query results, so one is run for them.
   * @returns one reading for each store, in the order of the stores
   * @throws CloudError when none of them could be read
   */
  read(stores: readonly LogStore[]): Promise<readonly StoreReading[]>;
  /**
   * Attaches a key. Safe to repeat. **On a Logstore the first time is final**: type and key can never be changed.
   * @param mayConfigure whether a Logstore may be configured for the first time; otherwise (the default) it is only switched on
   * @param beforeRequest not called for a Logstore, which is always read right before its change and can never get another key
   * @throws what `beforeRequest` throws
   */
  seal(store: LogStore, keyArn: string, mayConfigure?: boolean, beforeRequest?: BeforeRequest): Promise<void>;
  /** Detaches whatever key there is; switches the encryption of a Logstore off. Safe to repeat. @param beforeRequest as for `seal` */
  unseal(store: LogStore, beforeRequest?: BeforeRequest): Promise<void>;
}

export interface LogStorePage {
  readonly readings: readonly PresentReading[];
  /** Where the next page begins; null: this was the last one. */
  readonly nextToken: string | null;
}

/**
 * The keys of one target's Region.
 * @example
 * const { arn, state } = await keys.describe('alias/logs');
 * if (state === 'Enabled') console.log(await keys.policyText(arn));
 */
export interface Keys {
  /** @param key a key ARN, an alias ARN or `alias/NAME` */
  describe(key: string): Promise<KeyFacts>;
  /** @returns the text of the key's default policy; ACCESS_DENIED for a key of another account */
  policyText(keyArn: string): Promise<string>;
  /**
   * The same of a key of another account, read with the credentials of that account. Absent: no other account's are used.
   * @returns null where there are none of that account
   */
  foreignPolicyText?(keyArn: string): Promise<string | null>;
  /** Replaces the whole default policy, never without the check that the caller is not locked out. */
  putPolicy(keyArn: string, text: string): Promise<void>;
  /** Every grant on a key of the own account. */
  grants(keyArn: string): Promise<readonly Grant[]>;
  /** The ARNs of the aliases of a key of the own account. Absent: the provider has none. */
  aliases?(keyArn: string): Promise<readonly string[]>;
  /**
   * For a provider where a role, not a key policy, lets the service use the key: why the service cannot use it. null: no
   * problem was found. Absent: the key's policy decides.
   */
  roleProblem?(): Promise<Problem<KeyPolicyCode> | null>;
}

/**
 * Whether logs come to the log stores of one target.
 * @example
 * for await (const { store, events } of metrics.incomingEvents(stores, baselinePeriod(Date.now()))) {
 *   console.log(store.name, events.size, await metrics.newestEvent(store));
 * }
 */
export interface Metrics {
  /**
   * How many events came to each log store in each minute of a period, as the cloud has counted them so far. Log stores that have
   * no such metric are left out.
   */
  incomingEvents(stores: readonly LogStore[], period: Period): AsyncIterable<StoreEvents>;
  /** When the newest event came, by the cloud's own clock, as far as it knows by now; null: it knows of none. */
  newestEvent(store: LogStore): Promise<Date | null>;
}

export interface StoreEvents {
  readonly store: LogStore;
  readonly events: EventsByMinute;
}

/** Who makes the calls. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
}

/** A user or a role of the account other than the caller. */
export interface OtherPrincipal {
  /** With the path of the role. */
  readonly arn: string;
  /** The log group in the encryption context of the calls; null: they carry none. */
  readonly logGroupArn: string | null;
}

/** A function of AWS Lambda. */
export interface LambdaFunction {
  readonly arn: string;
  /** Of the role that it runs under, with its path. */
  readonly roleArn: string;
  /** The name of the log group that it writes to. */
  readonly logGroup: string;
}

/** Whose log stores and keys they are. Not always the caller: a role may be entered in another account. */
export interface Owner {
  readonly account: string;
  readonly partition: string;
}

/**
 * The tags of the log stores of one target.
 * @example
 * const byArn = await tags.all(['team']);
 */
export interface LogStoreTags {
  /** Every log store that has one of some tags, by its ARN, with those of its tags. */
  all(keys: readonly string[]): Promise<ReadonlyMap<string, Tags>>;
  /** The same of some log stores only, as they are tagged now. */
  of(stores: readonly LogStore[], keys: readonly string[]): Promise<ReadonlyMap<string, Tags>>;
}

/** A Region of an account. */
export interface AccountRegion {
  readonly name: string;
  /** False: its owner has not enabled it, or is enabling or disabling it. */
  readonly isEnabled: boolean;
}

/** Which CloudFormation stacks own log groups. */
export interface Stacks {
  /** The name of the stack by the ARN of the log group; those of none are left out. */
  readonly stackOf: ReadonlyMap<string, string>;
  /** False: there are more log groups with a stack than were read. */
  readonly isComplete: boolean;
}

/**
 * One account's Region of a cloud, reached with the credentials that lead there.
 * @example
 * const cloud = cloudOf({ provider: 'aws', account: '111122223333', region: 'eu-west-1' });
 * const { account, partition } = await cloud.owner();
 */
export interface Cloud {
  readonly provider: Provider;
  readonly logStores: LogStores;
  readonly keys: Keys;
  /** Absent: the provider has none. */
  readonly metrics?: Metrics;
  /** Absent: those of this provider are not read. */
  readonly tags?: LogStoreTags;
  /** Asked once, however often it is needed. */
  caller(): Promise<Caller>;
  /** @throws CloudError when the account of the target cannot be reached with these credentials */
  owner(): Promise<Owner>;
  /**
   * Has IAM simulate what a principal's identity-based policies say of some needs, as if CloudWatch Logs made the call on its
   * behalf. Why something cannot be simulated is part of the result, not an error.
   * @param other default: the caller
   */
  identityPolicies(needs: readonly Need[], other?: OtherPrincipal): Promise<IdentityPolicies>;
  /**
   * A function by its name. Absent: the provider has none.
   * @throws CloudError NOT_FOUND when there is none of this name
   */
  lambdaFunction?(name: string): Promise<LambdaFunction>;
  /** The alias of the caller's account; null: it has none, or the caller may not read it. Absent: the provider has none. */
  accountAlias?(): Promise<string | null>;
  /** The Regions of the account, those that are not enabled too. Absent: those of this provider are not listed. */
  regions?(): Promise<readonly AccountRegion[]>;
  /** Calls made so far by their IAM names; retries are not counted. */
  apiCalls(): Record<string, number>;
  /**
   * Which log stores CloudFormation stacks own; of very many only the first. Absent: no stack of this provider owns log stores.
   * @param signal once it is aborted, no further page is read
   */
  stacks?(signal?: AbortSignal): Promise<Stacks>;
}

/** Built by the composition root. */
export type CloudOf = (target: Target) => Cloud;

/**
 * Where changes are written down before and after they are made; `change/journalled.ts` is its only writer.
 * @example
 * await journal.append({ ...entry, phase: 'INTENT' });
 * await logStores.seal(entry.store, entry.to);
 * await journal.append({ ...entry, phase: 'DONE' });
 */
export interface Journal {
  /** Resolves once the entry is safe. A change is made only after its INTENT is. */
  append(entry: JournalEntry): Promise<void>;
}

/** A journal that also tells what was done to one log store, in the order in which it was written. */
export interface StoreJournal extends Journal {
  /** @param store by what identifies it: its ARN, or provider, Region and name, since an account may not be known */
  ofStore(store: LogStore): Promise<readonly JournalEntry[]>;
}

/** All that a journal has of one run, in the order in which it was written. */
export type EntriesOfRun = readonly [JournalEntry, ...JournalEntry[]];

/** A journal that can be read by its runs as well. */
export interface ReadableJournal extends StoreJournal {
  ofRun(runId: string): Promise<readonly JournalEntry[]>;
  /** The entries of every run, a run at a time, so that no more than one need be kept. The runs are in no order. */
  runs(): AsyncIterable<EntriesOfRun>;
}

/** A message that a function did not handle, and when its queue should deliver it again. */
export interface Retry {
  readonly receiptHandle: string;
  readonly delayS: number;
}

/** A message that a function sends to its own queue. */
export interface QueueMessage {
  readonly body: string;
  /** Messages of other groups come before those of one that has many. */
  readonly group: string;
  /** When it is delivered. */
  readonly delayS: number;
}

/**
 * The queue that invokes a function.
 * @example
 * await queue.retry([{ receiptHandle, delayS: 20 }]);
 */
export interface MessageQueue {
  /** Has messages delivered again sooner than the queue's visibility timeout says. @throws CloudError when some of them keep it */
  retry(retries: readonly Retry[]): Promise<void>;
  /** @throws CloudError when some of them were not accepted; others may have been */
  send(messages: readonly QueueMessage[]): Promise<void>;
}

/** An event that logseal sends. */
export interface OutgoingEvent {
  readonly detailType:
    | 'Scan Requested'
    | 'Scan Completed'
    | 'Log Store Finding'
    | 'Remediation Outcome'
    | 'Key Finding'
    | 'Exemptions Reported';
  readonly detail: object;
}

/**
 * Where other programs listen.
 * @example
 * await bus.send([{ detailType: 'Scan Completed', detail: { schema: 'logseal/scan-completed/1', runId, counts } }]);
 */
export interface EventBus {
  /**
   * Resolves once every event was accepted.
   * @throws NotAcceptedError that names those that were not, after retries; what `beforeRequest` throws
   */
  send(events: readonly OutgoingEvent[], beforeRequest?: BeforeRequest): Promise<void>;
}
