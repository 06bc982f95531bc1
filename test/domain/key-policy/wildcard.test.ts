import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from '../../../lib/domain/key-policy/wildcard.ts';

/** The definition, word for word; exponential, so for small inputs only. */
function matchesByDefinition(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text === '';
  const others = rest.join('');
  if (first === '*') {
    return Array.from({ length: text.length + 1 }).some((_, skipped) =>
      matchesByDefinition(others, text.slice(skipped)),
    );
  }
  return text !== '' && (first === '?' || first === text[0]) && matchesByDefinition(others, text.slice(1));
}

/** A text that counts how often one of its characters is read. */
function counted(text: string): { text: string; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(Object(text) as object, {
    get(_target, name) {
      if (name === 'length') return text.length;
      reads++;
      return text[Number(name)];
    },
  });
  return { text: proxy as unknown as string, reads: () => reads };
}

describe('matchesWildcard', () => {
  it('agrees with the definition', () => {
    const letters = (alphabet: string[], maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...alphabet), maxLength });
    const outcomes = { true: 0, false: 0 };

    fc.assert(
      fc.property(letters(['a', 'b', '*', '?'], 7), letters(['a', 'a', 'b', '*'], 8), (pattern, text) => {
        const expected = matchesByDefinition(pattern, text);
        outcomes[`${expected}`]++;
        expect(matchesWildcard(pattern, text)).toBe(expected);
      }),
      { numRuns: 3000, seed: 2026 },
    );

    expect(outcomes.true).toBeGreaterThan(300);
    expect(outcomes.false).toBeGreaterThan(300);
  });

  it.each([
    ['*a', 1000, 'a', 2000, 'b'],
    ['a*', 1000, 'a', 2000, 'b'],
    ['*?', 1000, 'a', 900, ''],
    ['*a?b', 500, 'ab', 1500, 'c'],
    ['**', 2000, 'a', 2000, ''],
  ])('reads at most pattern × text characters of "%s" × %i', (unit, times, letter, length, end) => {
    const pattern = `${unit.repeat(times)}${end && 'z'}`;
    const text = `${letter.repeat(length)}${end}`;
    const countedPattern = counted(pattern);

    const matches = matchesWildcard(countedPattern.text, text);

    expect(matches).toBe(matchesWildcard(pattern, text));
    expect(countedPattern.reads()).toBeLessThanOrEqual(4 * (pattern.length + 1) * (text.length + 1));
  });

  it('ends on what a backtracking matcher never would', () => {
    expect(matchesWildcard(`${'*a'.repeat(5000)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
