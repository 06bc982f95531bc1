import * as Db from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clients, refusal } from './support.ts';

const ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/t';
const key = (hash: string, range: string): Db.KeySchemaElement[] => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];
const index = (IndexName: string, Projection: Db.Projection) => ({
  IndexName,
  KeySchema: key('store', 'at'),
  Projection,
});
const SCHEMA = {
  TableName: 't',
  AttributeDefinitions: ['run', 'entry', 'store'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  })),
  KeySchema: key('run', 'entry'),
};
const TABLE: Db.CreateTableCommandInput = {
  ...SCHEMA,
  AttributeDefinitions: [...SCHEMA.AttributeDefinitions, { AttributeName: 'at', AttributeType: 'N' }],
  GlobalSecondaryIndexes: [
    index('ByStore', { ProjectionType: 'ALL' }),
    index('Keys', { ProjectionType: 'KEYS_ONLY' }),
    index('Some', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] }),
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

async function aTable(world: World = {}) {
  const { sandbox, dynamodb: db } = await aSandbox({ world, now: () => new Date(5000) });
  const { TableDescription } = await db.send(new Db.CreateTableCommand(TABLE));
  const put = (Item: Record<string, Db.AttributeValue>, more: object = {}) =>
    db.send(new Db.PutItemCommand({ TableName: 't', Item, ...more }));
  const ask = (input: object, value = 'r') =>
    db.send(
      new Db.QueryCommand({
        ...{ TableName: 't', KeyConditionExpression: 'run = :v', ExpressionAttributeValues: { ':v': { S: value } } },
        ...input,
      }),
    );
  const entries = async (input: object, value?: string) =>
    (await ask(input, value)).Items?.map(({ entry }) => entry?.S).join('');
  return { sandbox, db, put, ask, entries, TableDescription };
}

const item = (entry: string, at?: string, more: Record<string, Db.AttributeValue> = {}) => ({
  ...{ run: { S: 'r' }, entry: { S: entry }, note: { S: `note ${entry}` }, ...more },
  ...(at && { store: { S: 's' }, at: { N: at } }),
});

describe('tables', () => {
  it('are created and described, in their account and Region only', async () => {
    const { sandbox, db, put, TableDescription } = await aTable();
    await put(item('a'));
    const { Table } = await db.send(new Db.DescribeTableCommand({ TableName: 't' }));
    expect(Table).toEqual({ ...TableDescription, ItemCount: 1 });
    expect(Table).toMatchObject({
      ...{ TableName: 't', TableArn: ARN, TableStatus: 'ACTIVE', CreationDateTime: new Date(5000) },
      ...{ KeySchema: TABLE.KeySchema, AttributeDefinitions: TABLE.AttributeDefinitions },
    });
    expect(Table?.GlobalSecondaryIndexes?.[0]).toMatchObject({
      ...{ IndexName: 'ByStore', IndexArn: `${ARN}/index/ByStore`, IndexStatus: 'ACTIVE' },
    });
    for (const caller of [{ region: 'us-east-1' }, { account: '444455556666' }]) {
      const { dynamodb: other } = clients(sandbox, caller);
      expect(await refusal(other.send(new Db.DescribeTableCommand({ TableName: 't' })))).toBe(
        'ResourceNotFoundException: Requested resource not found: Table: t not found',
      );
    }
  });

  it('are refused when they exist, or with keys that are not defined', async () => {
    const { db } = await aTable();
    const create = (input: object) => refusal(db.send(new Db.CreateTableCommand({ ...TABLE, ...input })));
    expect(await create({})).toBe('ResourceInUseException: Table already exists: t');
    expect(await create({ TableName: 'u', AttributeDefinitions: [] })).toContain('ValidationException');
    expect(await create({ TableName: 'u', KeySchema: [] })).toContain('ValidationException');
    expect(await create({ TableName: 'u', Tags: [] })).toBe('ValidationException: Tags is not known to the sandbox');
  });
});

