import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Journal, ReadableJournal } from '../app/ports.ts';
import { changedArn, type JournalEntry } from '../domain/journal.ts';
import { asError, CloudError, JournalError } from '../errors.ts';
import { type Calls, createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

/** Reads the text of an entry that anybody may have edited. @throws UsageError that says `where` it stands */
export type ReadEntry = (text: string, where: string) => JournalEntry;

type Item = Record<string, AttributeValue>;

/** Entries written by this process, whatever the table. */
let written = 0;

/** A table, and by what it is reached. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly calls: Calls;
}

/** With a client of its own. */
export function openTable(region: string, tableName: string, options: AwsOptions): Table {
  return { client: new DynamoDBClient(clientSettings(region, options)), tableName, calls: createCalls() };
}

/**
 * A journal in a table of DynamoDB: partition key `runId`, sort key `entryId`, and an index `ByStore` of `storeArn` and
 * `entryId` that holds whole items. Nothing is ever overwritten or deleted: it takes `dynamodb:PutItem`, no more.
 * @throws JournalError in AWS's words when the table cannot be written
 */
export function createJournalTable(table: Table): Journal {
  const { client, tableName, calls } = table;
  return {
    async append(entry) {
      const { runId, time, phase } = entry;
      const Item = {
        runId: { S: runId },
        entryId: { S: `${time}#${String(++written).padStart(6, '0')}#${randomBytes(4).toString('hex')}#${phase}` },
        storeArn: { S: changedArn(entry) },
        entry: { S: JSON.stringify(entry) },
      };
      const condition = 'attribute_not_exists(entryId)';
      const command = new PutItemCommand({ TableName: tableName, Item, ConditionExpression: condition });
      try {
        await calls.make('dynamodb:PutItem', () => client.send(command));
      } catch (error) {
        if (!isOwnRetry(error)) throw await failure('written', table, error);
      }
    },
  };
}

/**
 * The same to be read again, which takes `dynamodb:Query` too. What was just written is in the answer of `ofRun` for
 * certain, in that of `ofStore` soon.
 * @throws JournalError from each method, in AWS's words, when the table cannot be written or read
 */
export function createReadableJournalTable(table: Table, readEntry: ReadEntry): ReadableJournal {
  const { client, tableName, calls } = table;

  const itemsOf = async (query: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> => {
    const pages = pagesOf(
      undefined,
      async (start) => {
        const ExclusiveStartKey = start && (JSON.parse(start) as Item);
        const input = { TableName: tableName, ...query, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
        const answer = await calls.make('dynamodb:Query', () => client.send(new QueryCommand(input)));
        const { Items = [], LastEvaluatedKey: last } = answer;
        return { items: Items, nextToken: last && JSON.stringify(last) };
      },
      () => new CloudError('UNAVAILABLE', 'dynamodb:Query', 'its answer never ends: a LastEvaluatedKey came twice'),
    );
    const items: Item[] = [];
    for await (const page of pages) items.push(...page.items);
    return items;
  };

  const entriesOf = async (query: Omit<QueryCommandInput, 'TableName'>): Promise<JournalEntry[]> => {
    const items = await itemsOf(query).catch(async (error) => {
      throw await failure('read', table, error);
    });
    return items.map(({ runId, entryId, entry }) =>
      readEntry(entry?.S ?? '', `table ${tableName}, run ${runId?.S}, entry ${entryId?.S}`),
    );
  };

  return {
    ...createJournalTable(table),

    ofRun: (runId) =>
      entriesOf({
        KeyConditionExpression: 'runId = :runId',
        ExpressionAttributeValues: { ':runId': { S: runId } },
        ConsistentRead: true,
      }),

    ofStore: ({ arn }) =>
      entriesOf({
        IndexName: 'ByStore',
        KeyConditionExpression: 'storeArn = :storeArn',
        ExpressionAttributeValues: { ':storeArn': { S: arn } },
      }),
  };
}

async function failure(doing: string, { client, tableName }: Table, error: unknown): Promise<JournalError> {
  const table = `table ${tableName} of DynamoDB in ${await client.config.region()}`;
  return new JournalError(`the journal cannot be ${doing}: ${table}: ${asError(error).message}`, { cause: error });
}

/** The entry is there since an earlier attempt of the same call, whose answer was lost. */
function isOwnRetry(error: unknown): boolean {
  const cause = error instanceof CloudError ? error.cause : undefined;
  return cause instanceof ConditionalCheckFailedException && (cause.$metadata.attempts ?? 1) > 1;
}
