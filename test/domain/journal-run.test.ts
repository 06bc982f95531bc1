import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../lib/domain/journal.ts';
import { journalRun, newestFirst } from '../../lib/domain/journal-run.ts';
import { aKeyEntry, aLogGroup, aPolicyEntry } from '../support/builders.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const OTHER = 'arn:aws:kms:eu-west-1:111122223333:key/2';
const NONE = { sealed: 0, unsealed: 0, putBack: 0, policies: 0, unfinished: 0, failed: 0 };

/** A change of a log store, and the phases that the journal has of it. */
function aChange(name: string, from: string | null, to: string | null, ...phases: JournalEntry['phase'][]) {
  return phases.map((phase) => aKeyEntry({ name, from, to, phase }));
}

function runOf(...entries: JournalEntry[]) {
  return journalRun(entries as [JournalEntry, ...JournalEntry[]]);
}

describe('a run', () => {
  it.each<[string, JournalEntry[], Partial<typeof NONE>]>([
    ['seals', aChange('/a', null, KEY, 'INTENT', 'DONE'), { sealed: 1 }],
    ['puts another key in the place of one', aChange('/a', OTHER, KEY, 'INTENT', 'DONE'), { sealed: 1 }],
    ['unseals', aChange('/a', KEY, null, 'INTENT', 'DONE'), { unsealed: 1 }],
    ['fails', aChange('/a', null, KEY, 'INTENT', 'FAILED'), { failed: 1 }],
    ['is cut off', aChange('/a', null, KEY, 'INTENT'), { unfinished: 1 }],
    ['succeeds after a failure', aChange('/a', null, KEY, 'INTENT', 'FAILED', 'INTENT', 'DONE'), { sealed: 1 }],
    [
      'changes key policies',
      [aPolicyEntry(), aPolicyEntry({ phase: 'DONE' }), aPolicyEntry({ keyArn: OTHER, phase: 'FAILED' })],
      { policies: 1, failed: 1 },
    ],
    [
      'puts back what it sealed',
      [...aChange('/a', null, KEY, 'INTENT', 'DONE'), ...aChange('/a', KEY, null, 'INTENT', 'DONE')],
      { putBack: 1 },
    ],
    [
      'could not put back what it sealed',
      [...aChange('/a', null, KEY, 'INTENT', 'DONE'), ...aChange('/a', KEY, null, 'INTENT', 'FAILED')],
      { sealed: 1, failed: 1 },
    ],
    [
      'is cut off while it puts back',
      [...aChange('/a', null, KEY, 'INTENT', 'DONE'), ...aChange('/a', KEY, null, 'INTENT')],
      { sealed: 1, unfinished: 1 },
    ],
    [
      'does several things, side by side',
      [
        ...aChange('/a', null, KEY, 'INTENT'),
        ...aChange('/b', KEY, null, 'INTENT'),
        ...aChange('/a', null, KEY, 'DONE'),
        ...aChange('/c', null, KEY, 'INTENT', 'DONE'),
        ...aChange('/b', KEY, null, 'FAILED'),
      ],
      { sealed: 2, failed: 1 },
    ],
  ])('that %s is counted as that', (_, entries, counts) => {
    expect(runOf(...entries).counts).toEqual({ ...NONE, ...counts });
  });

  it('has the time and the actor of its first entry, and every account and Region once', () => {
    const store = (account: string, region: string) => aLogGroup('/a', { account, region });
    const entries = [
      aKeyEntry({ time: '2026-01-02T00:00:00.000Z', store: store('444455556666', 'us-east-1') }),
      aKeyEntry({ time: '2026-01-03T00:00:00.000Z', store: store('111122223333', 'us-east-1') }),
      aPolicyEntry({ keyArn: KEY }),
    ];

    expect(runOf(...entries)).toMatchObject({
      id: 'run-1',
      startedAt: '2026-01-02T00:00:00.000Z',
      actor: entries[0]?.actor,
      accounts: ['111122223333', '444455556666'],
      regions: ['eu-west-1', 'us-east-1'],
    });
  });

  it('leaves out an account that is not known', () => {
    expect(runOf(aKeyEntry({ store: aLogGroup('/a', { account: '' }) })).accounts).toEqual([]);
  });
});

it('the newest run is the first', () => {
  const [old, middle, young] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.500Z', '2026-02-01T00:00:00Z'].map(
    (time) => runOf(aKeyEntry({ time, runId: time })),
  );
  if (!(old && middle && young)) throw new Error('no runs');

  expect(newestFirst([middle, young, old])).toEqual([young, middle, old]);
});
