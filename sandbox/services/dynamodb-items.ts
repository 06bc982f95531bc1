import { isDeepStrictEqual } from 'node:util';
import type * as DynamoDb from '@aws-sdk/client-dynamodb';
import { ServiceError } from '../service-error.ts';
import type { Item, Table } from '../state.ts';
import { compareValues } from './dynamodb-expressions.ts';

const MAX_PAGE_BYTES = 1024 * 1024;

type Compare = (a: Item, b: Item) => number;

/** Compares items by some of their attributes, in this order. */
export function inOrderOf(names: readonly string[], direction: 1 | -1): Compare {
  return (a, b) => direction * (names.map((name) => compareValues(a[name], b[name])).find((order) => order !== 0) ?? 0);
}

/**
 * Assumption: a page ends with the item that makes it reach 1 MB. As on AWS, a full page has a LastEvaluatedKey even if
 * nothing follows.
 */
export function pageOf(
  some: readonly Item[],
  compare: Compare,
  names: readonly string[],
  { ExclusiveStartKey: start, Limit }: Pick<DynamoDb.QueryInput, 'ExclusiveStartKey' | 'Limit'>,
): { readonly items: Item[]; readonly last: Pick<DynamoDb.QueryOutput, 'LastEvaluatedKey'> } {
  if (Limit !== undefined && Limit < 1) throw invalid('Limit must be at least 1'); // Assumption: the text.
  if (start && !isDeepStrictEqual(Object.keys(start).sort(), [...names].sort())) {
    throw invalid('The provided starting key is invalid');
  }
  const rest = some.filter((item) => !start || compare(item, start) > 0).sort(compare);
  let bytes = 0;
  const end = rest.findIndex((item, at) => {
    bytes += sizeOf(item);
    return bytes >= MAX_PAGE_BYTES || at + 1 === Limit;
  });
  const items = end < 0 ? rest : rest.slice(0, end + 1);
  return { items, last: rest[end] ? { LastEvaluatedKey: pick(rest[end], names) } : {} };
}

/** The name of the partition key, then that of the sort key if there is one. */
export function keyNames({ KeySchema = [] }: Pick<DynamoDb.TableDescription, 'KeySchema'>): string[] {
  const keys = ['HASH', 'RANGE'].map((type) => KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName);
  return keys.filter((name) => name !== undefined);
}

/** @throws ServiceError where a key has another type than the table defines */
export function requireTypes({ description: { AttributeDefinitions = [] } }: Table, item: Item): void {
  for (const { AttributeName = '', AttributeType = '' } of AttributeDefinitions) {
    const [actual = AttributeType] = Object.keys(item[AttributeName] ?? {});
    const why = `Type mismatch for key ${AttributeName} expected: ${AttributeType} actual: ${actual}`;
    if (actual !== AttributeType) throw invalid(`One or more parameter values were invalid: ${why}`);
  }
}

/** Roughly what DynamoDB counts: names and values in UTF-8. */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(String(value));
  return Object.entries(value).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + sizeOf(one), 0);
}

/** An item with some of its attributes alone. */
export function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

/** What DynamoDB answers to a request that it does not take. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
