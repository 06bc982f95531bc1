import { describe, expect, it } from 'vitest';
import { flapping, type KeyLoss, keyLosses, type UndoRule } from '../../lib/domain/flapping.ts';
import type { JournalEntry, KeyEntry } from '../../lib/domain/journal.ts';
import type { ChangeStep } from '../../lib/domain/plan-step.ts';
import { aKeyArn, aKeyEntry, aPolicyEntry, aStep, NOW } from '../support/builders.ts';

const KEY = aKeyArn();
const OTHER = aKeyArn('other');
/** So many hours ago. */
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

/** A change by a run of its own, and what became of it. */
function change(hours: number, from: string | null, to: string | null, more: Partial<KeyEntry> = {}): KeyEntry[] {
  const entry = { time: ago(hours), runId: `run ${hours}`, from, to };
  return [aKeyEntry({ ...entry, phase: 'INTENT' }), aKeyEntry({ ...entry, phase: 'DONE', ...more })];
}
const seal = (hours: number, from: string | null = null) => change(hours, from, KEY);
const undo = (hours: number) => change(hours, KEY, null, { actor: 'arn:of:operator' });
/** The losses that count now. */
const lost = (entries: readonly JournalEntry[], keyArn: string | null, rule: UndoRule = 'COUNTS'): KeyLoss[] =>
  keyLosses(entries, keyArn, NOW, rule);

describe('a key is lost', () => {
  it.each<[string, KeyEntry[], string | null, [number, number][]]>([
    ['never where it is still attached', seal(3), KEY, []],
    ['never where logseal never set one', [], null, []],
    ['once where it is gone now', seal(3), null, [[3, 0]]],
    ['once where another one is attached now', seal(3), OTHER, [[3, 0]]],
    ['once where logseal had to set it again', [...seal(3), ...seal(2)], KEY, [[3, 2]]],
    ['once where another one was attached', [...seal(3), ...seal(2, OTHER)], KEY, [[3, 2]]],
    [
      'each time',
      [...seal(4), ...seal(3), ...seal(2)],
      null,
      [
        [4, 3],
        [3, 2],
        [2, 0],
      ],
    ],
    ['by an undo, when it was made', [...seal(3), ...undo(2)], null, [[3, 2]]],
    ['by an undo, once only', [...seal(3), ...undo(2), ...seal(1)], KEY, [[3, 2]]],
    ['by an undo of an earlier run', [...seal(3, OTHER), ...undo(2)], null, [[3, 2]]],
    ['by an undo to the key before', [...seal(3, OTHER), ...change(2, KEY, OTHER)], OTHER, [[3, 2]]],
    [
      'by an undo, and by somebody else after it was set again',
      [...seal(4), ...undo(3), ...seal(2)],
      null,
      [
        [4, 3],
        [2, 0],
      ],
    ],
  ])('%s', (_, entries, now, expected) => {
    const losses = lost(entries, now);

    expect(losses).toEqual(
      expected.map(([set, found]) => ({
        setAt: ago(set),
        foundAt: ago(found),
        by: expect.toBeOneOf([null, expect.any(String)]),
      })),
    );
  });

  it('by an undo with the name of who undid it, and else by somebody unknown', () => {
    const losses = lost([...seal(4), ...undo(3), ...seal(2)], null);

    expect(losses.map(({ by }) => by)).toEqual(['arn:of:operator', null]);
  });

  it('not where logseal itself set another key in its place', () => {
    expect(lost([...seal(3), ...change(2, KEY, OTHER)], OTHER)).toEqual([]);
  });

  it('not where two runs sealed the store at the same time', () => {
    const [intentA, doneA] = seal(3) as [KeyEntry, KeyEntry];
    const [intentB, doneB] = seal(3) as [KeyEntry, KeyEntry];

    expect(lost([intentA, intentB, doneA, doneB], KEY)).toEqual([]);
    expect(lost([intentA, intentB, doneB, doneA], null)).toHaveLength(1);
  });

  it('not where a canary put its own change back', () => {
    const run = { runId: 'canary' };
    const sealed = seal(3).map((entry) => ({ ...entry, ...run }));
    const putBack = change(2, KEY, null).map((entry) => ({ ...entry, ...run }));

    expect(lost([...sealed, ...putBack], null)).toEqual([]);
  });

  it('not where logseal failed to set it, or may have failed', () => {
    const [intent, done] = seal(3) as [KeyEntry, KeyEntry];

    expect(lost([intent, { ...done, phase: 'FAILED' }], null)).toEqual([]);
    expect(lost([intent], null)).toEqual([]);
  });

  it('once, however often logseal then failed to set it again', () => {
    const [intent, done] = seal(2) as [KeyEntry, KeyEntry];
    const refused: KeyEntry[] = [intent, { ...done, phase: 'FAILED' }];

    expect(lost([...seal(3), ...refused, ...refused], null)).toHaveLength(1);
  });

  it('only if it was found within 26 hours after logseal had set it, and for 26 hours', () => {
    expect(lost(seal(25.9), null)).toHaveLength(1);
    expect(lost(seal(26), null)).toEqual([]);
    expect(lost([...seal(51), ...seal(25.9)], KEY)).toHaveLength(1);
    expect(lost([...seal(51), ...seal(26)], KEY)).toEqual([]);
    expect(lost([...seal(50), ...seal(23)], null)).toHaveLength(1);
  });

  it('whatever the journal says of key policies', () => {
    expect(lost([aPolicyEntry(), ...seal(3), aPolicyEntry()], KEY)).toEqual([]);
  });
});

