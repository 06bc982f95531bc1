import { describe, expect, test } from 'vitest';
import { JournalError } from '../../lib/errors.ts';
import { awsReadableJournal } from '../../lib/runtime.ts';
import { NO_WAITS } from '../support/host.ts';
import { aLogGroup } from './builders.ts';
import { aKeyEntry, describeJournalTable, readJson } from './journal-table-suite.ts';
import { startDynalite } from './journal-tables.ts';
import { refusal, serve } from './tiny-server.ts';

describeJournalTable('dynalite', startDynalite);

const aTable = () =>
  awsReadableJournal({ region: 'eu-west-1', tableName: 'journal', maxAttempts: 2, ...NO_WAITS }, readJson);

describe('the request', () => {
  test('puts an entry only if its id is new, under an id that sorts by time', async () => {
    const { requests } = await serve(() => ({}));
    const entry = aKeyEntry();

    await (await aTable()).append(entry);

    expect(requests).toMatchObject([{ operation: 'PutItem' }]);
    expect(requests[0]?.input).toEqual({
      TableName: 'journal',
      ConditionExpression: 'attribute_not_exists(entryId)',
      Item: {
        runId: { S: 'run-1' },
        entryId: { S: expect.stringMatching(/^2026-01-11T23:23:31\.000Z#\d{6}#[0-9a-f]{8}#INTENT$/) },
        storeArn: { S: aLogGroup('/a').arn },
        entry: { S: JSON.stringify(entry) },
      },
    });
  });

  test('reads a run consistently, and a store through the index', async () => {
    const { requests } = await serve(() => ({ Items: [] }));
    const journal = await aTable();

    await journal.ofRun('run-1');
    await journal.ofStore(aLogGroup('/a'));

    expect(requests).toMatchObject([
      { operation: 'Query', input: { TableName: 'journal', ConsistentRead: true } },
      { operation: 'Query', input: { TableName: 'journal', IndexName: 'ByStore' } },
    ]);
    expect(requests[1]?.input).not.toHaveProperty('ConsistentRead');
  });
});

describe('a failure', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 400, 'THROTTLED', 2],
    ['ThrottlingException', 400, 'THROTTLED', 2],
    ['InternalServerError', 500, 'UNAVAILABLE', 2],
    ['AccessDeniedException', 400, 'ACCESS_DENIED', 1],
    ['ConditionalCheckFailedException', 400, 'INVALID_REQUEST', 1],
  ])('%s is a JournalError with the message of AWS and the cause', async (name, status, code, attempts) => {
    const { requests } = await serve(() => refusal(name, `words of ${name}`, status));

    const appended = (await aTable()).append(aKeyEntry());

    await expect(appended).rejects.toBeInstanceOf(JournalError);
    await expect(appended).rejects.toMatchObject({
      message: `the journal cannot be written: DynamoDB table journal in eu-west-1: words of ${name}`,
      cause: { code, call: 'dynamodb:PutItem' },
    });
    expect(requests).toHaveLength(attempts);
  });

  test('an entry that exists after a broken connection was written by the first attempt', async () => {
    const { requests } = await serve(({ number }, response) => {
      if (number > 1) return refusal('ConditionalCheckFailedException', 'The conditional request failed');
      response.destroy();
      return undefined;
    });

    await (await aTable()).append(aKeyEntry());

    expect(requests.map(({ input }) => input.Item.entryId)).toEqual([
      requests[0]?.input.Item.entryId,
      requests[0]?.input.Item.entryId,
    ]);
  });

  test('while reading says that the journal cannot be read', async () => {
    await serve(() => refusal('AccessDeniedException', 'not authorized to perform: dynamodb:Query'));

    const read = (await aTable()).ofRun('run-1');

    await expect(read).rejects.toBeInstanceOf(JournalError);
    await expect(read).rejects.toMatchObject({
      message: expect.stringMatching(/^the journal cannot be read: .*not authorized/),
      cause: { code: 'ACCESS_DENIED', call: 'dynamodb:Query' },
    });
  });

  test('is an endless result as well', async () => {
    const { requests } = await serve(() => ({ Items: [], LastEvaluatedKey: { runId: { S: 'run-1' } } }));

    await expect((await aTable()).ofRun('run-1')).rejects.toMatchObject({
      message: expect.stringContaining('never ends'),
    });
    expect(requests).toHaveLength(2);
  });
});
