import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { RemediationTurn, RemediationTurns } from '../app/ports.ts';
import { targetKey } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { REMEDIATIONS_PER_TARGET } from '../pacing.ts';
import type { Item, Table } from './table.ts';

const UPDATE = 'dynamodb:UpdateItem';

/**
 * Turns in the table of `createScanTable`, in a partition of their own: one item for each invocation that may hold a target, with
 * `invocation` and `heldUntil` while one does. The right that they need is `dynamodb:UpdateItem`.
 */
export function createRemediationTurns({ client, tableName, calls }: Table): RemediationTurns {
  /** @returns whether the condition holds */
  const update = async (place: string, expression: string, condition: string, values: Item): Promise<boolean> => {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { kind: { S: 'REMEDIATION' }, target: { S: place } },
      UpdateExpression: expression,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    });
    try {
      await calls.make(UPDATE, () => client.send(command));
      return true;
    } catch (error) {
      if (error instanceof CloudError && error.cause instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const takePlace = (place: string, { invocation, heldUntil }: RemediationTurn, now: number): Promise<boolean> =>
    update(
      place,
      'SET invocation = :me, heldUntil = :until',
      // Its own, where the answer to the first attempt was lost.
      'attribute_not_exists(invocation) OR heldUntil < :now OR invocation = :me',
      { ':me': { S: invocation }, ':until': { N: String(heldUntil) }, ':now': { N: String(now) } },
    );
  return {
    async take(turn, now) {
      for (let number = 1; number <= REMEDIATIONS_PER_TARGET; number++) {
        const place = `${targetKey(turn.target)}/${number}`;
        if (!(await takePlace(place, turn, now))) continue;
        const values = { ':me': { S: turn.invocation } };
        return async () => void (await update(place, 'REMOVE invocation, heldUntil', 'invocation = :me', values));
      }
      return null;
    },
  };
}
