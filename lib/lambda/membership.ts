import type { Organization } from '../app/ports.ts';
import type { Members } from '../config/members.ts';
import { MEMBERSHIP_LASTS_MS, MEMBERSHIPS_KEPT } from '../pacing.ts';

/** Whether an account is one of the configured members. */
export type IsMember = (account: string) => Promise<boolean>;

/**
 * Knows the accounts that are listed. About any other one it asks the organization, whose answer it keeps for some minutes.
 * @param now in milliseconds
 * @returns a function that rejects with a CloudError where the organization does not answer
 */
export function membership(members: Members | null, organization: Organization, now: () => number): IsMember {
  const answers = new Map<string, { readonly at: number; readonly isMember: Promise<boolean> }>();
  return async (account) => {
    if (!members) return false;
    if (members.accounts.includes(account)) return true;
    if (members.organization === null) return false;
    const known = answers.get(account);
    if (known && now() - known.at < MEMBERSHIP_LASTS_MS) return known.isMember;
    const isMember = organization.has(account, members.units);
    if (answers.size >= MEMBERSHIPS_KEPT) answers.clear();
    answers.set(account, { at: now(), isMember });
    isMember.catch(() => answers.delete(account));
    return isMember;
  };
}
