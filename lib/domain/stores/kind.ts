import type { BuiltInExemption } from '../exemption.ts';
import type { PolicySubject } from '../key-policy/service-call.ts';
import type { FoundLogStore, LogStore, LogStoreType } from '../log-store.ts';
import type { Reason, Refusal } from '../reasons.ts';
import type { Provider, Target } from '../target.ts';

/** The calls that sealing log stores of one kind takes. */
export interface SealingCalls {
  /** For each store, by their IAM names. */
  readonly each: Readonly<Record<string, number>>;
  /** The call that reads many stores together, before and after their change; null: they are read one by one. */
  readonly together: string | null;
  /** The quota of the change, per account and Region; null: the service documents none. AssociateKmsKey has 5, which cannot be raised. */
  readonly perSecond: number | null;
}

/** All that is special about one kind of log store. */
export interface LogStoreKind {
  readonly type: LogStoreType;
  readonly provider: Provider;
  /** What people call one, in the middle of a sentence. */
  readonly noun: string;
  /** The name of its service in messages, for instance `SLS`. */
  readonly serviceName: string;
  /** The rights that it takes to read which key such a store has. */
  readonly readingRights: string;
  /** Whether many are read in one call, so that a run can afford to read once more what it changed. */
  readonly isReadTogether: boolean;
  readonly sealing: SealingCalls;
  /** Whether the first configuration of its encryption fixes type and key, so that no other key can ever be attached. */
  readonly configuresForGood: boolean;
  /** What a person must know after such stores were unsealed; null: nothing. */
  readonly unsealedNote: string | null;
  /** Why undo does not configure a store that has never been configured; null: doing so would not be final. */
  readonly neverConfigured: Refusal | null;
  /** The exemptions that hold for such stores whatever the rules say, since nobody but the cloud can change the store. */
  readonly exemptions: readonly BuiltInExemption[];
  /** What to check when the cloud refuses a change and neither a missing right nor the key explains it; null: nothing more. */
  readonly refusedFix: string | null;
  /** The mistake in a name, said as "expected …, got …"; undefined: there is none. */
  nameMistake(name: string): string | undefined;
  /** A name that stands for all such stores where a key policy is asked; null: no key policy decides for this kind. */
  readonly anyName: string | null;
  arnOf(partition: string, target: Target, name: string): string;
  /** Why the logs are not under a key of their owner, whatever state that key is in; undefined: only its key can show that. */
  whyNotSealed(found: FoundLogStore): Reason | undefined;
  /**
   * The owner's key that a switched-off store was configured with and will use again. null: the store is on, or was configured
   * with the service key, with a key of another Region, or not at all.
   */
  fixedKey(found: FoundLogStore): string | null;
  /**
   * Why the store cannot be given a key; undefined: it can.
   * @param toKeyArn the key to attach; null: there is none that works
   * @param reasons what is wrong with the key that the store has, or would have if it was switched on
   */
  whyUnchangeable(found: FoundLogStore, toKeyArn: string | null, reasons: readonly Reason[]): Refusal | undefined;
  /** What the service would use the key for, as a key policy is asked; null: no key policy decides for this kind. */
  policySubject(store: LogStore): PolicySubject | null;
}
