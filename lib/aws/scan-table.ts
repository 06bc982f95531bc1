import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Begun, Counted, ScanState, ScanTable } from '../app/ports.ts';
import type { Matches } from '../domain/exemption-matches.ts';
import { type Target, targetKey } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { BEGINS, HANDED_OVER_FOR_MS, LAST_MOMENTS_MS } from '../pacing.ts';
import { type Item, itemsOf, type Table, UPDATE_ITEM, type Update, updateItem } from './table.ts';

/**
 * The partitions, so that one query reads all items of a kind. What matches hundreds of exemptions is much to read for totals of
 * thousands of targets, which need none of it.
 */
type Kind = 'TARGET' | 'MATCHES';

/**
 * The scans of all targets in a DynamoDB table with partition key `kind` and sort key `target`: one item a target, changed by
 * conditional updates only, and another with what matches exemptions, where something is known of that. The rights that it needs are
 * `dynamodb:UpdateItem`, `dynamodb:GetItem` and `dynamodb:Query`.
 *
 * | the target is | attributes | who may change that | to |
 * |---|---|---|---|
 * | free | no `runId` | any turn, by `begin` | held |
 * | held | `runId`, `invocation`, `heldUntil` | this invocation, by `handOver` | handed over |
 * | | | this invocation, by `release` | free; of a later part: handed over, to the same part |
 * | | | this invocation, by `end` | free |
 * | | | this invocation when it is retried, by `begin` | held |
 * | handed over | and `nextPart`, `countedBefore` | the turn of this run and part, by `begin` | held by that turn |
 * | | | the invocation that handed over, as if it were held | |
 * | either, after `heldUntil` | | any turn, by `begin` | held by that turn |
 *
 * Beside that, `again` is the last run that was put off while another held the target; a `begin` from the beginning removes it. The
 * `end` of the run that held the target asks for it. In its last moments, when its invocation has returned its messages, nothing is put
 * off to it any more. If that run dies for good, the next scan from the beginning covers it.
 * `failingSince` is set by the first `release` and removed by what gets on: `handOver` and `end`. `critical`, `keyUnusable` and
 * `matchesOf` are what the last complete scan found, set by `end` alone, and removed by `forget`. `matchesOf` is its
 * run: if the `matches` of the other item are of another one, nothing is known of the exemptions.
 */