describe('PutItem', () => {
  it('replaces an item, unless a condition forbids it', async () => {
    const { db, put, ask } = await aTable();
    await put(item('a', undefined, { bytes: { B: new Uint8Array([1, 2]) } }));
    const condition = { ConditionExpression: 'attribute_not_exists(entry)' };
    const error: unknown = await put(item('a'), condition).catch((reason) => reason);
    expect(error).toBeInstanceOf(Db.ConditionalCheckFailedException);
    expect((error as Error).message).toBe('The conditional request failed');
    expect((await ask({})).Items?.[0]?.['bytes']?.B).toEqual(new Uint8Array([1, 2]));
    expect(await refusal(put(item('b'), condition))).toBe('no error');
    const aliased = {
      ConditionExpression: 'attribute_not_exists(#other)',
      ExpressionAttributeNames: { '#other': 'other' },
    };
    expect(await refusal(put(item('a'), aliased))).toBe('no error');
    expect((await ask({})).Items?.[0]).not.toHaveProperty('bytes');
    expect(await refusal(db.send(new Db.PutItemCommand({ TableName: 'u', Item: {} })))).toBe(
      'ResourceNotFoundException: Requested resource not found',
    );
  });

  it.each([
    ['no sort key', { run: { S: 'r' } }, {}, 'Missing the key entry in the item'],
    ['a key of the wrong type', { ...item('a'), entry: { N: '1' } }, {}, 'expected: S actual: N'],
    ['an index key of the wrong type', { ...item('a'), at: { S: '1' } }, {}, 'expected: N actual: S'],
    [
      'an item that is too large',
      item('a', undefined, { note: { S: 'x'.repeat(410_000) } }),
      {},
      'Item size has exceeded',
    ],
    ['another condition', item('a'), { ConditionExpression: 'begins_with(entry)' }, 'does not know the function'],
    ['a name that is not defined', item('a'), { ConditionExpression: 'attribute_not_exists(#e)' }, 'not defined'],
    ['another field', item('a'), { ReturnValues: 'ALL_OLD' }, 'ReturnValues is not known to the sandbox'],
  ])('refuses %s', async (_title, Item, more, expected) => {
    const { put } = await aTable();
    const result = await refusal(put(Item as Record<string, Db.AttributeValue>, more));
    expect(result).toMatch(/^ValidationException/);
    expect(result).toContain(expected);
  });
});

