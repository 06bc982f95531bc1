import type { Counted, ScanState, ScanTable, Turn } from '../../lib/app/ports.ts';
import { targetKey, targetOfKey } from '../../lib/domain/target.ts';
import { HANDED_OVER_FOR_MS, LAST_MOMENTS_MS } from '../../lib/pacing.ts';

interface Item extends Partial<ScanState> {
  readonly runId?: string;
  readonly invocation?: string;
  readonly nextPart?: string;
  readonly countedBefore?: Counted;
  readonly failingSince?: number;
  readonly heldUntil?: number;
  readonly again?: string;
}

/**
 * A table in memory. `items` holds what it knows of each target, by `targetKey`.
 * @param fails returns the error of a method, by its name; default none
 */
export function fakeScanTable(fails: (method: keyof ScanTable) => Error | undefined = () => undefined) {
  const items = new Map<string, Item>();
  const call = (method: keyof ScanTable): void => {
    const error = fails(method);
    if (error) throw error;
  };
  const itemOf = ({ target }: Turn): Item => items.get(targetKey(target)) ?? {};
  const isHeld = (turn: Turn): boolean => {
    const { runId, invocation } = itemOf(turn);
    return runId === turn.runId && invocation === turn.invocation;
  };
  const set = ({ target }: Turn, item: Item) => void items.set(targetKey(target), item);
  const free = ({ runId: _run, invocation: _invocation, heldUntil: _until, nextPart: _next, ...rest }: Item): Item => {
    const { countedBefore: _counted, ...others } = rest;
    return others;
  };
  const handedOver = (nextPart: string, now: number) => ({ nextPart, heldUntil: now + HANDED_OVER_FOR_MS });

  const scans: ScanTable = {
    async begin(turn, now) {
      call('begin');
      const item = itemOf(turn);
      const { runId, heldUntil = 0, nextPart } = item;
      const isNext = runId === turn.runId && nextPart !== undefined && nextPart === turn.nextToken;
      if (runId === undefined || heldUntil < now || isNext || isHeld(turn)) {
        const { again, ...rest } = free(item);
        const mine = { runId: turn.runId, invocation: turn.invocation, heldUntil: turn.heldUntil };
        const { countedBefore } = item;
        const kept = { ...(again !== undefined && { again }), ...(countedBefore !== undefined && { countedBefore }) };
        set(turn, { ...rest, ...mine, ...(turn.nextToken !== null && kept) });
        return 'HELD';
      }
      if (runId === turn.runId) return 'RUNNING';
      if (heldUntil < now + LAST_MOMENTS_MS) return 'RUNNING';
      set(turn, { ...item, again: turn.runId });
      return 'NOTED';
    },
    async handOver(turn, { nextToken, counted }, now) {
      call('handOver');
      const { failingSince: _since, ...item } = itemOf(turn);
      if (isHeld(turn))
        set(turn, { ...item, ...handedOver(nextToken, now), ...(counted && { countedBefore: counted }) });
    },
    async countedBefore(turn) {
      call('countedBefore');
      const { runId, countedBefore = null } = itemOf(turn);
      return runId === turn.runId ? countedBefore : null;
    },
    async release(turn, now) {
      call('release');
      const item = itemOf(turn);
      if (!isHeld(turn)) return now;
      const failingSince = item.failingSince ?? now;
      const { nextToken } = turn;
      set(turn, { ...(nextToken === null ? free(item) : { ...item, ...handedOver(nextToken, now) }), failingSince });
      return failingSince;
    },
    async end(turn, found) {
      call('end');
      const { failingSince: _since, ...item } = itemOf(turn);
      const keyUnusable = found?.keyUnusable ?? item.keyUnusable ?? null;
      if (isHeld(turn)) set(turn, { ...free(item), ...(found && { ...found, keyUnusable }) });
      return itemOf(turn).runId === undefined ? (item.again ?? null) : null;
    },
    async states(want) {
      call('states');
      return new Map(
        [...items].flatMap(([key, { critical, keyUnusable = null, matches = new Map() }]): [string, ScanState][] =>
          critical === undefined || (want.account !== undefined && targetOfKey(key).account !== want.account)
            ? []
            : [[key, { critical, keyUnusable, matches: want.matches ? matches : new Map() }]],
        ),
      );
    },
    async forget(target) {
      call('forget');
      const {
        critical: _critical,
        keyUnusable: _unusable,
        matches: _matches,
        ...item
      } = items.get(targetKey(target)) ?? {};
      items.set(targetKey(target), item);
    },
  };
  return { scans, items };
}
