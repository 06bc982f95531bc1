/** One right that a caller needs. */
export interface Need {
  /** As IAM names it: `kms:Encrypt`. */
  readonly action: string;
  /** ARN of the key or log store. */
  readonly resource: string;
}

/** What the caller's identity-based policies say of one need. `UNKNOWN`: it hangs on a condition that was not simulated. */
export type IdentityDecision = 'ALLOWED' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY' | 'UNKNOWN';

/** What could be found out of the caller's identity-based policies. */
export interface IdentityPolicies {
  /** What policies name the caller by: the ARN of the role with its path, or of the user. null: not known. */
  readonly principalArn: string | null;
  /** In the order of the needs; null: they could not be simulated. */
  readonly decisions: readonly IdentityDecision[] | null;
  /** Why they could not be simulated, and which right that takes. */
  readonly because: string | null;
}