describe('UpdateItem', () => {
  const KEY = { run: { S: 'r' }, entry: { S: 'a' } };
  async function anUpdate() {
    const { db, ...more } = await aTable();
    const update = (input: object) => db.send(new Db.UpdateItemCommand({ TableName: 't', Key: KEY, ...input }));
    const set = (UpdateExpression: string, values: Record<string, Db.AttributeValue>, others: object = {}) =>
      update({ UpdateExpression, ExpressionAttributeValues: values, ...others });
    const stored = async () => (await more.ask({})).Items?.[0];
    return { ...more, db, update, set, stored };
  }

  it('creates an item, changes it, and returns it as it was before', async () => {
    const { set, update, stored } = await anUpdate();

    expect(await set('SET note = :n, size = :s', { ':n': { S: 'one' }, ':s': { N: '1' } })).not.toHaveProperty(
      'Attributes',
    );
    expect(await stored()).toEqual({ ...KEY, note: { S: 'one' }, size: { N: '1' } });
    const answer = await set(
      'REMOVE size SET note = :n, other = note',
      { ':n': { S: 'two' } },
      { ReturnValues: 'ALL_OLD' },
    );
    expect(answer.Attributes).toEqual({ ...KEY, note: { S: 'one' }, size: { N: '1' } });
    expect(await stored()).toEqual({ ...KEY, note: { S: 'two' }, other: { S: 'one' } });
    await update({ UpdateExpression: 'REMOVE #n, missing', ExpressionAttributeNames: { '#n': 'note' } });
    expect(await stored()).toEqual({ ...KEY, other: { S: 'one' } });
  });

  it.each([
    ['attribute_exists(note)', true],
    ['attribute_not_exists(note)', false],
    ['size < :v', false],
    ['size <= :v', true],
    ['size > :v', false],
    ['size >= :v', true],
    ['size = :v', true],
    ['size <> :v', false],
    ['missing <> :v', true],
    ['missing = :v', false],
    ['missing < :v', false],
    ['note > :v', false],
    ['NOT missing = :v', true],
    ['attribute_exists(missing) OR size = :v', true],
    ['attribute_exists(missing) AND size = :v', false],
    ['attribute_exists(note) OR attribute_exists(missing) AND size <> :v', true],
    ['(attribute_exists(note) or attribute_exists(missing)) and size <> :v', false],
  ])('evaluates %s to %s', async (condition, holds) => {
    const { put, set } = await anUpdate();
    await put({ ...KEY, note: { S: 'x' }, size: { N: '10' } });

    const ConditionExpression = condition.includes(':v') ? condition : `${condition} AND size = :v`;
    const result = await refusal(set('SET note = :v', { ':v': { N: '10' } }, { ConditionExpression }));

    expect(result).toBe(holds ? 'no error' : 'ConditionalCheckFailedException: The conditional request failed');
  });

  it('changes nothing where its condition does not hold, also for an item that does not exist', async () => {
    const { set, stored } = await anUpdate();

    const ConditionExpression = 'attribute_exists(run)';
    expect(await refusal(set('SET note = :n', { ':n': { S: 'x' } }, { ConditionExpression }))).toContain(
      'ConditionalCheckFailedException',
    );

    expect(await stored()).toBeUndefined();
  });

  it.each([
    ['an action that it does not know', 'ADD size :v', {}, 'SET and REMOVE only'],
    ['a path twice', 'SET note = :v REMOVE note', {}, 'overlap'],
    ['a reserved word', 'SET until = :v', {}, 'reserved keyword: until'],
    ['a value that is not defined', 'SET note = :v, other = :w', {}, 'attribute value: :w'],
    ['a value that is not used', 'REMOVE note', {}, 'unused in expressions: keys: {:v}'],
    ['a change of the key', 'SET entry = :v', {}, 'part of the key'],
    ['an attribute that the item lacks', 'SET note = :v, other = missing', {}, 'does not exist in the item'],
    ['half a condition', 'SET note = :v', { ConditionExpression: 'note =' }, '<EOF>'],
    ['too much of a condition', 'SET note = :v', { ConditionExpression: 'note = :v )' }, 'Syntax error; token: )'],
    ['another comparison', 'SET note = :v', { ConditionExpression: 'note BETWEEN :v' }, 'comparator BETWEEN'],
    ['a sign that is none', 'SET note = :v', { ConditionExpression: 'note = :v !' }, 'Syntax error; token: !'],
    ['half a key', 'SET note = :v', { Key: { run: { S: 'r' } } }, 'does not match the schema'],
    ['another answer', 'SET note = :v', { ReturnValues: 'ALL_NEW' }, 'NONE and ALL_OLD only'],
    ['another field', 'SET note = :v', { ReturnConsumedCapacity: 'TOTAL' }, 'not known to the sandbox'],
  ])('refuses %s', async (_title, expression, more, expected) => {
    const { set } = await anUpdate();

    const result = await refusal(set(expression, { ':v': { S: 'x' } }, more));

    expect(result).toMatch(/^ValidationException/);
    expect(result).toContain(expected);
  });
});

