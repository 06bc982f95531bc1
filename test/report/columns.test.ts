import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columns } from '../../lib/report/columns.ts';
import { COLORED, PLAIN } from './builders.ts';

const WIDE = { paint: PLAIN, width: null };

describe('columns', () => {
  it('are aligned, with nothing at the end of a line', () => {
    const text = columns(
      ['A', 'LONG HEAD'],
      [
        ['a longer cell', 'x'],
        ['-', 'y'],
      ],
      WIDE,
    );

    expect(text).toBe('A              LONG HEAD\na longer cell  x\n-              y\n');
  });

  it('are aligned with colours too', () => {
    const paint = COLORED;
    const rows = [[paint.red('red'), 'x']];

    const text = columns(['A', 'B'], rows, { paint, width: null });

    expect(text).not.toBe(stripVTControlCharacters(text));
    expect(stripVTControlCharacters(text)).toBe('A    B\nred  x\n');
  });

  it('fit a terminal: the one that may get narrowest gives way first, and cells lose their middle', () => {
    const head = ['SEVERITY', { title: 'NAME', least: 10 }, { title: 'KEY', least: 7 }];
    const rows = [['HIGH', '/app/a-long-name', '1234567890123']];

    const at = (width: number) => columns(head, rows, { paint: PLAIN, width }).split('\n')[1];

    expect(at(41)).toBe('HIGH      /app/a-long-name  1234567890123');
    expect(at(38)).toBe('HIGH      /app/a-long-name  12345…0123');
    expect(at(30)).toBe('HIGH      /app/…-name  123…123');
    expect(at(10)).toBe('HIGH      /app/…name  123…123');
  });

  it('are not pushed apart by one long name, whatever the width', () => {
    const rows = [['/short'], [`/${'x'.repeat(511)}`]];

    const [, , long = ''] = columns([{ title: 'NAME', least: 20 }], rows, WIDE).split('\n');

    expect(long).toMatch(/^\/x+…x+$/);
    expect(stringWidth(long)).toBe(120);
  });

  it('break sentences into lines below each other', () => {
    const head = ['RESULT', { title: 'WHY', least: 12, isProse: true }];

    expect(columns(head, [['FAIL', 'the key is disabled, so it cannot be used']], { paint: PLAIN, width: 28 })).toBe(
      'RESULT  WHY\nFAIL    the key is disabled,\n        so it cannot be used\n',
    );
  });
});
