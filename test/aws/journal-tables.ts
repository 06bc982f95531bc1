import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

/** A server that implements DynamoDB. */
export interface Tables {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts an empty DynamoDB in this process, in memory. */
export async function startDynalite(): Promise<Tables> {
  const server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

/** Creates a table for a journal. */
export async function createJournalTableAt(url: string, tableName: string): Promise<void> {
  const client = clientAt(url);
  const key = (partition: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: 'entryId', KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['runId', 'entryId', 'storeArn'].map((name) => ({
        AttributeName: name,
        AttributeType: 'S' as const,
      })),
      KeySchema: key('runId'),
      GlobalSecondaryIndexes: [
        { IndexName: 'ByStore', KeySchema: key('storeArn'), Projection: { ProjectionType: 'ALL' } },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 1 }, { TableName: tableName });
  client.destroy();
}

/** Creates a table by which scans take turns. */
export async function createScanTableAt(url: string, tableName: string): Promise<void> {
  const client = clientAt(url);
  const definition = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [definition('kind'), definition('target')],
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'target', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 1 }, { TableName: tableName });
  client.destroy();
}

/** Puts an item of any form. */
export async function putItemAt(url: string, tableName: string, item: Readonly<Record<string, string>>): Promise<void> {
  const Item = Object.fromEntries(Object.entries(item).map(([name, S]): [string, AttributeValue] => [name, { S }]));
  const client = clientAt(url);
  await client.send(new PutItemCommand({ TableName: tableName, Item }));
  client.destroy();
}

/** A client with its own credentials and Region, independent of the environment. */
export function clientAt(url: string, settings: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    ...settings,
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}
