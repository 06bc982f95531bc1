import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../sandbox/services/event-pattern.ts';

const matches = (pattern: unknown, event: unknown) => compilePattern(pattern)(event);

describe('a pattern', () => {
  it.each<[name: string, pattern: object, yes: unknown[], no: unknown[]]>([
    [
      'exact values',
      { a: ['x', 1, true, null] },
      [{ a: 'x' }, { a: 1 }, { a: true }, { a: null }],
      [{ a: 'X' }, { a: '1' }, {}],
    ],
    ['every field', { a: ['x'], b: ['y'] }, [{ a: 'x', b: 'y', c: 1 }], [{ a: 'x' }, { b: 'y' }]],
    ['nested objects', { a: { b: { c: ['x'] } } }, [{ a: { b: { c: 'x' } } }], [{ a: { b: 'x' } }, { a: null }, {}]],
    ['lists by any element', { a: ['x'] }, [{ a: ['y', 'x'] }], [{ a: [] }, { a: ['y'] }]],
    ['objects in lists', { a: { b: ['x'] } }, [{ a: [{ b: 'y' }, { b: 'x' }] }], [{ a: [{ b: 'y' }] }]],
    ['prefix', { a: [{ prefix: 'ab' }] }, [{ a: 'abc' }], [{ a: 'cab' }, { a: 1 }, {}]],
    ['suffix', { a: [{ suffix: 'bc' }] }, [{ a: 'abc' }], [{ a: 'abcd' }]],
    ['equals-ignore-case', { a: [{ 'equals-ignore-case': 'aB' }] }, [{ a: 'Ab' }], [{ a: 'abc' }]],
    ['wildcard', { a: [{ wildcard: 'a*.c' }] }, [{ a: 'a.c' }, { a: 'ab.b.c' }], [{ a: 'abc' }, { a: 'a.cd' }]],
    [
      'exists',
      { a: { b: [{ exists: true }] } },
      [{ a: { b: null } }, { a: { b: 0 } }],
      [{ a: {} }, {}, { a: { b: { c: 1 } } }],
    ],
    ['exists: false', { a: { b: [{ exists: false }] } }, [{ a: {} }, {}], [{ a: { b: 'x' } }]],
    ['anything-but', { a: [{ 'anything-but': 'x' }] }, [{ a: 'y' }, { a: 1 }], [{ a: 'x' }, {}, { a: [] }]],
    ['anything-but a list', { a: [{ 'anything-but': ['x', 1] }] }, [{ a: 'y' }, { a: 2 }], [{ a: 'x' }, { a: 1 }]],
    [
      'anything-but a prefix',
      { a: [{ 'anything-but': { prefix: ['ab', 'x'] } }] },
      [{ a: 'b' }],
      [{ a: 'abc' }, { a: 'xy' }],
    ],
    ['one or another operator', { a: ['x', { prefix: 'b' }] }, [{ a: 'x' }, { a: 'bc' }], [{ a: 'c' }]],
    [
      '$or',
      { c: [1], $or: [{ a: ['x'] }, { b: ['y'] }] },
      [
        { c: 1, a: 'x' },
        { c: 1, b: 'y' },
      ],
      [{ a: 'x' }, { c: 1 }],
    ],
  ])('%s', (_name, pattern, yes, no) => {
    for (const event of yes) expect(matches(pattern, event), JSON.stringify(event)).toBe(true);
    for (const event of no) expect(matches(pattern, event), JSON.stringify(event)).toBe(false);
  });

  it.each<[pattern: unknown, mistake: string]>([
    [{ a: [{ numeric: ['>', 1] }] }, 'EventPattern.a[0]: the operator numeric is not known'],
    [{ a: [{ cidr: '10.0.0.0/24' }] }, 'EventPattern.a[0]: the operator cidr is not known'],
    [{ a: { b: [{ 'anything-but': { numeric: [1] } }] } }, 'EventPattern.a.b[0]: the operator numeric'],
    [{ a: [{ prefix: 1 }] }, 'EventPattern.a[0].prefix: expected a text'],
    [{ a: [{ prefix: 'a', suffix: 'b' }] }, 'EventPattern.a[0]: expected one operator'],
    [{ a: 'x' }, 'EventPattern.a: expected an object'],
    [{ a: [] }, 'EventPattern.a: expected at least one value'],
    [{ $or: [{ a: ['x'] }] }, 'EventPattern.$or: expected a list of at least 2'],
    [{}, 'EventPattern: expected an object with a field'],
  ])('%j is refused', (pattern, mistake) => {
    expect(() => compilePattern(pattern)).toThrow(mistake);
  });
});
