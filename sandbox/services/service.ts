import type { Cloud, RegionState } from '../state.ts';
import type { Wire } from '../wire.ts';

/** One call as an operation sees it: who calls what, where, and what is there. */
export interface Call {
  readonly cloud: Cloud;
  readonly state: RegionState;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly callerArn: string;
  /** As IAM names it, for instance `kms:DescribeKey`. */
  readonly name: string;
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
  /** What IAM names when it denies a call. */
  resourceArn(call: Call, input: Readonly<Record<string, unknown>>): string;
}
