import { isDeepStrictEqual } from 'node:util';
import type * as DynamoDb from '@aws-sdk/client-dynamodb';
import { formatArn } from '../../lib/domain/arn.ts';
import { ServiceError } from '../service-error.ts';
import { type Item, partitionOf, type Table } from '../state.ts';
import { json } from '../wire.ts';
import { ExpressionError, expressionReader } from './dynamodb-expressions.ts';
import { inOrderOf, invalid, keyNames, pageOf, pick, requireTypes, sizeOf } from './dynamodb-items.ts';
import type { Call, Service } from './service.ts';

const MAX_ITEM_BYTES = 400 * 1024;

/** The fields of each request that the sandbox reads. Any other field is refused. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:CreateTable': [
    ...['TableName', 'AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes'],
    ...['BillingMode', 'ProvisionedThroughput', 'DeletionProtectionEnabled'],
  ],
  'dynamodb:DescribeTable': ['TableName'],
  'dynamodb:PutItem': [
    ...['TableName', 'Item', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  ],
  'dynamodb:GetItem': ['TableName', 'Key', 'ConsistentRead'],
  'dynamodb:UpdateItem': [
    ...['TableName', 'Key', 'UpdateExpression', 'ConditionExpression', 'ReturnValues'],
    ...['ExpressionAttributeNames', 'ExpressionAttributeValues'],
  ],
  'dynamodb:Query': [
    ...['TableName', 'IndexName', 'KeyConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
    ...['ScanIndexForward', 'Limit', 'ExclusiveStartKey', 'ConsistentRead', 'ProjectionExpression'],
  ],
  'dynamodb:Scan': ['TableName', 'Limit', 'ExclusiveStartKey', 'ConsistentRead'],
};

/** An empty table. Assumption: it is ACTIVE at once. */
export function newTable(
  { account, region }: Pick<Call, 'account' | 'region'>,
  input: Omit<DynamoDb.CreateTableInput, 'BillingMode'>,
  CreationDateTime: Date,
): Table {
  const { TableName = '', AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [] } = input;
  const place = { partition: partitionOf(region), service: 'dynamodb', region, account };
  const TableArn = formatArn({ ...place, resource: `table/${TableName}` });
  const indexes = GlobalSecondaryIndexes.map((index): DynamoDb.GlobalSecondaryIndexDescription => {
    const IndexArn = `${TableArn}/index/${index.IndexName}`;
    return { ...index, IndexArn, IndexStatus: 'ACTIVE' };
  });
  const { DeletionProtectionEnabled = false } = input;
  const names = { TableName, TableArn, TableStatus: 'ACTIVE', CreationDateTime, DeletionProtectionEnabled } as const;
  const schema = { AttributeDefinitions, KeySchema, ...(indexes.length && { GlobalSecondaryIndexes: indexes }) };
  return { description: { ...names, ...schema }, items: new Map() };
}

function createTable(call: Call, input: DynamoDb.CreateTableInput): DynamoDb.CreateTableOutput {
  refuseUnknownFields(call, input);
  const { TableName = '' } = input;
  if (call.state.tables.has(TableName)) {
    throw new ServiceError('ResourceInUseException', `Table already exists: ${TableName}`);
  }
  const table = newTable(call, input, call.cloud.now());
  const defined = input.AttributeDefinitions?.map(({ AttributeName }) => AttributeName) ?? [];
  const schemas = [input, ...(input.GlobalSecondaryIndexes ?? [])].map(keyNames);
  // Assumption: the text.
  if (schemas.some(([hash]) => !hash) || !schemas.flat().every((name) => defined.includes(name))) {
    throw invalid('One or more parameter values were invalid: every key needs a HASH attribute that is defined');
  }
  call.state.tables.set(TableName, table);
  return { TableDescription: table.description };
}

function describeTable(call: Call, input: DynamoDb.DescribeTableInput): DynamoDb.DescribeTableOutput {
  refuseUnknownFields(call, input);
  const { description, items } = tableOf(call, input, `: Table: ${input.TableName} not found`);
  return { Table: { ...description, ItemCount: items.size } };
}

