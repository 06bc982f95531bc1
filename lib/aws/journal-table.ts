import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException, PutItemCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { EntriesOfRun, Journal, ReadableJournal } from '../app/ports.ts';
import { changedArn, type KeyEntry } from '../domain/journal.ts';
import { asError, CloudError, JournalError, UsageError } from '../errors.ts';
import { allItems, type Item, itemsOf, type Table } from './table.ts';

/** Parses an entry, which anybody may have written. @throws UsageError that says `where` the entry is */
export type ReadEntry = (text: string, where: string) => KeyEntry;

/** The number of entries that this process has written, to any table. */
let written = 0;

/**
 * A journal in a DynamoDB table with partition key `runId`, sort key `entryId`, and an index `ByStore` on `storeArn` and
 * `entryId` that projects whole items. Never overwrites or deletes anything: the only right it needs is `dynamodb:PutItem`.
 * @throws JournalError with AWS's message if the table cannot be written
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
 * The same journal, readable, which also needs `dynamodb:Query`, and `dynamodb:Scan` for `runs`. `ofRun` and `runs` see every entry
 * written before; `ofStore` reads an index, which may lag behind.
 * @throws JournalError from each method, with AWS's message, if the table cannot be written or read; UsageError when an item is
 * none that logseal wrote
 */
export function createReadableJournalTable(table: Table, readEntry: ReadEntry): ReadableJournal {
  const { tableName } = table;

  const entryIn = ({ runId, entryId, storeArn, entry }: Item): KeyEntry => {
    const where = `table ${tableName}, run ${runId?.S}, entry ${entryId?.S}`;
    const read = readEntry(entry?.S ?? '', where);
    // Otherwise an entry could be found under one run or log store, and be about another.
    if (read.runId === runId?.S && changedArn(read) === storeArn?.S) return read;
    throw new UsageError([
      `${where} was not written by logseal: it is about another run or log store than its keys say`,
    ]);
  };

  const entriesOf = async (query: Omit<QueryCommandInput, 'TableName'>): Promise<KeyEntry[]> => {
    const items = await itemsOf(table, query).catch(async (error) => {
      throw await failure('read', table, error);
    });
    return items.map(entryIn);
  };

  async function* allEntries(): AsyncGenerator<KeyEntry> {
    try {
      for await (const { items } of allItems(table)) yield* items.map(entryIn);
    } catch (error) {
      throw error instanceof UsageError ? error : await failure('read', table, error);
    }
  }

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

    runs: () => byRun(allEntries()),
  };
}

/** Puts together the entries that come one after another and are of one run. */
async function* byRun(entries: AsyncIterable<KeyEntry>): AsyncGenerator<EntriesOfRun> {
  let run: [KeyEntry, ...KeyEntry[]] | undefined;
  for await (const entry of entries) {
    if (run?.[0].runId === entry.runId) {
      run.push(entry);
      continue;
    }
    if (run) yield run;
    run = [entry];
  }
  if (run) yield run;
}

async function failure(done: 'written' | 'read', { client, tableName }: Table, error: unknown): Promise<JournalError> {
  const table = `DynamoDB table ${tableName} in ${await client.config.region()}`;
  return new JournalError(`the journal cannot be ${done}: ${table}: ${asError(error).message}`, { cause: error });
}

/** Whether an earlier attempt of this call wrote the entry and its response was lost. */
function isOwnRetry(error: unknown): boolean {
  const cause = error instanceof CloudError ? error.cause : undefined;
  return cause instanceof ConditionalCheckFailedException && (cause.$metadata.attempts ?? 1) > 1;
}
