import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Begun, ScanState, ScanTable, Turn } from '../app/ports.ts';
import { type Target, targetKey } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { BEGINS } from '../pacing.ts';
import { type Item, itemsOf, type Table } from './table.ts';

const UPDATE = 'dynamodb:UpdateItem';
/** The partition that holds every target, so that one query reads them all. */
const KIND = { S: 'TARGET' };

interface Update {
  readonly expression: string;
  readonly condition: string;
  /** Exactly those that the expressions use. */
  readonly values: Item;
}

/**
 * The scans of all targets in a DynamoDB table with partition key `kind` and sort key `target`: one item a target, changed by
 * conditional updates only. The rights that it needs are `dynamodb:UpdateItem` and `dynamodb:Query`.
 */
export function createScanTable(table: Table): ScanTable {
  const { client, tableName, calls } = table;

  /** @returns the item as it was before; null: the condition does not hold */
  const update = async (target: Target, { expression, condition, values }: Update): Promise<Item | null> => {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: { kind: KIND, target: { S: targetKey(target) } },
      UpdateExpression: expression,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_OLD',
    });
    try {
      const { Attributes = {} } = await calls.make(UPDATE, () => client.send(command));
      return Attributes;
    } catch (error) {
      if (error instanceof CloudError && error.cause instanceof ConditionalCheckFailedException) return null;
      throw error;
    }
  };

  const all = (): Promise<Item[]> =>
    itemsOf(table, {
      KeyConditionExpression: 'kind = :kind',
      ExpressionAttributeValues: { ':kind': KIND },
      ConsistentRead: true,
    });

  const itemOf = async (target: Target): Promise<Item> =>
    (await all()).find((item) => item['target']?.S === targetKey(target)) ?? {};

  /** @returns what hinders the run; null: the target was given back meanwhile */
  const hindrance = async (turn: Turn, now: number): Promise<Begun | null> => {
    const { runId, invocation } = await itemOf(turn.target);
    if (runId?.S === undefined) return null;
    if (runId.S === turn.runId) {
      // The answer to an earlier attempt was lost, or this is the retry of an invocation that died.
      if (invocation?.S === turn.invocation) return 'HELD';
      return invocation?.S === undefined ? null : 'RUNNING';
    }
    const noted = await update(turn.target, {
      expression: 'SET again = :run',
      condition: 'attribute_exists(runId) AND runId <> :run AND heldUntil >= :now',
      values: { ':run': { S: turn.runId }, ':now': number(now) },
    });
    return noted && 'NOTED';
  };

  return {
    async begin(turn, isWhole, now) {
      const { target, runId, invocation, heldUntil } = turn;
      for (let attempt = 1; attempt <= BEGINS; attempt++) {
        const begun = await update(target, {
          expression: `SET runId = :run, invocation = :me, heldUntil = :until${isWhole ? ' REMOVE again' : ''}`,
          condition:
            'attribute_not_exists(runId) OR heldUntil < :now OR (runId = :run AND attribute_not_exists(invocation))',
          values: { ...mine(runId, invocation), ':until': number(heldUntil), ':now': number(now) },
        });
        const answer = begun ? 'HELD' : await hindrance(turn, now);
        if (answer) return answer;
      }
      throw new CloudError('THROTTLED', UPDATE, `${BEGINS} times another scan of ${targetKey(target)} came first`);
    },

    async handOver({ target, runId, invocation }, heldUntil) {
      await update(target, {
        expression: 'SET heldUntil = :until REMOVE invocation',
        condition: HELD,
        values: { ...mine(runId, invocation), ':until': number(heldUntil) },
      });
    },

    async release({ target, runId, invocation }) {
      await update(target, { expression: GIVE_BACK, condition: HELD, values: mine(runId, invocation) });
    },

    async end({ target, runId, invocation }, found) {
      const state: Item = found ? stateItem(found) : {};
      const sets = Object.keys(state).map((name) => `${name} = :${name}`);
      const values = Object.fromEntries(Object.entries(state).map(([name, value]) => [`:${name}`, value]));
      const ended = await update(target, {
        expression: sets.length > 0 ? `SET ${sets.join(', ')} ${GIVE_BACK}` : GIVE_BACK,
        condition: HELD,
        values: { ...mine(runId, invocation), ...values },
      });
      if (ended) return ended['again']?.S ?? null;
      // Where the answer to an earlier attempt was lost, a scan that was asked for meanwhile must not be lost with it.
      const { runId: holder, again } = await itemOf(target);
      return holder === undefined ? (again?.S ?? null) : null;
    },

    async states() {
      const items = await all();
      return new Map(items.flatMap((item) => (item['critical'] ? [[item['target']?.S ?? '', stateOf(item)]] : [])));
    },
  };
}

const HELD = 'runId = :run AND invocation = :me';
const GIVE_BACK = 'REMOVE runId, invocation, heldUntil';

function mine(runId: string, invocation: string): Item {
  return { ':run': { S: runId }, ':me': { S: invocation } };
}

function number(value: number): { readonly N: string } {
  return { N: String(value) };
}

function stateItem({ critical, keyUnusable }: ScanState): Item {
  return { critical: number(critical), ...(keyUnusable !== null && { keyUnusable: { BOOL: keyUnusable } }) };
}

function stateOf({ critical, keyUnusable }: Item): ScanState {
  return { critical: Number(critical?.N ?? 0), keyUnusable: keyUnusable?.BOOL ?? null };
}
