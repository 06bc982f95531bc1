import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedArn,
  changesAfter,
  changesIn,
  type JournalEntry,
  type KeyEntry,
  type PolicyEntry,
} from '../../lib/domain/journal.ts';
import { aKeyArn, aKeyEntry, aLogGroup, aPolicyEntry } from '../support/builders.ts';

const [A, B, C] = [aKeyArn('a'), aKeyArn('b'), aKeyArn('c')];

/** The intent of a change and its mark; without one for `null`. */
function change(
  entry: Partial<KeyEntry> & { name?: string } = {},
  mark: 'DONE' | 'FAILED' | null = 'DONE',
): KeyEntry[] {
  const intent = aKeyEntry({ ...entry, phase: 'INTENT' });
  return mark === null ? [intent] : [intent, { ...intent, phase: mark }];
}

function policyChange(entry: Partial<PolicyEntry> = {}): PolicyEntry[] {
  return [aPolicyEntry({ ...entry, phase: 'INTENT' }), aPolicyEntry(entry)];
}

/** Run, name, and from what to what. */
function short(entries: readonly JournalEntry[]): string[] {
  return changesIn(entries).map((entry) => {
    const name = entry.change === 'KEY' ? entry.store.name : entry.keyArn.split('/')[1];
    return `${entry.runId} ${name}: ${keyName(entry.from)} to ${keyName(entry.to)}`;
  });
}

function keyName(text: string | null): string | null {
  return text?.startsWith('arn:') ? (text.split('/')[1] ?? null) : text;
}

it('the subject of an entry is its log store or its key', () => {
  expect(changedArn(aKeyEntry({ name: '/x' }))).toBe(aLogGroup('/x').arn);
  expect(changedArn(aPolicyEntry({ keyArn: B }))).toBe(B);
});

