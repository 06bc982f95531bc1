import { beforeEach, describe, expect, test } from 'vitest';
import type { Counted, ScanTable, Turn } from '../../lib/app/ports.ts';
import { targetKey } from '../../lib/domain/target.ts';
import { aTarget, TARGET } from '../support/builders.ts';

const NOW = 1_000_000;
const aTurn = (runId = 'a', turn: Partial<Turn> = {}): Turn => ({
  target: TARGET,
  runId,
  nextToken: null,
  invocation: `invocation of ${runId}`,
  heldUntil: NOW + 300_000,
  ...turn,
});
const A = aTurn('a');
const B = aTurn('b');
const FOUND = { critical: 3, keyUnusable: true, matches: new Map([['e-1', 2]]) };
const COUNTED: Counted = { critical: 3, keyUnusable: null, matches: new Map([['e-1', 0]]), config: 'READ' };

/** The tests of the table by which scans take turns, for anything that implements it. */
export function describeScanTable(name: string, open: () => Promise<ScanTable>): void {
  describe(`scans take turns by a table in ${name}`, () => {
    let scans: ScanTable;
    beforeEach(async () => {
      scans = await open();
    });

    test('one run holds a target, and another that asks meanwhile is returned when the first ends', async () => {
      expect(await scans.begin(A, NOW)).toBe('HELD');
      expect(await scans.begin(B, NOW + 1)).toBe('NOTED');

      expect(await scans.end(A, FOUND)).toBe('b');
      expect(await scans.begin(B, NOW + 2)).toBe('HELD');
      expect(await scans.end(B, FOUND)).toBeNull();
    });

    test('however many ask at once, one begins, and one scan follows', async () => {
      const turns = Array.from({ length: 8 }, (_, index) => aTurn(`run-${index}`));

      const begun = await Promise.all(turns.map((turn) => scans.begin(turn, NOW)));

      expect(begun.filter((one) => one === 'HELD')).toHaveLength(1);
      expect(begun.filter((one) => one === 'NOTED')).toHaveLength(7);
      const holder = turns[begun.indexOf('HELD')] ?? A;
      const next = await scans.end(holder, null);
      expect(next).toMatch(/^run-/);
      expect(await scans.begin(aTurn(next ?? ''), NOW)).toBe('HELD');
      expect(await scans.end(aTurn(next ?? ''), null)).toBeNull();
    });

    test('targets do not hinder each other', async () => {
      expect(await scans.begin(A, NOW)).toBe('HELD');
      expect(await scans.begin(aTurn('b', { target: aTarget('us-east-1') }), NOW)).toBe('HELD');
    });

    test('a target whose invocation died is free when that invocation would have been over', async () => {
      await scans.begin(A, NOW);

      expect(await scans.begin(B, A.heldUntil - 60_000)).toBe('NOTED');
      expect(await scans.begin(aTurn('b', { heldUntil: A.heldUntil + 300_000 }), A.heldUntil + 1)).toBe('HELD');
      // The run that lost the target changes nothing any more.
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, A.heldUntil);
      await scans.release(A, NOW);
      expect(await scans.end(A, FOUND)).toBeNull();
      expect(await scans.states({ matches: true })).toEqual(new Map());
      expect(await scans.begin(aTurn('c'), A.heldUntil + 1)).toBe('NOTED');
    });

    test('no scan is put off until one has ended whose invocation is nearly over: it may ask for nothing any more', async () => {
      await scans.begin(A, NOW);

      expect(await scans.begin(B, A.heldUntil - 54_000)).toBe('RUNNING');
      expect(await scans.begin(B, A.heldUntil)).toBe('RUNNING');
      expect(await scans.end(A, null)).toBeNull();
    });

    test('what earlier parts counted is known to the run that they belong to, and to no other', async () => {
      const part = aTurn('a', { nextToken: '50', invocation: 'second' });
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);

      expect(await scans.begin(part, NOW)).toBe('HELD');
      expect(await scans.countedBefore(part)).toEqual(COUNTED);
      expect(await scans.countedBefore(aTurn('b', { nextToken: '50' }))).toBeNull();
      await scans.release(part, NOW);
      expect(await scans.begin(part, NOW)).toBe('HELD');
      expect(await scans.countedBefore(part)).toEqual(COUNTED);
      await scans.end(part, null);
      expect(await scans.begin(part, NOW)).toBe('HELD');
      expect(await scans.countedBefore(part)).toBeNull();
    });

    test('a run is not begun by two invocations, and the retry of one goes on', async () => {
      await scans.begin(A, NOW);

      expect(await scans.begin(aTurn('a', { invocation: 'another' }), NOW + 1)).toBe('RUNNING');
      expect(await scans.begin(A, NOW + 2)).toBe('HELD');
      expect(await scans.end(A, null)).toBeNull();
    });

    test('a run that is handed over is continued by any invocation of its own, and by no other run until its time is over', async () => {
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);

      expect(await scans.begin(B, NOW + 400_000)).toBe('NOTED');
      const rest = aTurn('a', { nextToken: '50', invocation: 'the next', heldUntil: NOW + 700_000 });
      expect(await scans.begin(rest, NOW + 400_000)).toBe('HELD');
      expect(await scans.end(rest, FOUND)).toBe('b');
    });

    test('only the part that the target was handed over to goes on, however often an earlier one comes again', async () => {
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);
      const second = aTurn('a', { nextToken: '50', invocation: 'second' });
      expect(await scans.begin(second, NOW)).toBe('HELD');
      await scans.handOver(second, { nextToken: '100', counted: COUNTED }, NOW);

      for (const nextToken of [null, '50']) {
        expect(await scans.begin(aTurn('a', { nextToken, invocation: 'again' }), NOW)).toBe('RUNNING');
      }
      expect(await scans.begin(aTurn('a', { nextToken: '100', invocation: 'third' }), NOW)).toBe('HELD');
    });

    test('until the next part has begun, a turn that handed over may end the run, release it, or begin again', async () => {
      const ways: readonly (() => Promise<unknown>)[] = [
        () => scans.end(A, null),
        () => scans.release(A, NOW),
        () => scans.begin(A, NOW).then(() => scans.release(A, NOW)),
      ];
      for (const way of ways) {
        await scans.begin(A, NOW);
        await scans.begin(B, NOW);
        await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);
        await way();
        expect(await scans.begin(B, NOW)).toBe('HELD');
        await scans.end(B, null);
      }
    });

    test('once the next part has begun, the turn that handed over changes nothing', async () => {
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);
      await scans.begin(aTurn('a', { nextToken: '50', invocation: 'the next' }), NOW);

      expect(await scans.end(A, FOUND)).toBeNull();
      await scans.release(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);

      expect(await scans.begin(aTurn('a', { nextToken: '50', invocation: 'another' }), NOW)).toBe('RUNNING');
      expect(await scans.states({ matches: true })).toEqual(new Map());
    });

    test('a later part that failed keeps the target for another try of the same part', async () => {
      const part = aTurn('a', { nextToken: '50', invocation: 'first try' });
      await scans.begin(part, NOW);
      await scans.handOver(part, { nextToken: '100', counted: COUNTED }, NOW);
      await scans.release(part, NOW);

      expect(await scans.begin(B, NOW + 400_000)).toBe('NOTED');
      expect(await scans.begin(aTurn('a', { nextToken: '50', invocation: 'second try' }), NOW)).toBe('HELD');
    });

    test('a release says since when scans of the target fail, whoever asked for them, until one gets on', async () => {
      const fail = async (turn: Turn, now: number) => {
        await scans.begin(turn, now);
        return scans.release(turn, now);
      };
      expect([await fail(A, NOW), await fail(B, NOW + 10), await fail(A, NOW + 20)]).toEqual([NOW, NOW, NOW]);
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);
      expect(await fail(aTurn('a', { nextToken: '50' }), NOW + 30)).toBe(NOW + 30);
      await scans.begin(aTurn('a', { nextToken: '50' }), NOW);
      await scans.end(aTurn('a', { nextToken: '50' }), null);

      expect(await fail(A, NOW + 40)).toBe(NOW + 40);
    });

    test('a part of a run whose target another run took over is scanned again from the beginning', async () => {
      await scans.begin(A, NOW);
      await scans.handOver(A, { nextToken: '50', counted: COUNTED }, NOW);
      const later = NOW + 900_001;
      await scans.begin(aTurn('b', { heldUntil: later + 300_000 }), later);

      expect(await scans.begin(aTurn('a', { nextToken: '50', invocation: 'the next' }), later)).toBe('NOTED');

      expect(await scans.end(B, null)).toBe('a');
    });

    test('a target that was released after a failure is free, and what was noted stays', async () => {
      await scans.begin(A, NOW);
      await scans.begin(B, NOW);
      await scans.release(A, NOW);

      // The rest of a run does not cover what asked for a scan from the beginning, and its end asks for that scan.
      const rest = aTurn('a', { nextToken: '50' });
      expect(await scans.begin(rest, NOW)).toBe('HELD');
      expect(await scans.end(rest, null)).toBe('b');
      // Until that scan has begun, it is not forgotten.
      expect(await scans.begin(aTurn('c'), NOW)).toBe('HELD');
      expect(await scans.end(aTurn('c'), null)).toBeNull();
    });

    test('what the last completed scan found is kept, and what is not known any more is left as it was', async () => {
      const there = aTurn('there', { target: aTarget('us-east-1') });
      for (const [turn, found] of [
        [A, FOUND],
        [B, { critical: 0, keyUnusable: null, matches: new Map([['e-2', 1]]) }],
        [there, { critical: 1, keyUnusable: false, matches: new Map() }],
        [there, null],
      ] as const) {
        expect(await scans.begin(turn, NOW)).toBe('HELD');
        await scans.end(turn, found);
      }

      expect(await scans.states({ matches: true })).toEqual(
        new Map([
          [targetKey(TARGET), { critical: 0, keyUnusable: true, matches: new Map([['e-2', 1]]) }],
          [targetKey(there.target), { critical: 1, keyUnusable: false, matches: new Map() }],
        ]),
      );
    });

    test('nothing is known of the exemptions after a scan that learned nothing of them', async () => {
      for (const [turn, matches] of [
        [A, FOUND.matches],
        [B, new Map<string, number>()],
      ] as const) {
        await scans.begin(turn, NOW);
        await scans.end(turn, { ...FOUND, matches });
      }

      expect(await scans.states({ matches: true })).toEqual(
        new Map([[targetKey(TARGET), { ...FOUND, matches: new Map() }]]),
      );
    });

    test('the states are read without the matches where nobody needs those', async () => {
      await scans.begin(A, NOW);
      await scans.end(A, FOUND);

      expect(await scans.states({ matches: false })).toEqual(
        new Map([[targetKey(TARGET), { ...FOUND, matches: new Map() }]]),
      );
    });

    test('the states of one account are read alone', async () => {
      const others = ['012345678901', TARGET.account].map((account) => ({ ...TARGET, region: 'us-east-1', account }));
      for (const target of [TARGET, ...others]) {
        await scans.begin(aTurn('a', { target }), NOW);
        await scans.end(aTurn('a', { target }), FOUND);
      }

      const states = await scans.states({ matches: false, account: TARGET.account });

      const expected = [TARGET, { ...TARGET, region: 'us-east-1' }].map(targetKey);
      expect([...states.keys()].sort()).toEqual(expected.sort());
    });

    test('what was found in a target is forgotten, and a scan that holds it goes on', async () => {
      await scans.begin(A, NOW);
      await scans.end(A, FOUND);
      await scans.begin(B, NOW);

      await scans.forget(TARGET);
      await scans.forget({ ...TARGET, region: 'us-west-2' });

      expect(await scans.states({ matches: true })).toEqual(new Map());
      await scans.end(B, FOUND);
      expect(await scans.states({ matches: true })).toEqual(new Map([[targetKey(TARGET), FOUND]]));
    });

    test('a target that is held has the state of the last completed scan', async () => {
      await scans.begin(A, NOW);
      expect(await scans.states({ matches: true })).toEqual(new Map());
      await scans.end(A, FOUND);
      await scans.begin(B, NOW);

      expect(await scans.states({ matches: true })).toEqual(new Map([[targetKey(TARGET), FOUND]]));
    });
  });
}
