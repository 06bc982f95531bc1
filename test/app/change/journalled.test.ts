import { describe, expect, it } from 'vitest';
import { type DescribedChange, journalled, type Made } from '../../../lib/app/change/journalled.ts';
import type { Journal } from '../../../lib/app/ports.ts';
import type { JournalEntry } from '../../../lib/domain/journal.ts';
import { JournalError } from '../../../lib/errors.ts';
import { aKeyArn, aKeyEntry, aLogGroup, aPolicyEntry } from '../../support/builders.ts';
import { CALLER, fakeJournal } from '../../support/fake-cloud.ts';

const CHANGE: DescribedChange = { change: 'KEY', store: aLogGroup(), from: null, to: aKeyArn() };
const BEFORE = '2026-11-21T00:00:00.000Z';
const AFTER = '2026-11-21T00:00:05.000Z';

/** Makes a change in a journal. `seen` has the journal as it was when each change was made. */
async function change<T>(make: () => Promise<Made<T>>, fails: JournalEntry['phase'] | null = null, what = CHANGE) {
  const book = fakeJournal();
  const journal: Journal = {
    append: async (entry) => {
      if (entry.phase === fails) throw new JournalError('disk full');
      await book.journal.append(entry);
    },
  };
  const seen: string[][] = [];
  let time = BEFORE;
  const run = { runId: 'run-1', actor: CALLER.arn, journal, clock: () => new Date(time) };
  const [settled] = await Promise.allSettled([
    journalled(what, run, () => {
      seen.push(book.phases());
      time = AFTER;
      return make();
    }),
  ]);
  return { settled, entries: book.entries, phases: book.phases(), seen };
}

const INTENT = aKeyEntry({ phase: 'INTENT', time: BEFORE });

describe('a change', () => {
  it('that is made has its INTENT entry before, and its DONE entry after', async () => {
    const { settled, entries, seen } = await change(async () => ({ result: 'SEALED', phase: 'DONE', error: null }));

    expect(settled).toEqual({ status: 'fulfilled', value: 'SEALED' });
    expect(seen).toEqual([['/app/a INTENT']]);
    expect(entries).toEqual([INTENT, { ...INTENT, phase: 'DONE', time: AFTER }]);
  });

  it.each(['DONE', 'FAILED'] as const)('keeps the words of the cloud in its %s entry', async (phase) => {
    const { settled, entries } = await change(async () => ({ result: 1, phase, error: 'in the words of AWS' }));

    expect(settled).toEqual({ status: 'fulfilled', value: 1 });
    expect(entries).toEqual([INTENT, { ...INTENT, phase, time: AFTER, error: 'in the words of AWS' }]);
  });

  it('with a result that is NOT_KNOWN leaves the INTENT alone', async () => {
    const { settled, entries } = await change(async () => ({ result: 1, phase: 'NOT_KNOWN', error: 'reset' }));

    expect(settled).toEqual({ status: 'fulfilled', value: 1 });
    expect(entries).toEqual([INTENT]);
  });

  it('of a key policy is described by its texts', async () => {
    const { keyArn, from, to } = aPolicyEntry();
    const what: DescribedChange = { change: 'POLICY', store: null, keyArn, from, to };

    const { entries } = await change(async () => ({ result: 1, phase: 'DONE', error: null }), null, what);

    expect(entries).toEqual([
      aPolicyEntry({ phase: 'INTENT', time: BEFORE }),
      aPolicyEntry({ phase: 'DONE', time: AFTER }),
    ]);
  });
});

describe('a journal that cannot be written', () => {
  it('keeps the change from being made', async () => {
    const { settled, entries, seen } = await change(() => expect.fail('made'), 'INTENT');

    expect(settled).toEqual({ status: 'rejected', reason: new JournalError('disk full') });
    expect({ entries, seen }).toEqual({ entries: [], seen: [] });
  });

  it.each(['DONE', 'FAILED'] as const)('for the %s entry is thrown, and leaves the INTENT alone', async (phase) => {
    const { settled, entries, seen } = await change(async () => ({ result: 1, phase, error: null }), phase);

    expect(settled).toEqual({ status: 'rejected', reason: new JournalError('disk full') });
    expect(entries).toEqual([INTENT]);
    expect(seen).toHaveLength(1);
  });
});

it('a defect in making the change is thrown, and leaves the INTENT alone', async () => {
  const { settled, entries } = await change(() => Promise.reject(new TypeError('a defect')));

  expect(settled).toEqual({ status: 'rejected', reason: new TypeError('a defect') });
  expect(entries).toEqual([INTENT]);
});
