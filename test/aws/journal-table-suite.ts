import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ReadableJournal } from '../../lib/app/ports.ts';
import { type Calls, createCalls } from '../../lib/aws/calls.ts';
import { createReadableJournalTable, type ReadEntry } from '../../lib/aws/journal-table.ts';
import type { JournalEntry, KeyEntry } from '../../lib/domain/journal.ts';
import { JournalError, UsageError } from '../../lib/errors.ts';
import { aLogGroup, KEY_ARN } from './builders.ts';
import { clientAt, createJournalTableAt, putItemAt, type Tables } from './journal-tables.ts';

const TIME = '2026-01-11T23:23:31.000Z';
const STORE = aLogGroup('/a');

/** The entry of a key that was attached to a log store. */
export function aKeyEntry(entry: Partial<KeyEntry> = {}): KeyEntry {
  return {
    schema: 'logseal/journal/1',
    runId: 'run-1',
    time: TIME,
    actor: 'arn:aws:iam::111122223333:user/test',
    phase: 'INTENT',
    error: null,
    change: 'KEY',
    store: STORE,
    from: null,
    to: KEY_ARN,
    ...entry,
  };
}

/** Parses without checks. */
export const readJson: ReadEntry = (text) => JSON.parse(text);

/** The tests of a journal table, for any server that implements DynamoDB. */
export function describeJournalTable(server: string, start: () => Promise<Tables>): void {
  describe(`a journal in a table in ${server}`, () => {
    let tables: Tables;
    let tableName: string;
    let calls: Calls;

    beforeAll(async () => {
      tables = await start();
      return () => tables.stop();
    });

    beforeEach(async () => {
      tableName = `journal-${randomUUID()}`;
      calls = createCalls();
      await createJournalTableAt(tables.url, tableName);
    });

    const aClient = (): DynamoDBClient => {
      const client = clientAt(tables.url);
      onTestFinished(() => client.destroy());
      return client;
    };
    const journalOf = (client = aClient(), readEntry = readJson): ReadableJournal =>
      createReadableJournalTable({ client, tableName, calls }, readEntry);
    const appendAll = async (journal: ReadableJournal, entries: readonly JournalEntry[]) => {
      for (const entry of entries) await journal.append(entry);
    };

    test('entries are read in the order in which they were written, even within one millisecond', async () => {
      const journal = journalOf();
      const entries = Array.from({ length: 12 }, (_, index) =>
        aKeyEntry({ store: aLogGroup(`/${index}`), phase: index % 2 ? 'DONE' : 'INTENT' }),
      );

      await appendAll(journal, entries);

      expect(await journal.ofRun('run-1')).toEqual(entries);
      expect(calls.counts()).toEqual({ 'dynamodb:PutItem': 12, 'dynamodb:Query': 1 });
    });

    test('concurrently written entries keep the order in which they were passed', async () => {
      const journal = journalOf();
      const entries = Array.from({ length: 30 }, (_, index) => aKeyEntry({ store: aLogGroup(`/${index}`) }));

      await Promise.all(entries.map((entry) => journal.append(entry)));

      expect(await journal.ofRun('run-1')).toEqual(entries);
    });

    test('entries of different writers are in the order of their time', async () => {
      const early = aKeyEntry({ time: '2026-01-11T23:23:30.999Z' });
      const late = aKeyEntry({ phase: 'DONE' });

      await journalOf().append(late);
      await journalOf().append(early);

      expect(await journalOf().ofRun('run-1')).toEqual([early, late]);
    });

    test('every page is read', async () => {
      const journal = journalOf();
      const entries = Array.from({ length: 40 }, (_, index) => aKeyEntry({ error: `${index}${'"'.repeat(32_000)}` }));

      await appendAll(journal, entries);

      expect(await journal.ofRun('run-1')).toEqual(entries);
      expect(await journal.ofStore(STORE)).toEqual(entries);
      expect(calls.counts()['dynamodb:Query']).toBeGreaterThanOrEqual(4);
    });

    test('ofRun returns only the entries of the run, and none for an unknown run', async () => {
      const journal = journalOf();
      const own = aKeyEntry({ runId: 'run-2' });
      await appendAll(journal, [aKeyEntry(), own]);

      expect(await journal.ofRun('run-2')).toEqual([own]);
      expect(await journal.ofRun('run-3')).toEqual([]);
    });

    test('ofStore returns the entries of all runs, in the order of time', async () => {
      const journal = journalOf();
      const first = aKeyEntry({ runId: 'run-2', time: '2026-01-11T00:00:00.000Z' });
      const second = aKeyEntry({ runId: 'run-1', time: '2026-01-12T00:00:00.000Z' });
      await appendAll(journal, [second, aKeyEntry({ store: aLogGroup('/b') }), first]);

      expect(await journal.ofStore(STORE)).toEqual([first, second]);
      expect(await journal.ofStore(aLogGroup('/c'))).toEqual([]);
    });

    const runsOf = async (journal: ReadableJournal): Promise<JournalEntry[][]> => {
      const runs: JournalEntry[][] = [];
      for await (const entries of journal.runs()) runs.push([...entries]);
      return runs.sort(([one], [other]) => ((one?.runId ?? '') < (other?.runId ?? '') ? -1 : 1));
    };

    test('runs returns the entries of each run together, in the order in which they were written', async () => {
      const journal = journalOf();
      const entries = Array.from({ length: 12 }, (_, index) =>
        aKeyEntry({ runId: `run-${index % 3}`, store: aLogGroup(`/${index}`) }),
      );
      await appendAll(journal, entries);

      expect(await runsOf(journal)).toEqual(
        [0, 1, 2].map((run) => entries.filter(({ runId }) => runId === `run-${run}`)),
      );
      expect(calls.counts()).toEqual({ 'dynamodb:PutItem': 12, 'dynamodb:Scan': 1 });
    });

    test('runs reads every page, and a run that begins on one and ends on another is one', async () => {
      const journal = journalOf();
      const entries = Array.from({ length: 60 }, (_, index) =>
        aKeyEntry({ runId: `run-${index % 2}`, error: `${index}${'"'.repeat(32_000)}` }),
      );
      await appendAll(journal, entries);

      expect((await runsOf(journal)).map((run) => run.length)).toEqual([30, 30]);
      expect(calls.counts()['dynamodb:Scan']).toBeGreaterThanOrEqual(3);
    });

    test('runs of an empty table are none', async () => {
      expect(await runsOf(journalOf())).toEqual([]);
    });

    test('an existing entry is never overwritten', async () => {
      const client = aClient();
      client.middlewareStack.add(
        (next) => (args) => {
          const { Item } = args.input as { Item?: object };
          return next(Item ? { ...args, input: { ...args.input, Item: { ...Item, entryId: { S: 'same' } } } } : args);
        },
        { step: 'initialize' },
      );
      const journal = journalOf(client);
      const entry = aKeyEntry();
      await journal.append(entry);

      await expect(journal.append(aKeyEntry({ phase: 'DONE' }))).rejects.toBeInstanceOf(JournalError);

      expect(await journal.ofRun('run-1')).toEqual([entry]);
    });

    test('an entry whose first response was lost is written once', async () => {
      const client = aClient();
      let lost = 0;
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            if (commandName === 'PutItemCommand' && lost++ === 0)
              throw Object.assign(new Error('lost'), { $retryable: {} });
            return answer;
          },
        { step: 'finalizeRequest', priority: 'low' },
      );
      const journal = journalOf(client);

      await journal.append(aKeyEntry());

      expect(lost).toBe(1);
      expect(await journal.ofRun('run-1')).toEqual([aKeyEntry()]);
    });

    test.each([
      ['cannot be parsed', { entry: '{ }' }, '{ }'],
      ['is missing', {}, ''],
    ])(
      'an entry that %s is passed to the parser with its place, and the error of the parser is thrown',
      async (_, entry, text) => {
        await putItemAt(tables.url, tableName, { runId: 'run-1', entryId: 'e-1', storeArn: STORE.arn, ...entry });
        const told: unknown[] = [];
        const journal = journalOf(aClient(), (...args) => {
          told.push(args);
          throw new UsageError(['not an entry']);
        });

        await expect(journal.ofRun('run-1')).rejects.toBeInstanceOf(UsageError);
        await expect(journal.ofStore(STORE)).rejects.toBeInstanceOf(UsageError);
        await expect(runsOf(journal)).rejects.toBeInstanceOf(UsageError);

        const where = `table ${tableName}, run run-1, entry e-1`;
        expect(told).toEqual([
          [text, where],
          [text, where],
          [text, where],
        ]);
      },
    );

    test.each([
      ['run', { runId: 'run-2' }],
      ['log store', { storeArn: aLogGroup('/b').arn }],
    ])('an entry that is about another %s than its keys say is refused with its place', async (_, keys) => {
      const item = { runId: 'run-1', storeArn: STORE.arn, ...keys };
      await putItemAt(tables.url, tableName, { ...item, entryId: 'e-1', entry: JSON.stringify(aKeyEntry()) });

      const read = journalOf().ofRun(item.runId);

      await expect(read).rejects.toBeInstanceOf(UsageError);
      await expect(read).rejects.toMatchObject({
        message: expect.stringContaining(`table ${tableName}, run ${item.runId}, entry e-1 was not written by logseal`),
      });
    });

    test('the error for a missing table names table and Region', async () => {
      tableName = 'elsewhere';
      const journal = journalOf();
      const asked = [journal.append(aKeyEntry()), journal.ofRun('run-1'), journal.ofStore(STORE), runsOf(journal)];

      for (const each of asked) {
        await expect(each).rejects.toBeInstanceOf(JournalError);
        await expect(each).rejects.toMatchObject({
          message: expect.stringContaining('DynamoDB table elsewhere in eu-west-1'),
          cause: { code: 'NOT_FOUND' },
        });
      }
    });
  });
}
