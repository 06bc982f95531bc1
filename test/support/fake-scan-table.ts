import type { ScanState, ScanTable, Turn } from '../../lib/app/ports.ts';
import { targetKey } from '../../lib/domain/target.ts';

interface Item extends Partial<ScanState> {
  readonly runId?: string;
  readonly invocation?: string | null;
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
  const free = ({ runId: _run, invocation: _invocation, heldUntil: _until, ...rest }: Item): Item => rest;

  const scans: ScanTable = {
    async begin(turn, isWhole, now) {
      call('begin');
      const { again, ...item } = itemOf(turn);
      const { runId, invocation, heldUntil = 0 } = item;
      const isFree = runId === undefined || heldUntil < now || (runId === turn.runId && !invocation);
      if (!isFree && runId !== turn.runId) {
        set(turn, { ...item, again: turn.runId });
        return 'NOTED';
      }
      if (!isFree && !isHeld(turn)) return 'RUNNING';
      const mine = { runId: turn.runId, invocation: turn.invocation, heldUntil: turn.heldUntil };
      set(turn, { ...item, ...mine, ...(again !== undefined && !(isWhole && isFree) && { again }) });
      return 'HELD';
    },
    async handOver(turn, heldUntil) {
      call('handOver');
      if (isHeld(turn)) set(turn, { ...itemOf(turn), invocation: null, heldUntil });
    },
    async release(turn) {
      call('release');
      if (isHeld(turn)) set(turn, free(itemOf(turn)));
    },
    async end(turn, found) {
      call('end');
      const item = itemOf(turn);
      const keyUnusable = found?.keyUnusable ?? item.keyUnusable ?? null;
      if (isHeld(turn)) set(turn, { ...free(item), ...(found && { critical: found.critical, keyUnusable }) });
      return isHeld(turn) || itemOf(turn).runId === undefined ? (item.again ?? null) : null;
    },
    async states() {
      call('states');
      return new Map(
        [...items].flatMap(([key, { critical, keyUnusable = null }]): [string, ScanState][] =>
          critical === undefined ? [] : [[key, { critical, keyUnusable }]],
        ),
      );
    },
  };
  return { scans, items };
}
