import type { Organization } from '../app/ports.ts';
import type { Members } from '../config/members.ts';
import { MEMBERS_ASKED_SINGLY, MEMBERSHIP_LASTS_MS, MEMBERSHIPS_KEPT } from '../pacing.ts';

/** Whether an account is one of the configured members. */
export type IsMember = (account: string) => Promise<boolean>;

/** What the organization answered within some minutes. */
interface Answers {
  readonly since: number;
  readonly byAccount: Map<string, Promise<boolean>>;
  /** The active accounts, once they were listed. */
  listed: Promise<ReadonlySet<string>> | null;
}

/**
 * Knows the accounts that are listed. About others it asks the organization, one by one at first and by a list once there are many,
 * since the organization has one low quota for all who ask. Its answers are kept for some minutes, failures not at all.
 * @param now in milliseconds
 * @returns a function that rejects with a CloudError where the organization does not answer
 */
export function membership(members: Members | null, organization: Organization, now: () => number): IsMember {
  const fresh = (): Answers => ({ since: now(), byAccount: new Map(), listed: null });
  let answers: Answers | null = null;
  const listOnce = (kept: Answers, units: readonly string[]): Promise<ReadonlySet<string>> => {
    kept.listed ??= organization
      .accounts(units)
      .then((all) => new Set(all.filter(({ isActive }) => isActive).map(({ id }) => id)))
      .catch((error: unknown) => {
        kept.listed = null;
        throw error;
      });
    return kept.listed;
  };
  const ask = async (account: string, units: readonly string[], kept: Answers): Promise<boolean> => {
    const isOneOfMany = kept.byAccount.size >= MEMBERS_ASKED_SINGLY;
    if (isOneOfMany && (await listOnce(kept, units)).has(account)) return true;
    return organization.has(account, units);
  };
  return async (account) => {
    if (!members) return false;
    if (members.accounts.includes(account)) return true;
    if (members.organization === null) return false;
    const current = answers && now() - answers.since < MEMBERSHIP_LASTS_MS ? answers : fresh();
    const known = current.byAccount.get(account);
    if (known) return known;
    answers = current.byAccount.size < MEMBERSHIPS_KEPT ? current : fresh();
    const { byAccount } = answers;
    const isMember = ask(account, members.units, answers);
    byAccount.set(account, isMember);
    isMember.catch(() => byAccount.delete(account));
    return isMember;
  };
}