export function createScanTable(table: Table): ScanTable {
  const { client, tableName, calls } = table;

  const update = (target: Target, { kind = 'TARGET', ...change }: Update & { readonly kind?: Kind }) =>
    updateItem(table, { kind: { S: kind }, target: { S: targetKey(target) } }, change);

  const itemOf = async (target: Target): Promise<Item> => {
    const Key = { kind: { S: 'TARGET' }, target: { S: targetKey(target) } };
    const command = new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true });
    const { Item: found = {} } = await calls.make('dynamodb:GetItem', () => client.send(command));
    return found;
  };

  /** @returns what hinders the run; null: the target was given back meanwhile */
  const hindrance = async (target: Target, run: string, now: number): Promise<Begun | null> => {
    const { runId, heldUntil } = await itemOf(target);
    if (runId?.S === undefined) return null;
    if (runId.S === run) return 'RUNNING';
    const noted = await update(target, {
      expression: 'SET again = :run',
      condition: 'attribute_exists(runId) AND runId <> :run AND heldUntil >= :now',
      values: { ':run': { S: run }, ':now': number(now + LAST_MOMENTS_MS) },
    });
    if (noted) return 'NOTED';
    return Number(heldUntil?.N) >= now ? 'RUNNING' : null;
  };

  return {
    async begin({ nextToken, ...turn }, now) {
      const { target, runId, invocation, heldUntil } = turn;
      const isMine = `invocation = :me${nextToken === null ? '' : ' OR nextPart = :part'}`;
      for (let attempt = 1; attempt <= BEGINS; attempt++) {
        const begun = await update(target, {
          expression: `SET runId = :run, invocation = :me, heldUntil = :until REMOVE nextPart${nextToken === null ? ', again, countedBefore' : ''}`,
          condition: `attribute_not_exists(runId) OR heldUntil < :now OR (runId = :run AND (${isMine}))`,
          values: {
            ...mine(runId, invocation),
            ...{ ':until': number(heldUntil), ':now': number(now) },
            ...(nextToken !== null && { ':part': { S: nextToken } }),
          },
        });
        const answer = begun ? 'HELD' : await hindrance(target, runId, now);
        if (answer) return answer;
      }
      throw new CloudError('THROTTLED', UPDATE_ITEM, `${BEGINS} times another scan of ${targetKey(target)} came first`);
    },

    async handOver({ target, runId, invocation }, { nextToken, counted }, now) {
      await update(target, {
        expression: `SET ${HAND_OVER}${counted === null ? '' : ', countedBefore = :counted'} REMOVE failingSince`,
        condition: HELD,
        values: {
          ...{ ...mine(runId, invocation), ...handedOver(nextToken, now) },
          ...(counted !== null && { ':counted': { S: countedText(counted) } }),
        },
      });
    },

    async countedBefore({ target, runId }) {
      const { runId: holder, countedBefore } = await itemOf(target);
      return holder?.S === runId && countedBefore?.S !== undefined ? countedIn(countedBefore.S) : null;
    },

    async release({ target, runId, invocation, nextToken }, now) {
      const fails = 'failingSince = if_not_exists(failingSince, :now)';
      const before = await update(target, {
        expression: nextToken === null ? `SET ${fails} ${GIVE_BACK}` : `SET ${HAND_OVER}, ${fails}`,
        condition: HELD,
        values: {
          ...mine(runId, invocation),
          ...{ ':now': number(now) },
          ...(nextToken !== null && handedOver(nextToken, now)),
        },
      });
      return Number(before?.['failingSince']?.N ?? now);
    },

    async end({ target, runId, invocation }, found) {
      if (found && found.matches.size > 0) {
        const expression = 'SET runId = :run, matches = :matches';
        const values = { ':run': { S: runId }, ':matches': { S: matchesText(found.matches) } };
        await update(target, { kind: 'MATCHES', expression, values });
      }
      const state: Item = found ? stateItem(found, runId) : {};
      const sets = Object.keys(state).map((name) => `${name} = :${name}`);
      const values = Object.fromEntries(Object.entries(state).map(([name, value]) => [`:${name}`, value]));
      const ended = await update(target, {
        expression: `${sets.length > 0 ? `SET ${sets.join(', ')} ` : ''}${GIVE_BACK}, failingSince`,
        condition: HELD,
        values: { ...mine(runId, invocation), ...values },
      });
      if (ended) return ended['again']?.S ?? null;
      // Where the answer to an earlier attempt was lost, a scan that was asked for meanwhile must not be lost with it.
      const { runId: holder, again } = await itemOf(target);
      return holder === undefined ? (again?.S ?? null) : null;
    },

    async states({ matches, account }) {
      const query = (kind: Kind, attributes: string) =>
        itemsOf(table, {
          KeyConditionExpression: `kind = :kind${account === undefined ? '' : ' AND begins_with(#target, :account)'}`,
          ExpressionAttributeNames: { '#target': 'target' },
          ExpressionAttributeValues: {
            ':kind': { S: kind },
            ...(account !== undefined && { ':account': { S: targetKey({ provider: 'aws', account, region: '' }) } }),
          },
          ProjectionExpression: `#target, ${attributes}`,
          // Two scans that end at once must not both count without the other.
          ConsistentRead: true,
        });
      const items = await query('TARGET', 'critical, keyUnusable, matchesOf');
      const others = matches ? await query('MATCHES', 'runId, matches') : [];
      const found = new Map(others.map((item) => [item['target']?.S ?? '', item]));
      const known = items.flatMap((item): [string, ScanState][] => {
        const key = item['target']?.S ?? '';
        return item['critical'] ? [[key, stateOf(item, found.get(key))]] : [];
      });
      return new Map(known);
    },

    async forget(target) {
      await update(target, {
        expression: 'REMOVE critical, keyUnusable, matchesOf',
        condition: 'attribute_exists(critical)',
        values: {},
      });
      const condition = 'attribute_exists(matches)';
      await update(target, { kind: 'MATCHES', expression: 'REMOVE runId, matches', condition, values: {} });
    },
  };
}

const HELD = 'runId = :run AND invocation = :me';
const GIVE_BACK = 'REMOVE runId, invocation, heldUntil, nextPart, countedBefore';
const HAND_OVER = 'nextPart = :part, heldUntil = :until';

function handedOver(nextToken: string, now: number): Item {
  return { ':part': { S: nextToken }, ':until': number(now + HANDED_OVER_FOR_MS) };
}

function mine(runId: string, invocation: string): Item {
  return { ':run': { S: runId }, ':me': { S: invocation } };
}

function number(value: number): { readonly N: string } {
  return { N: String(value) };
}

function stateItem({ critical, keyUnusable }: ScanState, runId: string): Item {
  return {
    critical: number(critical),
    ...(keyUnusable !== null && { keyUnusable: { BOOL: keyUnusable } }),
    matchesOf: { S: runId },
  };
}

function stateOf({ critical, keyUnusable, matchesOf }: Item, found: Item = {}): ScanState {
  return {
    critical: Number(critical?.N ?? 0),
    keyUnusable: keyUnusable?.BOOL ?? null,
    matches: matchesIn(matchesOf?.S === found['runId']?.S ? found['matches']?.S : undefined),
  };
}

function countedText({ matches, ...counted }: Counted): string {
  return JSON.stringify({ ...counted, matches: matchesText(matches) });
}

function countedIn(text: string): Counted {
  const counted = JSON.parse(text);
  return { ...counted, matches: matchesIn(counted.matches) };
}

/** Quota: an item has at most 400 KB, and `countedBefore` is a part of it. What is longer is not kept, and so not known. */
const MATCHES_LENGTH = 100_000;

function matchesText(matches: Matches): string {
  const text = JSON.stringify([...matches]);
  return text.length > MATCHES_LENGTH ? '[]' : text;
}

function matchesIn(text = '[]'): Matches {
  return new Map(JSON.parse(text));
}
