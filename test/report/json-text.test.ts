import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonText } from '../../lib/report/json-text.ts';
import { mapTexts } from '../../lib/report/texts.ts';

it('JSON says the same without a control or formatting character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = jsonText({ text });

      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
  );
});

it('escapes both code units of a tag character', () => {
  expect(jsonText('\u{e0041}\u009b')).toBe('"\\udb40\\udc41\\u009b"');
});

it('texts are changed at any depth, with the name of their field, and what does not change is not copied', () => {
  const same = { n: 1, none: null, list: ['b'] };
  const value = { fix: 'a', list: ['a', 'b'], deep: [{ message: 'a' }], same };

  const changed = mapTexts(value, (text, field) => (text === 'a' ? `${field}!` : text));

  expect(changed).toEqual({ fix: 'fix!', list: ['list!', 'b'], deep: [{ message: 'message!' }], same });
  expect(changed.same).toBe(same);
  expect(mapTexts(value, (text) => text)).toBe(value);
});
