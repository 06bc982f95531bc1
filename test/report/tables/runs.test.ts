import { describe, expect, it } from 'vitest';
import type { JournalRun } from '../../../lib/domain/journal-run.ts';
import type { ReadJournal } from '../../../lib/report/documents.ts';
import { runsTable } from '../../../lib/report/tables/runs.ts';
import { reportOptions } from '../builders.ts';

const RUN: JournalRun = {
  id: '6d1d9e0c-0000-4000-8000-000000000000',
  startedAt: '2026-11-20T08:09:59.999Z',
  actor: 'arn:aws:sts::111122223333:assumed-role/Admin/jane',
  accounts: ['111122223333'],
  regions: ['eu-west-1'],
  counts: { sealed: 12, unsealed: 0, putBack: 0, policies: 0, unfinished: 0, failed: 1 },
};
const FILE = { type: 'FILE', name: 'journal.ndjson', runs: 1, entries: 26 } as const;

function tableOf(
  runs: readonly JournalRun[],
  journals: readonly ReadJournal[] = [{ ...FILE, runs: runs.length }],
): string {
  const writer = runsTable(reportOptions());
  return [writer.begin(), writer.page(runs), writer.end({ journals })].join('');
}

describe('the table of runs', () => {
  it('says of each run what it changed, where, and who made it', () => {
    expect(tableOf([RUN])).toBe(`\
RUN       BEGUN (UTC)       CHANGES
6d1d9e0c  2026-11-20 08:09  12 sealed, 1 failed
                            111122223333 eu-west-1, by assumed-role/Admin/jane

1 run in journal.ndjson
`);
  });

  it('fits 80 columns, whatever happened', () => {
    const run: JournalRun = {
      ...RUN,
      accounts: ['111122223333', '444455556666'],
      regions: ['eu-west-1', 'eu-west-2', 'us-east-1'],
      actor: `arn:aws:sts::111122223333:assumed-role/${'A'.repeat(64)}/${'j'.repeat(64)}`,
      counts: { sealed: 1234567, unsealed: 1234, putBack: 5, policies: 2, unfinished: 3, failed: 12345 },
    };

    const text = tableOf([run]);

    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const part of ['1,234,567 sealed', '1,234 unsealed', '5 put back', '2 key policies', '3 unfinished']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('12,345 failed');
    expect(text).toContain(' 111122223333, 444455556666 eu-west-1, eu-west-2,\n');
    expect(text).toMatch(/by assumed-role\/A+…/);
  });

  it('names up to three accounts, and counts more', () => {
    const accounts = ['111122223333', '222233334444', '444455556666'];

    expect(tableOf([{ ...RUN, accounts, regions: [] }])).toContain(' 111122223333, 222233334444, 444455556666,\n');
    expect(tableOf([{ ...RUN, accounts: [...accounts, '777788889999'] }])).toContain(' 4 accounts eu-west-1, by ');
  });

  it('shows as much of the ids as tells them apart', () => {
    const other = { ...RUN, id: '6d1d9e0c-0001-4000-8000-000000000000' };

    expect(tableOf([RUN, other])).toMatch(/^6d1d9e0c-0000 {2}[\s\S]*^6d1d9e0c-0001 {2}/m);
  });

  it('shows no control character of an actor, which anybody may have written', () => {
    const text = tableOf([{ ...RUN, actor: 'arn:aws:iam::111122223333:user/\u001b[2Jx' }]);

    expect(text).not.toContain('\u001b');
  });

  it('says that there are none', () => {
    const table = { type: 'TABLE', name: 'logseal', runs: 0, entries: 0 } as const;

    expect(tableOf([], [table])).toBe('no runs in table logseal\n');
  });
});
