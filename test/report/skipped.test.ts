import { expect, it } from 'vitest';
import { skippedLines } from '../../lib/report/skipped.ts';

const off = (...accounts: readonly string[]) =>
  skippedLines({ accounts: [], regions: accounts.map((account) => ({ account, regions: ['af-south-1'] })) });

it('a Region that was skipped names up to three accounts, and counts more', () => {
  expect(off('1', '2', '3')).toEqual(['Skipped 1 Region that is not enabled in 1, 2, and 3: af-south-1']);
  expect(off('1', '2', '3', '4')).toEqual(['Skipped 1 Region that is not enabled in 4 accounts: af-south-1']);
  expect(off('')).toEqual(['Skipped 1 Region that is not enabled: af-south-1']);
});