describe('the changes in a journal', () => {
  it.each<[string, JournalEntry[], string[]]>([
    ['of nothing', [], []],
    ['that is done', change({ from: A, to: B }), ['run-1 /app/a: a to b']],
    ['to no key', change({ from: A, to: null }), ['run-1 /app/a: a to null']],
    ['that failed', change({}, 'FAILED'), []],
    ['without a mark, which nobody knows of', change({ from: A, to: B }, null), ['run-1 /app/a: a to b']],
    ['with a mark alone', [aKeyEntry({ phase: 'FAILED' }), aKeyEntry()], ['run-1 /app/a: null to logseal']],
    [
      'of one store again and again in one run: from the first to the last',
      [...change({ from: A, to: B }), ...change({ from: B, to: C }), ...change({ from: C, to: null })],
      ['run-1 /app/a: a to null'],
    ],
    [
      'of one store, of which one in between failed',
      [...change({ from: A, to: B }), ...change({ from: B, to: C }, 'FAILED'), ...change({ from: B, to: null })],
      ['run-1 /app/a: a to null'],
    ],
    [
      'of one store, of which the last failed',
      [...change({ from: A, to: B }), ...change({ from: B, to: C }, 'FAILED')],
      ['run-1 /app/a: a to b'],
    ],
    [
      'of one store, of which the first has no mark',
      [...change({ from: A, to: B }, null), ...change({ from: B, to: C })],
      ['run-1 /app/a: a to c'],
    ],
    [
      'of one store, of which the last has no mark',
      [...change({ from: A, to: B }), ...change({ from: B, to: C }, null)],
      ['run-1 /app/a: a to c'],
    ],
    [
      'of one store, whose way back is neither DONE nor FAILED: as if it had not begun',
      [...change({ from: A, to: B }), ...change({ from: B, to: A }, null)],
      ['run-1 /app/a: a to b'],
    ],
    [
      'of one store, whose way back is done: from and to the same',
      [...change({ from: A, to: B }), ...change({ from: B, to: A })],
      ['run-1 /app/a: a to a'],
    ],
    [
      'of one store in several runs: one each',
      [...change({ from: A, to: B }), ...change({ runId: 'run-2', from: B, to: C })],
      ['run-1 /app/a: a to b', 'run-2 /app/a: b to c'],
    ],
    [
      'of several stores in the order in which they were begun',
      [
        ...change({ name: '/slow' }, null),
        ...change({ name: '/fast' }),
        ...change({ name: '/slow' }).slice(1),
        ...change({ name: '/never' }, null),
      ],
      ['run-1 /slow: null to logseal', 'run-1 /fast: null to logseal', 'run-1 /never: null to logseal'],
    ],
    [
      'of a store that is changed once more go to the end',
      [...change({ name: '/a', to: B }), ...change({ name: '/b' }), ...change({ name: '/a', from: B, to: C })],
      ['run-1 /b: null to logseal', 'run-1 /a: null to c'],
    ],
    [
      'of a key policy beside one of a log store',
      [...policyChange({ keyArn: B, from: 'x', to: 'y' }), ...change({ to: B })],
      ['run-1 b: x to y', 'run-1 /app/a: null to b'],
    ],
    [
      'of a key policy twice',
      [...policyChange({ from: 'x', to: 'y' }), ...policyChange({ from: 'y', to: 'z' })],
      ['run-1 logseal: x to z'],
    ],
    [
      'of stores that share a name in two Regions',
      [...change(), ...change({ store: aLogGroup('/app/a', { region: 'us-east-1' }) })],
      ['run-1 /app/a: null to logseal', 'run-1 /app/a: null to logseal'],
    ],
  ])('%s', (_, entries, changes) => {
    expect(short(entries)).toEqual(changes);
  });

  it('keep everything else that the journal says', () => {
    const [intent, mark] = change({ actor: 'arn:of:somebody', time: '2026-01-01T00:00:00.000Z' }) as [
      KeyEntry,
      KeyEntry,
    ];

    expect(changesIn([intent, mark])).toEqual([{ ...intent, phase: 'DONE' }]);
    expect(changesIn([intent])).toEqual([intent]);
    expect(changesIn([...policyChange()])).toEqual([aPolicyEntry({ phase: 'DONE' })]);
  });

  it('of each store are the same however the stores are interleaved', () => {
    const key = fc.constantFrom(A, B, C, null);
    const mark = fc.constantFrom<'DONE' | 'FAILED' | null>('DONE', 'FAILED', null);
    const steps = fc.array(fc.tuple(key, mark, fc.constantFrom('run-1', 'run-2')), { maxLength: 5 });
    /** What was done to one store, one change after the other; the runs may alternate. */
    const historyOf = (name: string) =>
      steps.map((all) => {
        let from: string | null = null;
        return all.flatMap(([to, marked, runId]) => {
          const entries = change({ name, runId, from, to }, marked);
          if (marked !== 'FAILED') from = to;
          return entries;
        });
      });
    const histories = fc.tuple(historyOf('/one'), historyOf('/two'), historyOf('/three'));

    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat(2)), (all, turns) => {
        const left = all.map((history) => [...history]);
        const mixed: KeyEntry[] = [];
        for (const turn of turns) {
          const open = left.filter((history) => history.length > 0);
          const next = open[turn % open.length]?.shift();
          if (!next) break;
          mixed.push(next);
        }

        const together = changesIn(mixed);

        for (const [index, name] of ['/one', '/two', '/three'].entries()) {
          const alone = changesIn(all[index] ?? []);
          expect(together.filter(({ store }) => store?.name === name)).toEqual(alone);
          for (const runId of ['run-1', 'run-2']) {
            const ofRun = (all[index] ?? []).filter((entry) => entry.runId === runId);
            const kept = ofRun.filter((entry, at) => entry.phase === 'INTENT' && ofRun[at + 1]?.phase !== 'FAILED');
            const isDone = (entry: KeyEntry) => ofRun[ofRun.indexOf(entry) + 1]?.phase === 'DONE';
            const [first] = kept;
            const last = kept.findLast((entry) => entry === first || isDone(entry) || entry.to !== first?.from);
            expect(alone.filter((entry) => entry.runId === runId).map(({ from, to }) => [from, to])).toEqual(
              first ? [[first.from, last?.to]] : [],
            );
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what later runs changed', () => {
  const first = aKeyEntry({ runId: 'run-1', to: A });
  const short = (entries: readonly KeyEntry[]) =>
    changesAfter(first, entries).map(({ runId, phase }) => `${runId} ${phase}`);

  it('is every change of another run that began after it, and may have been made', () => {
    const entries = [
      ...change({ runId: 'run-0', to: B }),
      ...change({ runId: 'run-1', to: A }),
      ...change({ runId: 'run-2', from: A, to: null }),
      ...change({ runId: 'run-3', to: B }, 'FAILED'),
      ...change({ runId: 'run-4', to: C }, null),
    ];

    expect(short(entries)).toEqual(['run-2 DONE', 'run-4 INTENT']);
  });

  it('is nothing after the last change, nor where the journal does not have the change', () => {
    expect(short(change({ runId: 'run-1', to: A }))).toEqual([]);
    expect(short(change({ runId: 'run-2', to: B }))).toEqual([]);
  });

  it('of a key policy is told the same way', () => {
    const entries = [...policyChange({ runId: 'run-1' }), ...policyChange({ runId: 'run-2' })];

    expect(changesAfter(aPolicyEntry({ runId: 'run-1' }), entries)).toMatchObject([{ runId: 'run-2' }]);
  });
});
