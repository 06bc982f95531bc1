import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ReadableJournal } from '../app/ports.ts';
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

/** With a client of its own. */
export function createAwsJournalTable(
  region: string,
  tableName: string,
  readEntry: ReadEntry,
  options: AwsOptions = {},
): ReadableJournal {
  return createJournalTable(new DynamoDBClient(clientSettings(region, options)), tableName, createCalls(), readEntry);
}

/**
 * A journal in a table of DynamoDB: partition key `runId`, sort key `entryId`, and an index `ByStore` of `storeArn` and
 * `entryId` that holds whole items. Nothing is ever overwritten or deleted: the rights are `dynamodb:PutItem` and
 * `dynamodb:Query`. What was just written is in the answer of `ofRun` for certain, in that of `ofStore` soon.
 * @throws JournalError from each method, in AWS's words, when the table cannot be written or read
 */
export function createJournalTable(
  client: DynamoDBClient,
  tableName: string,
  calls: Calls,
  readEntry: ReadEntry,
): ReadableJournal {
  const failed = async (doing: string, error: unknown): Promise<JournalError> => {
    const region = await client.config.region();
    const table = `table ${tableName} of DynamoDB in ${region}`;
    return new JournalError(`the journal cannot be ${doing}: ${table}: ${asError(error).message}`, { cause: error });
  };

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
      throw await failed('read', error);
    });
    return items.map(({ runId, entryId, entry }) =>
      readEntry(entry?.S ?? '', `table ${tableName}, run ${runId?.S}, entry ${entryId?.S}`),
    );
  };

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
        if (!isOwnRetry(error)) throw await failed('written', error);
      }
    },

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

/** The entry is there since an earlier attempt of the same call, whose answer was lost. */
function isOwnRetry(error: unknown): boolean {
  const cause = error instanceof CloudError ? error.cause : undefined;
  return cause instanceof ConditionalCheckFailedException && (cause.$metadata.attempts ?? 1) > 1;
}
