import { expect, it } from 'vitest';
import { notingAccounts } from '../../cli/changed-accounts.ts';
import type { JournalEntry } from '../../lib/domain/journal.ts';
import { aKeyEntry, aLogGroup } from '../support/builders.ts';

it('the accounts of a run are those in which a change was made or may have been, and not those where each failed', async () => {
  const written: JournalEntry[] = [];
  const journal = notingAccounts({ append: async (entry: JournalEntry) => void written.push(entry) });
  const phases = { made: ['INTENT', 'DONE'], open: ['INTENT'], failed: ['INTENT', 'FAILED'] } as const;
  for (const [account, some] of Object.entries(phases)) {
    for (const phase of some) await journal.append(aKeyEntry({ store: aLogGroup('/a', { account }), phase }));
  }
  await journal.append(aKeyEntry({ store: aLogGroup('/b', { account: 'failed' }), phase: 'INTENT' }));
  await journal.append(aKeyEntry({ store: aLogGroup('/b', { account: 'failed' }), phase: 'FAILED' }));

  expect(journal.changedAccounts()).toEqual(['made', 'open']);
  expect(written).toHaveLength(7);
});

it('a change that cannot be written to the journal is not noted', async () => {
  const journal = notingAccounts({ append: async (_: JournalEntry) => Promise.reject(new Error('full')) });

  await expect(journal.append(aKeyEntry())).rejects.toThrow('full');
  expect(journal.changedAccounts()).toEqual([]);
});
