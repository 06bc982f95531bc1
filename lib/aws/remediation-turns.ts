import type { RemediationTurn, RemediationTurns } from '../app/ports.ts';
import { targetKey } from '../domain/target.ts';
import { REMEDIATIONS_PER_TARGET } from '../pacing.ts';
import { type Table, updateItem } from './table.ts';

/**
 * Turns in the table of `createScanTable`, in a partition of their own: one item for each invocation that may hold a target, with
 * `invocation` and `heldUntil` while one does. The right that they need is `dynamodb:UpdateItem`.
 */
export function createRemediationTurns(table: Table): RemediationTurns {
  const keyOf = (place: string) => ({ kind: { S: 'REMEDIATION' }, target: { S: place } });
  const takePlace = (place: string, { invocation, heldUntil }: RemediationTurn, now: number) =>
    updateItem(table, keyOf(place), {
      expression: 'SET invocation = :me, heldUntil = :until',
      // Its own, where the answer to the first attempt was lost.
      condition: 'attribute_not_exists(invocation) OR heldUntil < :now OR invocation = :me',
      values: { ':me': { S: invocation }, ':until': { N: String(heldUntil) }, ':now': { N: String(now) } },
    });
  const giveBack = (place: string, { invocation }: RemediationTurn) =>
    updateItem(table, keyOf(place), {
      expression: 'REMOVE invocation, heldUntil',
      condition: 'invocation = :me',
      values: { ':me': { S: invocation } },
    });
  return {
    async take(turn, now) {
      for (let number = 1; number <= REMEDIATIONS_PER_TARGET; number++) {
        const place = `${targetKey(turn.target)}/${number}`;
        if (await takePlace(place, turn, now)) return async () => void (await giveBack(place, turn));
      }
      return null;
    },
  };
}
