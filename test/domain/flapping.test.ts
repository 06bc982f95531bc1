import { describe, expect, it } from 'vitest';
import { flapping, isFlapping, keyLosses } from '../../lib/domain/flapping.ts';
import type { KeyEntry } from '../../lib/domain/journal.ts';
import type { ChangeStep } from '../../lib/domain/plan-step.ts';
import { aKeyArn, aKeyEntry, aPolicyEntry, aStep, NOW } from '../support/builders.ts';

const KEY = aKeyArn();
const OTHER = aKeyArn('other');
/** So many hours ago. */
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

/** A change and what became of it. */
function change(hours: number, from: string | null, to: string | null, more: Partial<KeyEntry> = {}): KeyEntry[] {
  const time = ago(hours);
  return [aKeyEntry({ time, from, to, phase: 'INTENT' }), aKeyEntry({ time, from, to, phase: 'DONE', ...more })];
}
const seal = (hours: number, from: string | null = null) => change(hours, from, KEY);
const undo = (hours: number) => change(hours, KEY, null, { actor: 'arn:of:operator' });

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
    const losses = keyLosses(entries, now, NOW);

    expect(losses).toEqual(
      expected.map(([set, found]) => ({
        setAt: ago(set),
        foundAt: ago(found),
        by: expect.toBeOneOf([null, expect.any(String)]),
      })),
    );
  });

  it('by an undo with the name of who undid it, and else by somebody unknown', () => {
    const losses = keyLosses([...seal(4), ...undo(3), ...seal(2)], null, NOW);

    expect(losses.map(({ by }) => by)).toEqual(['arn:of:operator', null]);
  });

  it('not where logseal itself set another key in its place', () => {
    expect(keyLosses([...seal(3), ...change(2, KEY, OTHER)], OTHER, NOW)).toEqual([]);
  });

  it('not where two runs sealed the store at the same time', () => {
    const [intentA, doneA] = seal(3) as [KeyEntry, KeyEntry];
    const [intentB, doneB] = seal(3) as [KeyEntry, KeyEntry];

    expect(keyLosses([intentA, intentB, doneA, doneB], KEY, NOW)).toEqual([]);
    expect(keyLosses([intentA, intentB, doneB, doneA], null, NOW)).toHaveLength(1);
  });

  it('not where logseal failed to set it, or may have failed', () => {
    const [intent, done] = seal(3) as [KeyEntry, KeyEntry];

    expect(keyLosses([intent, { ...done, phase: 'FAILED' }], null, NOW)).toEqual([]);
    expect(keyLosses([intent], null, NOW)).toEqual([]);
  });

  it('once, however often logseal then failed to set it again', () => {
    const [intent, done] = seal(2) as [KeyEntry, KeyEntry];
    const refused: KeyEntry[] = [intent, { ...done, phase: 'FAILED' }];

    expect(keyLosses([...seal(3), ...refused, ...refused], null, NOW)).toHaveLength(1);
  });

  it('only within a day after logseal had set it, and only in the last day', () => {
    expect(keyLosses([...seal(60), ...seal(30)], null, NOW)).toEqual([]);
    expect(keyLosses([...seal(30), ...seal(23)], null, NOW)).toHaveLength(2);
    expect(keyLosses([...seal(30), ...seal(25)], KEY, NOW)).toEqual([]);
    expect(keyLosses([...seal(48), ...seal(23)], null, NOW)).toHaveLength(1);
  });

  it('whatever the journal says of key policies', () => {
    expect(keyLosses([aPolicyEntry(), ...seal(3), aPolicyEntry()], KEY, NOW)).toEqual([]);
  });
});

describe('a store that lost its key', () => {
  const step = aStep({ name: '/app/a' }) as ChangeStep;
  const twice = keyLosses([...seal(5), ...seal(3)], null, NOW);

  it('once is sealed again', () => {
    const once = keyLosses(seal(5), null, NOW);

    expect(isFlapping(once)).toBe(false);
    expect(flapping(step, once, null)).toBeNull();
    expect(flapping(step, [], null)).toBeNull();
  });

  it('twice within a day is left alone for a day after the first time, and the outcome says what to do', () => {
    expect(isFlapping(twice)).toBe(true);
    expect(flapping(step, twice, null)).toEqual({
      code: 'FLAPPING',
      severity: 'HIGH',
      message:
        '/app/a lost its key 2 times within a day after logseal had set it (found 2026-11-20T21:00:00.000Z; found ' +
        '2026-11-21T00:00:00.000Z): infrastructure code probably owns it and takes the key away',
      fix: `set the key in that code, as docs/infrastructure-as-code.md shows: ${KEY}. logseal tries again after 2026-11-21T21:00:00.000Z`,
    });
  });

  it('names who did it, where the journal or an event says so', () => {
    const undone = keyLosses([...seal(5), ...undo(4), ...seal(3)], null, NOW);

    expect(flapping(step, undone, null)?.message).toContain('undone 2026-11-20T20:00:00.000Z by arn:of:operator;');
    expect(flapping(step, twice, 'arn:of:terraform')?.message).toMatch(/changed it last: arn:of:terraform$/);
  });
});
