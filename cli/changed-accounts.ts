import type { StoreJournal } from '../lib/app/ports.ts';
import { targetOfChange } from '../lib/domain/journal.ts';

/** The same journal, which also tells in which accounts changes were written to it that were made, or may have been: what did not fail. */
export function notingAccounts<J extends Pick<StoreJournal, 'append'>>(
  journal: J,
): J & { readonly changedAccounts: () => string[] } {
  const changes = new Map<string, number>();
  return {
    ...journal,
    async append(entry) {
      await journal.append(entry);
      const { account } = targetOfChange(entry);
      const more = { INTENT: 1, DONE: 0, FAILED: -1 }[entry.phase];
      changes.set(account, (changes.get(account) ?? 0) + more);
    },
    changedAccounts: () => [...changes].flatMap(([account, count]) => (count > 0 ? [account] : [])),
  };
}
