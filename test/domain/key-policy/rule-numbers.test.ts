import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const DOCUMENT = 'docs/key-policy-rules.md';
const files = ['lib', 'cli', 'functions', 'sandbox', 'scripts', 'bench', 'docs', 'test']
  .flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
  )
  .filter((file) => /\.(ts|mjs|md)$/.test(file) && join(root, file) !== import.meta.filename);
const texts = files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const rules = [...readFileSync(join(root, DOCUMENT), 'utf8').matchAll(/^### Rule (\d+)$/gm)].map(
  ([, number]) => number,
);

/** Every place in the repository where the pattern matches, with what it captures. */
const citations = (pattern: RegExp, except?: string) =>
  texts
    .filter(({ file }) => file !== except)
    .flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([cited, number]) => ({ file, cited, number })));

it('the document numbers its rules from 1 without a gap', () => {
  expect(rules).toEqual(Array.from({ length: rules.length }, (_, index) => String(index + 1)));
  expect(rules.length).toBeGreaterThanOrEqual(20);
});

it('every key-policy rule that is cited by number is in the document', () => {
  const cited = citations(/(?:#rule-|key-policy rule )(\d+)/g);

  expect(cited.length).toBeGreaterThan(25);
  expect(cited.filter(({ number }) => !rules.includes(number))).toEqual([]);
});

it('a rule is cited by its link, or as "key-policy rule" with its number', () => {
  expect(citations(/(?<!key-policy |key )\b[Rr]ules? (\d+)/g, DOCUMENT)).toEqual([]);
});