describe('an undo that is meant', () => {
  it('is no loss, and hides none by somebody else', () => {
    const entries = [...seal(6), ...undo(5), ...seal(4), ...seal(3), ...undo(2), ...seal(1)];

    expect(lost(entries, null, 'IS_MEANT')).toEqual([
      { setAt: ago(4), foundAt: ago(3), by: null },
      { setAt: ago(1), foundAt: ago(0), by: null },
    ]);
    expect(lost(entries, null, 'COUNTS')).toHaveLength(4);
  });
});

describe('a key that is removed again and again', () => {
  /** When the store is sealed and when it is refused, if its key is always gone when logseal comes; in hours from the first time. */
  function rhythm(hours: readonly number[]): string[] {
    const last = Math.max(...hours);
    let entries: KeyEntry[] = [];
    return hours.map((at) => {
      const time = new Date(NOW.getTime() - (last - at) * 3_600_000);
      const refusal = flapping(aStep() as ChangeStep, keyLosses(entries, null, time, 'COUNTS'), null);
      if (refusal) return `${at} FLAPPING`;
      entries = [...entries, ...seal(last - at)];
      return `${at} sealed`;
    });
  }

  it('by daily scans is refused at the second loss, and tried again a day later', () => {
    expect(rhythm([0, 24, 48, 72, 96, 120, 144])).toEqual([
      '0 sealed',
      '24 sealed',
      '48 FLAPPING',
      '72 sealed',
      '96 sealed',
      '120 FLAPPING',
      '144 sealed',
    ]);
  });

  it('is refused by daily scans that are up to two hours late', () => {
    expect(rhythm([0, 25.9, 48, 73.9])).toEqual(['0 sealed', '25.9 sealed', '48 FLAPPING', '73.9 sealed']);
    expect(rhythm([0, 24, 49.9, 72])).toEqual(['0 sealed', '24 sealed', '49.9 FLAPPING', '72 sealed']);
  });

  it('within an hour is refused at the second loss, and tried again 26 hours after the first was found', () => {
    expect(rhythm([0, 1, 2, 3, 24, 26.9, 27, 28, 29])).toEqual([
      '0 sealed',
      '1 sealed',
      '2 FLAPPING',
      '3 FLAPPING',
      '24 FLAPPING',
      '26.9 FLAPPING',
      '27 sealed',
      '28 sealed',
      '29 FLAPPING',
    ]);
  });

  it('every other day is sealed each time', () => {
    expect(rhythm([0, 48, 96, 144])).toEqual(['0 sealed', '48 sealed', '96 sealed', '144 sealed']);
  });
});

describe('a store that lost its key', () => {
  const step = aStep({ name: '/app/a' }) as ChangeStep;
  const twice = lost([...seal(5), ...seal(3)], null);

  it('once is sealed again', () => {
    const once = lost(seal(5), null);

    expect(flapping(step, once, null)).toBeNull();
    expect(flapping(step, [], null)).toBeNull();
  });

  it('twice is refused until the first loss no longer counts, and the refusal says what to do', () => {
    expect(flapping(step, twice, null)).toEqual({
      code: 'FLAPPING',
      severity: 'HIGH',
      message:
        '/app/a lost its key 2 times, each time within 26 hours after logseal had set it (found 2026-11-20T21:00:00.000Z; ' +
        'found 2026-11-21T00:00:00.000Z): infrastructure code probably owns it and takes the key away',
      fix: `set the key in that code to ${KEY} (see docs/infrastructure-as-code.md); logseal refuses to seal it until 2026-11-21T23:00:00.000Z`,
    });
  });

  it('names who did it, where the journal or an event says so', () => {
    const undone = lost([...seal(5), ...undo(4), ...seal(3)], null);

    expect(flapping(step, undone, null)?.message).toContain('undone 2026-11-20T20:00:00.000Z by arn:of:operator;');
    expect(flapping(step, twice, 'arn:of:terraform')?.message).toMatch(/changed it last: arn:of:terraform$/);
  });
});
