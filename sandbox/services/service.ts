import type { EntryKind } from '../entry-kind.ts';
import type { Role } from '../role.ts';
import type { Cloud, Delivery, RegionState } from '../state.ts';
import type { Wire } from '../wire.ts';

/** A request as an operation receives it: the caller, the call, and the state it works on. */
export interface Call {
  readonly cloud: Cloud;
  readonly state: RegionState;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly callerArn: string;
  /** The caller's role. Undefined for users, who may do everything. */
  readonly role: Role | undefined;
  /** The action in IAM, for instance `kms:DescribeKey`. */
  readonly name: string;
  /** Whether a fault of this kind hits one entry of the request. */
  isStruck(kind: EntryKind, entry: object): boolean;
  /** How an entry that is an event is delivered. */
  delivery(entry: object): Delivery;
  /** Whether a fault takes a right from every caller. @param names of the resource, as requests name it */
  isDenied(action: string, names: readonly string[]): boolean;
}

/** A service: how requests name it (see `WireRequest`), and its operations, with the SDK's types and Dates. */
export interface Service {
  /** The prefix of its IAM actions. */
  readonly name: string;
  readonly endpoint: string;
  readonly wire: Wire;
  readonly operations: Readonly<Record<string, (call: Call, input: never) => unknown>>;
  /** The IAM actions of operations that have another name there. */
  readonly actions?: Readonly<Record<string, string>>;
  /** The name of the service's own error for an outage. */
  readonly unavailable: string;
  /** The name of the service's own error for too many requests. Default: `ThrottlingException`. */
  readonly throttled?: string;
  /** The ARNs that the caller needs a right to, as IAM compares them. Without any, no right is needed. */
  resourceArns(call: Call, input: Readonly<Record<string, unknown>>): string[];
}
