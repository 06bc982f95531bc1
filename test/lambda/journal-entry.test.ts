import { expect, test } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { readKeyEntry } from '../../lib/lambda/journal-entry.ts';
import { aKeyEntry, aPolicyEntry } from '../support/builders.ts';

test('an entry is read as it was written', () => {
  const entry = aKeyEntry();

  expect(readKeyEntry(JSON.stringify(entry), 'here')).toEqual(entry);
});

test.each([
  ['no JSON', '{', /^table t is not an entry of logseal's journal: /],
  ['an entry about a key policy', JSON.stringify(aPolicyEntry()), /change: .*"KEY"/],
  ['another schema', JSON.stringify({ ...aKeyEntry(), schema: 'logseal/journal/2' }), /schema: /],
  ['no time', JSON.stringify({ ...aKeyEntry(), time: 'yesterday' }), /time: /],
])('%s is refused with its place', (_, text, message) => {
  expect(() => readKeyEntry(text, 'table t')).toThrow(UsageError);
  expect(() => readKeyEntry(text, 'table t')).toThrow(message);
});
