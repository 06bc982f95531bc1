import { describe, expect, it } from 'vitest';
import { SHOWN_ROWS } from '../../lib/report/format.ts';
import { counted, failures, omittedRows, shortKey } from '../../lib/report/table.ts';
import { aKeyArn, aReport } from '../support/builders.ts';
import { PLAIN, reportOptions } from './builders.ts';

describe('the targets that were not scanned completely', () => {
  it('name the Region, how many log stores were seen and why it stopped', () => {
    const failed = aReport({ status: 'FAILED', stores: 100, error: { code: 'UNAVAILABLE', message: 'gone' } });

    expect(failures([aReport(), failed], reportOptions())).toBe(
      'eu-west-1 was not scanned completely: stopped after 100 log stores: UNAVAILABLE: gone\n  fix: try again\n',
    );
    expect(failures([{ ...failed, stores: 1 }], reportOptions())).toContain(
      'completely: stopped after 1 log store: UNAVAILABLE',
    );
    expect(failures([{ ...failed, stores: 0 }], reportOptions())).toContain(
      'eu-west-1 was not scanned completely: UNAVAILABLE: gone\n',
    );
    expect(failures([aReport()], reportOptions())).toBe('');
  });
});

it('a key is shown by its id', () => {
  expect(shortKey(aKeyArn('1234'))).toBe('1234');
  expect(shortKey(null)).toBe('-');
  expect(shortKey('odd')).toBe('odd');
});

it.each([
  [0, '0 keys'],
  [1, '1 key'],
  [2, '2 keys'],
  [12_345, '12,345 keys'],
])('%d is counted as %j', (count, text) => {
  expect(counted(count, 'key')).toBe(text);
});

it('a plural of its own is used', () => {
  expect(counted(1, 'policy', 'policies')).toBe('1 policy');
  expect(counted(2, 'policy', 'policies')).toBe('2 policies');
});

it('rows that are left out are counted, with the option that shows them', () => {
  expect(SHOWN_ROWS).toBe(50);
  expect(omittedRows(0, PLAIN)).toBe('');
  expect(omittedRows(12_345, PLAIN)).toBe('… and 12,345 more: add --all to show every row\n');
});