function putItem(call: Call, input: DynamoDb.PutItemInput): DynamoDb.PutItemOutput {
  refuseUnknownFields(call, input);
  const { Item = {}, ConditionExpression: condition } = input;
  const table = tableOf(call, input);
  const missing = keyNames(table.description).find((name) => !Item[name]);
  if (missing) throw invalid(`One or more parameter values were invalid: Missing the key ${missing} in the item`);
  requireTypes(table, Item);
  if (sizeOf(Item) > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
  const key = JSON.stringify(pick(Item, keyNames(table.description)));
  const reader = expressionReader(input);
  requireCondition(condition === undefined ? null : reading(() => reader.condition(condition)), table.items.get(key));
  reading(reader.requireAllUsed);
  table.items.set(key, Item);
  return {};
}

function getItem(call: Call, input: DynamoDb.GetItemInput): DynamoDb.GetItemOutput {
  refuseUnknownFields(call, input);
  const table = tableOf(call, input);
  const Item = table.items.get(keyOf(table, input.Key));
  return Item ? { Item } : {};
}

/** Under what the table holds the item of a key. */
function keyOf(table: Table, Key: Item = {}): string {
  const names = keyNames(table.description);
  if (!isDeepStrictEqual(Object.keys(Key).sort(), names.toSorted())) {
    throw invalid('The provided key element does not match the schema');
  }
  requireTypes(table, Key);
  return JSON.stringify(pick(Key, names));
}

function updateItem(call: Call, input: DynamoDb.UpdateItemInput): DynamoDb.UpdateItemOutput {
  refuseUnknownFields(call, input);
  const { Key = {}, UpdateExpression: update = '', ConditionExpression: condition, ReturnValues = 'NONE' } = input;
  const table = tableOf(call, input);
  const names = keyNames(table.description);
  const key = keyOf(table, Key);
  if (ReturnValues !== 'NONE' && ReturnValues !== 'ALL_OLD') {
    throw invalid('ReturnValues: the sandbox knows NONE and ALL_OLD only');
  }
  const reader = expressionReader(input);
  const holds = condition === undefined ? null : reading(() => reader.condition(condition));
  const change = reading(() => reader.update(update));
  reading(reader.requireAllUsed);
  const old = table.items.get(key);
  requireCondition(holds, old);
  const Item = reading(() => change(old ?? Key));
  const changedKey = names.find((name) => !isDeepStrictEqual(Item[name], Key[name]));
  if (changedKey) {
    const why = `Cannot update attribute ${changedKey}. This attribute is part of the key`;
    throw invalid(`One or more parameter values were invalid: ${why}`);
  }
  requireTypes(table, Item);
  if (sizeOf(Item) > MAX_ITEM_BYTES) throw invalid('Item size to update has exceeded the maximum allowed size');
  table.items.set(key, Item);
  return ReturnValues === 'ALL_OLD' && old ? { Attributes: old } : {};
}

function requireCondition(holds: ((item: Item) => boolean) | null, item: Item = {}): void {
  if (holds && !holds(item)) {
    throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed');
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ExpressionError ? invalid(`Invalid expression: ${error.message}`) : error;
  }
}

function query(call: Call, input: DynamoDb.QueryInput): DynamoDb.QueryOutput {
  refuseUnknownFields(call, input);
  const { IndexName, ScanIndexForward = true } = input;
  const table = tableOf(call, input);
  const index = table.description.GlobalSecondaryIndexes?.find((one) => one.IndexName === IndexName);
  if (IndexName && !index) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (index && input.ConsistentRead) throw invalid('Consistent reads are not supported on global secondary indexes');
  const [hash = '', range] = keyNames(index ?? table.description);
  const { value, prefix } = keyCondition(input, hash, range);
  requireTypes(table, { [hash]: value });
  const names = [...new Set([hash, ...(range ? [range] : []), ...keyNames(table.description)])];
  const direction = ScanIndexForward ? 1 : -1;
  const some = [...table.items.values()].filter(
    (item) =>
      isDeepStrictEqual(item[hash], value) &&
      (!range || (item[range] && (prefix === null || item[range].S?.startsWith(prefix)))),
  );
  const { items, last } = pageOf(some, inOrderOf(names, direction), names, input);
  const { ProjectionType = 'ALL', NonKeyAttributes = [] } = index?.Projection ?? {};
  const projected = ProjectionType === 'ALL' ? items : items.map((item) => pick(item, [...names, ...NonKeyAttributes]));
  const asked = input.ProjectionExpression?.split(',').map((written) => nameOf(input, written.trim()));
  const Items = asked ? projected.map((item) => pick(item, asked)) : projected;
  return { Items, Count: items.length, ScannedCount: items.length, ...last };
}

/** Assumption: partitions come in the order of their keys. As on AWS, the items of one come together, in the order of the sort key. */
function scan(call: Call, input: DynamoDb.ScanInput): DynamoDb.ScanOutput {
  refuseUnknownFields(call, input);
  const { items: all, description } = tableOf(call, input);
  const names = keyNames(description);
  const { items, last } = pageOf([...all.values()], inOrderOf(names, 1), names, input);
  return { Items: items, Count: items.length, ScannedCount: items.length, ...last };
}

const KEY_CONDITION = /^\s*(#?[\w.-]+)\s*=\s*(:\w+)(?:\s+AND\s+begins_with\(\s*(#?[\w.-]+)\s*,\s*(:\w+)\s*\))?\s*$/;

/** What a query asks for: the partition key, and with what the sort key begins. Assumption: the sort key is a text. */
function keyCondition(input: DynamoDb.QueryInput, hash: string, range: string | undefined) {
  const [, name, value = '', sortName, prefix] = KEY_CONDITION.exec(input.KeyConditionExpression ?? '') ?? [];
  if (!name) {
    throw invalid(
      'KeyConditionExpression: the sandbox knows NAME = :VALUE only, and after it AND begins_with(NAME, :VALUE)',
    );
  }
  if (nameOf(input, name) !== hash) throw invalid(`Query condition missed key schema element: ${hash}`);
  if (sortName && nameOf(input, sortName) !== range) throw invalid('Query key condition not supported');
  return { value: givenValue(input, value), prefix: prefix === undefined ? null : (givenValue(input, prefix).S ?? '') };
}

function givenValue({ ExpressionAttributeValues: values = {} }: DynamoDb.QueryInput, written: string) {
  const value = values[written];
  if (value) return value;
  const why = `An expression attribute value used in expression is not defined; attribute value: ${written}`;
  throw invalid(`Invalid KeyConditionExpression: ${why}`);
}

type Names = Pick<DynamoDb.QueryInput, 'ExpressionAttributeNames'>;

function nameOf({ ExpressionAttributeNames: names = {} }: Names, written: string): string {
  const name = written.startsWith('#') ? names[written] : written;
  if (name !== undefined) return name;
  const why = `An expression attribute name used in the document path is not defined; attribute name: ${written}`;
  throw invalid(why);
}

function tableOf({ state }: Call, { TableName = '' }: { TableName?: string | undefined }, which = ''): Table {
  const table = state.tables.get(TableName);
  if (table) return table;
  throw new ServiceError('ResourceNotFoundException', `Requested resource not found${which}`);
}

function refuseUnknownFields({ name }: Call, input: object): void {
  const unknown = Object.keys(input).find((field) => !KNOWN[name]?.includes(field));
  if (unknown) throw invalid(`${unknown} is not known to the sandbox`);
}

/** Amazon DynamoDB. */
export const dynamodb: Service = {
  name: 'dynamodb',
  endpoint: 'DynamoDB_20120810',
  wire: { ...json, contentType: 'application/x-amz-json-1.0' },
  operations: {
    ...{ CreateTable: createTable, DescribeTable: describeTable },
    ...{ PutItem: putItem, GetItem: getItem, UpdateItem: updateItem, Query: query, Scan: scan },
  },
  unavailable: 'InternalServerError',
  resourceArns({ partition, region, account }, { TableName, IndexName }) {
    const resource = `table/${TableName}${IndexName === undefined ? '' : `/index/${IndexName}`}`;
    return [formatArn({ partition, service: 'dynamodb', region, account, resource })];
  },
};