describe('Query', () => {
  const byStore = { IndexName: 'ByStore', KeyConditionExpression: 'store = :v' };

  it('returns the items of a partition in the order of their sort key', async () => {
    const { put, entries } = await aTable();
    for (const entry of ['b', 'ä', 'a', 'c']) await put(item(entry));
    await put({ ...item('x'), run: { S: 'other' } });
    expect(await entries({})).toBe('abcä');
    expect(await entries({ ScanIndexForward: false, ConsistentRead: true })).toBe('äcba');
    const named = { KeyConditionExpression: '#run = :v', ExpressionAttributeNames: { '#run': 'run' } };
    expect(await entries(named, 'other')).toBe('x');
    expect(await entries({}, 'nobody')).toBe('');
    await put(item('ab'));
    const prefixed = { KeyConditionExpression: 'run = :v AND begins_with(entry, :p)' };
    expect(await entries({ ...prefixed, ExpressionAttributeValues: { ':v': { S: 'r' }, ':p': { S: 'a' } } })).toBe(
      'aab',
    );
  });

  it('returns the items of an index with its attributes, in numeric order, without items that lack its keys', async () => {
    const { put, ask, entries } = await aTable();
    for (const [entry, at] of [
      ['a', '10'],
      ['b', '9'],
      ['c', '9'],
      ['d', undefined],
    ] as const)
      await put(item(entry, at));
    expect(await entries(byStore, 's')).toBe('bca');
    const [keys] = (await ask({ ...byStore, IndexName: 'Keys' }, 's')).Items ?? [];
    expect(Object.keys(keys ?? {}).sort()).toEqual(['at', 'entry', 'run', 'store']);
    const [some] = (await ask({ ...byStore, IndexName: 'Some' }, 's')).Items ?? [];
    expect(Object.keys(some ?? {}).sort()).toEqual(['at', 'entry', 'note', 'run', 'store']);
  });

  it.each([
    ['the table', {}, 'r'],
    ['an index', byStore, 's'],
    ['the table in descending order', { ScanIndexForward: false }, 'r'],
  ])('pages through %s by Limit, each item once', async (_title, input, value) => {
    const { put, ask, entries } = await aTable();
    for (const entry of 'abcd') await put(item(entry, '1'));
    let all = '';
    let ExclusiveStartKey: Record<string, Db.AttributeValue> | undefined;
    let pages = 0;
    do {
      const page = await ask({ ...input, Limit: 2, ExclusiveStartKey }, value);
      all += page.Items?.map(({ entry }) => entry?.S).join('');
      ExclusiveStartKey = page.LastEvaluatedKey;
      pages++;
    } while (ExclusiveStartKey);
    expect(all).toBe(await entries(input, value));
    expect(all).toHaveLength(4);
    // A full page has a LastEvaluatedKey even when it is the last one.
    expect(pages).toBe(3);
  });

  it('returns the attributes that are asked for alone', async () => {
    const { put, ask } = await aTable();
    await put(item('a', '1'));
    const named = { ProjectionExpression: '#entry, at, absent', ExpressionAttributeNames: { '#entry': 'entry' } };
    expect((await ask(named)).Items).toEqual([{ entry: { S: 'a' }, at: { N: '1' } }]);
  });

  it('ends a page at 1 MB', async () => {
    const { put, ask } = await aTable();
    for (const entry of 'abcde') await put(item(entry, undefined, { note: { S: 'x'.repeat(380_000) } }));
    const first = await ask({});
    expect(first).toMatchObject({
      Count: 3,
      ScannedCount: 3,
      LastEvaluatedKey: { run: { S: 'r' }, entry: { S: 'c' } },
    });
    const second = await ask({ ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.Items?.map(({ entry }) => entry?.S)).toEqual(['d', 'e']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  it.each([
    ['another expression', { KeyConditionExpression: 'run = :v AND entry = :v' }, 'knows NAME = :VALUE only'],
    [
      'a beginning of another attribute',
      { KeyConditionExpression: 'run = :v AND begins_with(note, :v)' },
      'key condition not supported',
    ],
    ['a filter', { FilterExpression: 'note = :v' }, 'FilterExpression is not known to the sandbox'],
    ['an attribute that is not the key', { KeyConditionExpression: 'entry = :v' }, 'missed key schema element: run'],
    ['a value that is not defined', { KeyConditionExpression: 'run = :w' }, 'not defined; attribute value: :w'],
    ['a name that is not defined', { KeyConditionExpression: '#r = :v' }, 'not defined'],
    ['a value of the wrong type', { ExpressionAttributeValues: { ':v': { N: '1' } } }, 'expected: S actual: N'],
    ['an index that does not exist', { IndexName: 'x' }, 'does not have the specified index: x'],
    ['a consistent read of an index', { ...byStore, ConsistentRead: true }, 'Consistent reads are not supported'],
    ['a start that is not a key', { ExclusiveStartKey: { run: { S: 'r' } } }, 'starting key is invalid'],
    ['an empty page', { Limit: 0 }, 'Limit'],
  ])('refuses %s', async (_title, input, expected) => {
    const { ask } = await aTable();
    const result = await refusal(ask(input));
    expect(result).toMatch(/^ValidationException/);
    expect(result).toContain(expected);
  });

  it('refuses a table that does not exist', async () => {
    const { ask } = await aTable();
    expect(await refusal(ask({ TableName: 'u' }))).toContain('ResourceNotFoundException');
  });
});

describe('rights and faults', () => {
  it('name the table or the index', async () => {
    const Statement = [
      { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: ARN },
      { Effect: 'Allow', Action: 'dynamodb:Query', Resource: `${ARN}/index/ByStore` },
    ];
    const { sandbox } = await aTable({ roles: { writer: { policies: [{ Statement }] } } });
    const { dynamodb: db } = clients(sandbox, { account: 'writer' });
    expect(await refusal(db.send(new Db.PutItemCommand({ TableName: 't', Item: item('a', '1') })))).toBe('no error');
    const ExpressionAttributeValues = { ':v': { S: 's' } };
    const ask = (input: object) =>
      refusal(db.send(new Db.QueryCommand({ TableName: 't', ExpressionAttributeValues, ...input })));
    expect(await ask({ IndexName: 'ByStore', KeyConditionExpression: 'store = :v' })).toBe('no error');
    expect(await ask({ KeyConditionExpression: 'run = :v' })).toContain(
      `not authorized to perform: dynamodb:Query on resource: ${ARN} because`,
    );
  });

  it('make a query fail', async () => {
    const { sandbox, ask } = await aTable();
    sandbox.setFaults([{ call: 'dynamodb:Query', kind: 'unavailable', times: 1, resource: 't' }]);
    expect(await refusal(ask({}))).toContain('InternalServerError');
    expect(await refusal(ask({}))).toBe('no error');
  });
});

it('a world may have the tables of functions that run outside a stack', async () => {
  const { dynamodb: db } = await aSandbox({ world: { journalTable: 'journal', scanTable: 'scans' } });
  const keysOf = async (TableName: string) =>
    (await db.send(new Db.DescribeTableCommand({ TableName }))).Table?.KeySchema?.map((one) => one.AttributeName);

  expect(await keysOf('journal')).toEqual(['runId', 'entryId']);
  expect(await keysOf('scans')).toEqual(['kind', 'target']);
});

describe('GetItem', () => {
  it('returns the item of a key, and nothing where there is none', async () => {
    const { db, put } = await aTable();
    await put(item('a'));
    const get = (entry: string) => {
      const Key = { run: { S: 'r' }, entry: { S: entry } };
      return db.send(new Db.GetItemCommand({ TableName: 't', Key, ConsistentRead: true }));
    };

    expect((await get('a')).Item).toEqual(item('a'));
    expect(await get('b')).not.toHaveProperty('Item');
  });

  it('is refused with what the sandbox does not know, with half a key, and for a table that is not there', async () => {
    const { db } = await aTable();
    const Key = { run: { S: 'r' }, entry: { S: 'a' } };
    const get = (input: object) => refusal(db.send(new Db.GetItemCommand({ TableName: 't', Key, ...input })));

    expect(await get({ ProjectionExpression: 'run' })).toContain('ProjectionExpression is not known to the sandbox');
    expect(await get({ Key: { run: { S: 'r' } } })).toContain('does not match the schema');
    expect(await get({ TableName: 'u' })).toContain('ResourceNotFoundException');
  });
});

describe('Scan', () => {
  it('returns every item in pages, those of one partition together and in order', async () => {
    const { db, put } = await aTable();
    for (const [run, entry] of ['sb', 'ra', 'sa', 'rc', 'rb'].map((key) => [key[0] ?? '', key[1] ?? ''] as const)) {
      await put({ run: { S: run }, entry: { S: entry } });
    }
    const read: string[] = [];
    const pages: number[] = [];
    let start: Record<string, Db.AttributeValue> | undefined;
    do {
      const input = { TableName: 't', Limit: 2, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) };
      const { Items = [], Count = 0, LastEvaluatedKey } = await db.send(new Db.ScanCommand(input));
      read.push(...Items.map(({ run, entry }) => `${run?.S}${entry?.S}`));
      pages.push(Count);
      start = LastEvaluatedKey;
    } while (start);

    expect(read).toEqual(['ra', 'rb', 'rc', 'sa', 'sb']);
    expect(pages).toEqual([2, 2, 1]);
  });

  it('is refused with what the sandbox does not know, and for a table that is not there', async () => {
    const { db } = await aTable();
    const ask = (input: object) => refusal(db.send(new Db.ScanCommand({ TableName: 't', ...input })));

    expect(await ask({ FilterExpression: 'a = b' })).toContain('FilterExpression is not known to the sandbox');
    expect(await ask({ Limit: 0 })).toContain('ValidationException');
    expect(await ask({ ExclusiveStartKey: { run: { S: 'r' } } })).toContain('The provided starting key is invalid');
    expect(await ask({ TableName: 'u' })).toContain('ResourceNotFoundException');
  });
});
