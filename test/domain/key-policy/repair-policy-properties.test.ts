import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSamePolicy } from '../../../lib/domain/key-policy/repair-policy.ts';
import { elements, questions, SEED, statements } from './arbitraries.ts';
import { ABOUT_A_LOG_GROUP, evaluateText, type Json, repair } from './builders.ts';

/** A document in which each number is known by how it is written. */
const asWritten = (text: string): Json =>
  (JSON.parse as (text: string, reviver: (name: string, value: unknown, at: { source: string }) => unknown) => Json)(
    text,
    (_name, value, { source }) => (typeof value === 'number' ? `the number ${source}` : value),
  );
const listOf = (document: Json): Json[] => [document.Statement].flat() as Json[];
const bytes = (text: string) => Buffer.byteLength(text);

describe('for every policy', () => {
  const extras = fc.record(
    {
      Id: elements('key-default-1', ''),
      ['__proto__']: fc.constant({ Statement: [] }),
      Comment: fc.jsonValue({ maxDepth: 2 }),
      Number: elements('12345678901234567890', '1e999', '0.10', '-0'),
    },
    { requiredKeys: [] },
  );
  const sids = elements(undefined, 'LogsealLogGroups', 'LogsealQueryResults');
  const texts = fc
    .tuple(statements, sids, fc.nat(), fc.boolean(), extras, elements<string | number | undefined>(undefined, 2, '\t'))
    .map(([all, sid, at, isBare, more, indent]) => {
      const named = all.map((one, index) => (index === at % all.length && sid ? { Sid: sid, ...one } : one));
      const document = { ...more, Version: '2012-10-17', Statement: isBare && named.length === 1 ? named[0] : named };
      return JSON.stringify(document, null, indent).replace(/("Number": ?)"([^"]+)"/, '$1$2');
    });

  it('a repair changes one statement only, and fixes it', () => {
    const kinds: Record<string, number> = {};
    fc.assert(
      fc.property(texts, questions, (text, question) => {
        const found = repair(text, question);
        kinds[found.kind] = (kinds[found.kind] ?? 0) + 1;
        const { verdict } = evaluateText(text, question);
        expect(found.kind === 'NONE_NEEDED').toBe(verdict === 'ALLOWED');
        if (found.kind !== 'REPAIR') return;

        const before = asWritten(text);
        const after = asWritten(found.text);
        const old = listOf(before);
        const replaced = old.findIndex(({ Sid }) => Sid === found.statement.Sid);
        if (replaced !== -1) kinds.REPLACED = (kinds.REPLACED ?? 0) + 1;
        const place = replaced === -1 ? old.length : replaced;
        expect(listOf(after)[place]).toEqual(found.statement);
        // Compared as text, because equality of objects ignores the order of fields.
        expect(JSON.stringify({ ...after, Statement: listOf(after).toSpliced(place, 1) })).toBe(
          JSON.stringify({ ...before, Statement: replaced === -1 ? old : old.toSpliced(place, 1) }),
        );
        expect(Object.keys(after)).toEqual(Object.keys(before));
        expect(evaluateText(found.text, question).verdict).toBe('ALLOWED');
        expect(bytes(found.text)).toBeLessThanOrEqual(32_768);
        expect(repair(found.text, question)).toEqual({ kind: 'NONE_NEEDED' });
        expect(isSamePolicy(text, found.text)).toBe(false);
        // KMS may return a policy with other spacing.
        expect(isSamePolicy(text, text.replaceAll(/\n\s*/g, ' '))).toBe(true);
      }),
      { numRuns: 3000, seed: SEED },
    );
    expect(kinds.REPAIR, JSON.stringify(kinds)).toBeGreaterThan(1000);
    expect(kinds.REPLACED, JSON.stringify(kinds)).toBeGreaterThan(100);
  });

  it('a repair of a damaged policy never throws', () => {
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 4 }),
        (text, at, length, insert) => {
          const start = at % text.length;
          const damaged = text.slice(0, start) + insert + text.slice(start + length);
          const found = repair(damaged);
          if (found.kind === 'REPAIR') {
            expect(evaluateText(found.text, ABOUT_A_LOG_GROUP).verdict).toBe('ALLOWED');
          }
          expect(isSamePolicy(damaged, damaged)).toBe(true);
        },
      ),
      { numRuns: 2000, seed: SEED },
    );
  });
});
