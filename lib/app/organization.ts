/** An account of an AWS Organization. */
export interface MemberAccount {
  readonly id: string;
  /** False: it is suspended, being closed, or not yet set up. */
  readonly isActive: boolean;
}

/**
 * The AWS Organization of the caller's account. Every method rejects with a `CloudError`: ORGANIZATION_UNREADABLE where the account is
 * in none, or is neither its management account nor a delegated administrator.
 * @example
 * for (const { id } of await organization.accounts(['ou-abcd-11111111'])) console.log(id);
 */
export interface Organization {
  /** Its id, `o-…`. */
  id(): Promise<string>;
  /**
   * Its accounts, each once.
   * @param units the organizational units whose accounts are wanted, with those of all units below them; none: the whole organization
   */
  accounts(units: readonly string[]): Promise<readonly MemberAccount[]>;
  /** Whether an account is an active one of those. */
  has(account: string, units: readonly string[]): Promise<boolean>;
}
