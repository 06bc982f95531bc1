/** A call to a cloud that failed. */
export interface Failure {
  readonly code: string;
  /** As IAM or RAM names the call, for instance `kms:DescribeKey`. */
  readonly call: string;
  /** The cloud's own words. */
  readonly message: string;
  /** Whether another try may succeed. */
  readonly isTransient: boolean;
  /** What a person can do about it, where it is not a matter of rights. */
  readonly fix?: string | null;
}
