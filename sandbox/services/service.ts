import type { Role } from '../role.ts';
import type { Cloud, RegionState } from '../state.ts';
import type { Wire } from '../wire.ts';
import type { EntryKind } from '../world.ts';

/** One call as an operation sees it: who calls what, where, and what is there. */
export interface Call {
  readonly cloud: Cloud;
  readonly state: RegionState;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly callerArn: string;
  /** That the caller acts by; undefined for users, who may do everything. */
  readonly role: Role | undefined;
  /** As IAM names it, for instance `kms:DescribeKey`. */
  readonly name: string;
  /** Whether a fault of a kind strikes one entry of the request. */
  isStruck(kind: EntryKind, entry: object): boolean;
}

/** A service: its place on the wire (see `WireRequest`) and its operations, by the SDK's types and with Dates. */
export interface Service {
  /** The prefix of its IAM actions. */
  readonly name: string;
  readonly endpoint: string;
  readonly wire: Wire;
  readonly operations: Readonly<Record<string, (call: Call, input: never) => unknown>>;
  /** The name of the service's own error for an outage. */
  readonly unavailable: string;
  /** What the caller needs the right for, in the form that IAM compares and names; none: no right is needed. */
  resourceArns(call: Call, input: Readonly<Record<string, unknown>>): string[];
}
