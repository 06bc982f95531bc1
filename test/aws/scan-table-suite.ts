import { beforeEach, describe, expect, test } from 'vitest';
import type { ScanTable, Turn } from '../../lib/app/ports.ts';
import { targetKey } from '../../lib/domain/target.ts';
import { aTarget, TARGET } from '../support/builders.ts';

const NOW = 1_000_000;
const aTurn = (runId = 'a', turn: Partial<Turn> = {}): Turn => ({
  target: TARGET,
  runId,
  invocation: `invocation of ${runId}`,
  heldUntil: NOW + 300_000,
  ...turn,
});
const A = aTurn('a');
const B = aTurn('b');
const FOUND = { critical: 3, keyUnusable: true };

/** The tests of the table by which scans take turns, for anything that implements it. */
export function describeScanTable(name: string, open: () => Promise<ScanTable>): void {
  describe(`scans take turns by a table in ${name}`, () => {
    let scans: ScanTable;
    beforeEach(async () => {
      scans = await open();
    });

    test('one run holds a target, and another that asks meanwhile is returned when the first ends', async () => {
      expect(await scans.begin(A, true, NOW)).toBe('HELD');
      expect(await scans.begin(B, true, NOW + 1)).toBe('NOTED');

      expect(await scans.end(A, FOUND)).toBe('b');
      expect(await scans.begin(B, true, NOW + 2)).toBe('HELD');
      expect(await scans.end(B, FOUND)).toBeNull();
    });

    test('however many ask at once, one begins, and one scan follows', async () => {
      const turns = Array.from({ length: 8 }, (_, index) => aTurn(`run-${index}`));

      const begun = await Promise.all(turns.map((turn) => scans.begin(turn, true, NOW)));

      expect(begun.filter((one) => one === 'HELD')).toHaveLength(1);
      expect(begun.filter((one) => one === 'NOTED')).toHaveLength(7);
      const holder = turns[begun.indexOf('HELD')] ?? A;
      const next = await scans.end(holder, null);
      expect(next).toMatch(/^run-/);
      expect(await scans.begin(aTurn(next ?? ''), true, NOW)).toBe('HELD');
      expect(await scans.end(aTurn(next ?? ''), null)).toBeNull();
    });

    test('targets do not hinder each other', async () => {
      expect(await scans.begin(A, true, NOW)).toBe('HELD');
      expect(await scans.begin(aTurn('b', { target: aTarget('us-east-1') }), true, NOW)).toBe('HELD');
    });

    test('a target whose invocation died is free when that invocation would have been over', async () => {
      await scans.begin(A, true, NOW);

      expect(await scans.begin(B, true, A.heldUntil)).toBe('NOTED');
      expect(await scans.begin(aTurn('b', { heldUntil: A.heldUntil + 300_000 }), true, A.heldUntil + 1)).toBe('HELD');
      // The run that lost the target changes nothing any more.
      await scans.handOver(A, A.heldUntil);
      await scans.release(A);
      expect(await scans.end(A, FOUND)).toBeNull();
      expect(await scans.states()).toEqual(new Map());
      expect(await scans.begin(aTurn('c'), true, A.heldUntil + 1)).toBe('NOTED');
    });

    test('a run is not begun by two invocations, and the retry of one goes on', async () => {
      await scans.begin(A, true, NOW);

      expect(await scans.begin(aTurn('a', { invocation: 'another' }), true, NOW + 1)).toBe('RUNNING');
      expect(await scans.begin(A, true, NOW + 2)).toBe('HELD');
      expect(await scans.end(A, null)).toBeNull();
    });

    test('a run that is handed over is continued by any invocation of its own, and by no other run until its time is over', async () => {
      await scans.begin(A, true, NOW);
      await scans.handOver(A, NOW + 900_000);

      expect(await scans.begin(B, true, NOW + 400_000)).toBe('NOTED');
      const rest = aTurn('a', { invocation: 'the next', heldUntil: NOW + 700_000 });
      expect(await scans.begin(rest, false, NOW + 400_000)).toBe('HELD');
      expect(await scans.end(rest, FOUND)).toBe('b');
    });

    test('a part of a run whose target another run took over is scanned again from the beginning', async () => {
      await scans.begin(A, true, NOW);
      await scans.handOver(A, NOW + 1);
      await scans.begin(B, true, NOW + 2);

      expect(await scans.begin(aTurn('a', { invocation: 'the next' }), false, NOW + 3)).toBe('NOTED');

      expect(await scans.end(B, null)).toBe('a');
    });

    test('a target that was released after a failure is free, and what was noted stays', async () => {
      await scans.begin(A, true, NOW);
      await scans.begin(B, true, NOW);
      await scans.release(A);

      // The rest of a run does not cover what asked for a scan from the beginning, and its end asks for that scan.
      expect(await scans.begin(A, false, NOW)).toBe('HELD');
      expect(await scans.end(A, null)).toBe('b');
      // Until that scan has begun, it is not forgotten.
      expect(await scans.begin(aTurn('c'), true, NOW)).toBe('HELD');
      expect(await scans.end(aTurn('c'), null)).toBeNull();
    });

    test('what the last completed scan found is kept, and what is not known any more is left as it was', async () => {
      const there = aTurn('there', { target: aTarget('us-east-1') });
      for (const [turn, found] of [
        [A, FOUND],
        [B, { critical: 0, keyUnusable: null }],
        [there, { critical: 1, keyUnusable: false }],
        [there, null],
      ] as const) {
        expect(await scans.begin(turn, true, NOW)).toBe('HELD');
        await scans.end(turn, found);
      }

      expect(await scans.states()).toEqual(
        new Map([
          [targetKey(TARGET), { critical: 0, keyUnusable: true }],
          [targetKey(there.target), { critical: 1, keyUnusable: false }],
        ]),
      );
    });

    test('a target that is held has the state of the last completed scan', async () => {
      await scans.begin(A, true, NOW);
      expect(await scans.states()).toEqual(new Map());
      await scans.end(A, FOUND);
      await scans.begin(B, true, NOW);

      expect(await scans.states()).toEqual(new Map([[targetKey(TARGET), FOUND]]));
    });
  });
}
