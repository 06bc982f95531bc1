import { describe, expect, it } from 'vitest';
import { tableMistake } from '../../lib/config/table-name.ts';

describe('the name of a table', () => {
  it.each(['abc', 'logseal-Journal_1.x', 'x'.repeat(255)])('can be %s', (name) => {
    expect(tableMistake(name)).toBeUndefined();
  });

  it.each(['', 'ab', 'x'.repeat(256), 'a b c', 'täble', 'arn:aws:dynamodb:eu-west-1:1:table/x'])(
    'cannot be %j',
    (name) => {
      expect(tableMistake(name)).toBe(`expected the name of a DynamoDB table, got ${JSON.stringify(name)}`);
    },
  );
});
