import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { colors } from '../../lib/report/colors.ts';
import { columns, failures, problems, shortKey } from '../../lib/report/table.ts';
import { aKeyArn, aReport } from '../support/builders.ts';

const PLAIN = colors(false);

describe('columns', () => {
  it('are aligned, with nothing at the end of a line', () => {
    const text = columns(
      ['A', 'LONG HEAD'],
      [
        ['a longer cell', 'x'],
        ['-', 'y'],
      ],
      PLAIN,
    );

    expect(text).toBe('A              LONG HEAD\na longer cell  x\n-              y\n');
  });

  it('are aligned with colours too', () => {
    const paint = colors(true);
    const rows = [[paint.red('red'), 'x']];

    const text = columns(['A', 'B'], rows, paint);

    expect(text).not.toBe(stripVTControlCharacters(text));
    expect(stripVTControlCharacters(text)).toBe('A    B\nred  x\n');
  });
});

describe('problems', () => {
  const disabled = (name: string) => ({ code: 'KEY_DISABLED', message: `${name} is disabled`, fix: 'enable it' });

  it('that are none take no room', () => {
    expect(problems('Why', [], PLAIN)).toBe('');
  });

  it('of one kind with one fix are said once, with how many there are', () => {
    const text = problems('Why', [disabled('a'), disabled('a'), disabled('b'), disabled('c')], PLAIN);

    expect(text).toBe('\nWhy\nKEY_DISABLED × 4\n  a is disabled (and 2 more like it)\n  fix: enable it\n');
  });

  it('with different fixes are told apart', () => {
    const text = problems('Why', [disabled('a'), { ...disabled('b'), fix: 'replace it' }], PLAIN);

    expect(text.match(/KEY_DISABLED × 1/g)).toHaveLength(2);
  });
});

describe('failures', () => {
  it('name the Region, how far it came and why it ended', () => {
    const failed = aReport({ status: 'FAILED', stores: 100, error: { code: 'UNAVAILABLE', message: 'gone' } });

    expect(failures([aReport(), failed], PLAIN)).toBe(
      'eu-west-1 could not be listed whole: it stopped after 100 log stores: UNAVAILABLE: gone\n  fix: try again\n',
    );
    expect(failures([{ ...failed, stores: 0 }], PLAIN)).toContain('it stopped: UNAVAILABLE: gone');
    expect(failures([aReport()], PLAIN)).toBe('');
  });
});

it('a key is shown by its id', () => {
  expect(shortKey(aKeyArn('1234'))).toBe('1234');
  expect(shortKey(null)).toBe('-');
  expect(shortKey('odd')).toBe('odd');
});
