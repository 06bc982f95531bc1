import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CloudError } from '../errors.ts';
import { type Calls, createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { type Page, pagesOf } from './paging.ts';

export const UPDATE_ITEM = 'dynamodb:UpdateItem';

export type Item = Record<string, AttributeValue>;

export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly calls: Calls;
}

/** A table with its own client. */
export function openTable(region: string, tableName: string, options: AwsOptions): Table {
  return { client: new DynamoDBClient(clientSettings(region, options)), tableName, calls: createCalls() };
}

export interface Update {
  readonly expression: string;
  readonly condition?: string;
  /** Exactly those that the expressions use. */
  readonly values: Item;
}

/** Changes one item. @returns the item as it was before; null: the condition does not hold. @throws CloudError */
export async function updateItem(
  { client, tableName, calls }: Table,
  Key: Item,
  { expression, condition, values }: Update,
): Promise<Item | null> {
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key,
    UpdateExpression: expression,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    ReturnValues: 'ALL_OLD',
  });
  try {
    const { Attributes = {} } = await calls.make(UPDATE_ITEM, () => client.send(command));
    return Attributes;
  } catch (error) {
    if (error instanceof CloudError && error.cause instanceof ConditionalCheckFailedException) return null;
    throw error;
  }
}

/** Every item that a query finds. @throws CloudError */
export async function itemsOf(table: Table, query: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> {
  const items: Item[] = [];
  const send = (input: Start) => table.client.send(new QueryCommand({ ...input, ...query }));
  for await (const page of itemPages(table, 'dynamodb:Query', send)) items.push(...page.items);
  return items;
}

/**
 * Every item of the table, in pages. Those of one partition key come one after another, in the order of their sort key, as
 * DynamoDB stores them together. @throws CloudError
 */
export function allItems(table: Table): AsyncIterable<Page<Item>> {
  return itemPages(table, 'dynamodb:Scan', (input) =>
    table.client.send(new ScanCommand({ ...input, ConsistentRead: true })),
  );
}

type Start = Pick<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>;
type Answer = Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'>;

function itemPages(
  { tableName, calls }: Table,
  call: string,
  send: (input: Start) => Promise<Answer>,
): AsyncGenerator<Page<Item>> {
  return pagesOf(
    undefined,
    async (start) => {
      const ExclusiveStartKey = start && (JSON.parse(start) as Item);
      const input = { TableName: tableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const { Items = [], LastEvaluatedKey: last } = await calls.make(call, () => send(input));
      return { items: Items, nextToken: last && JSON.stringify(last) };
    },
    () => new CloudError('UNAVAILABLE', call, 'the result never ends: a LastEvaluatedKey was returned twice'),
  );
}
