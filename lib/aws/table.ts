import { type AttributeValue, DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { CloudError } from '../errors.ts';
import { type Calls, createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

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

/** Every item that a query finds. @throws CloudError */
export async function itemsOf(
  { client, tableName, calls }: Table,
  query: Omit<QueryCommandInput, 'TableName'>,
): Promise<Item[]> {
  const pages = pagesOf(
    undefined,
    async (start) => {
      const ExclusiveStartKey = start && (JSON.parse(start) as Item);
      const input = { TableName: tableName, ...query, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const answer = await calls.make('dynamodb:Query', () => client.send(new QueryCommand(input)));
      const { Items = [], LastEvaluatedKey: last } = answer;
      return { items: Items, nextToken: last && JSON.stringify(last) };
    },
    () =>
      new CloudError('UNAVAILABLE', 'dynamodb:Query', 'the result never ends: a LastEvaluatedKey was returned twice'),
  );
  const items: Item[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}
