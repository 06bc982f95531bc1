import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globMatches } from '../../lib/domain/glob.ts';
import { globIndex } from '../../lib/domain/glob-index.ts';

describe('a glob', () => {
  test.each([
    ['/app/a', '/app/a', true],
    ['/app/a', '/app/ab', false],
    ['/app/a', '/APP/a', false],
    ['/vendor/*', '/vendor/a/b', true],
    ['/vendor/*', '/vendor/', true],
    ['/vendor/*', '/vendor', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['/app/?', '/app/a', true],
    ['/app/?', '/app/', false],
    ['/app/?', '/app/ab', false],
    ['*-prod', '/app-prod-prod', true],
    ['/a*b*c', '/axxbyyc', true],
    ['/a*b*c', '/axxbyy', false],
    ['**?', 'a', true],
    ['**?', '', false],
    ['/app/.*', '/app/x', false],
    ['[a]', 'a', false],
  ])('%j matches %j: %s', (glob, text, is) => {
    expect(globMatches(glob, text)).toBe(is);
  });

  test('matches the same texts as the regular expression that says the same', () => {
    const parts = fc.constantFrom('a', 'b', '/', '.', '*', '?');
    const texts = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), texts, (glob, letters) => {
        const signs = new Map([
          ['*', '.*'],
          ['?', '.'],
          ['.', '\\.'],
        ]);
        const source = glob.map((part) => signs.get(part) ?? part).join('');
        const text = letters.join('');
        expect(globMatches(glob.join(''), text)).toBe(new RegExp(`^${source}$`, 's').test(text));
      }),
    );
  });

  test('of many wildcards takes no longer than its length times that of the text', () => {
    expect(globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(512))).toBe(false);
  });
});

describe('an index of globs', () => {
  test('finds the same globs as comparing each', () => {
    const parts = fc.constantFrom('a', 'b', 'ab', 'ba', '/', '*', '?');
    const globs = fc.array(
      fc.array(parts, { maxLength: 6 }).map((some) => some.join('')),
      { maxLength: 20 },
    );
    const texts = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 15 }).map((some) => some.join(''));
    fc.assert(
      fc.property(globs, texts, (all, text) => {
        const expected = all.flatMap((glob, index) => (globMatches(glob, text) ? [index] : []));
        expect([...globIndex(all)(text)].sort((one, other) => one - other)).toEqual(expected);
      }),
    );
  });

  test('finds a glob that stands in it several times', () => {
    expect([...globIndex(['/a*', '/b', '/a*'])('/a/1')].sort()).toEqual([0, 2]);
  });
});
