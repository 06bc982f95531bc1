import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elements, SEED, statements } from './arbitraries.ts';
import { anAllow, aPolicy, CONTEXT, evaluateText } from './builders.ts';

const RUNS = { numRuns: 400, seed: SEED };

describe('for every text', () => {
  const verdicts = ['ALLOWED', 'DENIED', 'MISSING_ACTIONS', 'UNCERTAIN', 'MALFORMED'];
  const verdictOf = (text: string) => {
    const { verdict, repair, warnings } = evaluateText(text);
    expect(verdicts).toContain(verdict);
    if (verdict === 'MALFORMED') expect(repair).toBeNull();
    expect(warnings.every(({ message }) => message.length > 0)).toBe(true);
    return verdict;
  };

  it('there is a verdict for random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        verdictOf(text);
      }),
      RUNS,
    );
  });

  it('there is a verdict for random JSON, wherever it stands in a policy', () => {
    const any = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
    const names = [
      'Version',
      'Id',
      'Statement',
      'Effect',
      'Sid',
      'Principal',
      'NotPrincipal',
      'Action',
      'NotAction',
      'Resource',
      'Condition',
    ];
    fc.assert(
      fc.property(any, elements(...names), (value, name) => {
        verdictOf(JSON.stringify(value));
        verdictOf(aPolicy([anAllow({ [name]: value })]));
        verdictOf(JSON.stringify({ Statement: [anAllow()], [name]: value }));
        verdictOf(aPolicy([anAllow({ Condition: { StringEquals: value } })]));
        verdictOf(aPolicy([anAllow({ Condition: { StringLike: { [CONTEXT]: value } } })]));
      }),
      RUNS,
    );
  });

  it('there is a verdict for a damaged policy', () => {
    fc.assert(
      fc.property(
        statements,
        fc.nat(),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 4 }),
        (all, at, length, insert) => {
          const text = aPolicy(all);
          const start = at % text.length;
          verdictOf(text.slice(0, start) + insert + text.slice(start + length));
        },
      ),
      RUNS,
    );
  });

  it.each<[string, string, string]>([
    ['100,000 brackets', '['.repeat(100_000), 'MALFORMED'],
    ['nesting in Statement', `{"Statement":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'MALFORMED'],
    ['nesting in Version', `{"Version":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'MALFORMED'],
    ['100 levels', `{"X":${'['.repeat(99)}${']'.repeat(99)},${aPolicy(anAllow()).slice(1)}`, 'ALLOWED'],
    ['101 levels', `{"X":${'['.repeat(100)}${']'.repeat(100)},${aPolicy(anAllow()).slice(1)}`, 'MALFORMED'],
    ['brackets in a string', aPolicy(anAllow({ Sid: `\\"${'['.repeat(101)}` })), 'ALLOWED'],
    ['many objects beside each other', `{"X":[${'{},'.repeat(200)}{}],${aPolicy(anAllow()).slice(1)}`, 'ALLOWED'],
    ['__proto__', '{"__proto__":{"Statement":{"Effect":"Allow"}}}', 'MALFORMED'],
    ['a statement of __proto__', `{"Statement":{"__proto__":${JSON.stringify(anAllow())}}}`, 'MALFORMED'],
    ['a byte order mark', `\uFEFF${aPolicy(anAllow())}`, 'ALLOWED'],
    ['two byte order marks', `\uFEFF\uFEFF${aPolicy(anAllow())}`, 'MALFORMED'],
    ['a byte order mark after white space', ` \uFEFF${aPolicy(anAllow())}`, 'MALFORMED'],
    ['NUL at the end', `${aPolicy(anAllow())}\0`, 'MALFORMED'],
    ['NUL in a Sid', aPolicy(anAllow({ Sid: '\0' })), 'ALLOWED'],
    ['lone surrogates', aPolicy(anAllow({ Sid: '\uD800', Action: ['kms:*', '\uDFFF*'] })), 'ALLOWED'],
    [
      'lone surrogates in a condition',
      aPolicy(anAllow({ Condition: { StringLike: { '\uD800': '\uDFFF' } } })),
      'MISSING_ACTIONS',
    ],
    [
      'a huge number',
      aPolicy(anAllow({ Condition: { NumericLessThan: { 'aws:EpochTime': 0 } } })).replace(
        '"aws:EpochTime":0',
        '"aws:EpochTime":1e999',
      ),
      'MISSING_ACTIONS',
    ],
    ['a long number', `{"Statement":[],"X":${'9'.repeat(100_000)}}`, 'MALFORMED'],
    [
      '10,000 statements',
      aPolicy(Array.from({ length: 10_000 }, () => anAllow({ Action: 'kms:List*' }))),
      'MISSING_ACTIONS',
    ],
  ])('%s', (_title, text, verdict) => {
    expect(verdictOf(text)).toBe(verdict);
  });
});
