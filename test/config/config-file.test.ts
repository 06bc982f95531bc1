import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { fileWith, mistakesOf, read, WHOLE, warningsOf } from './config-text.ts';

describe('a configuration file', () => {
  it('is read whole, with the line of each entry', () => {
    expect(read(WHOLE)).toEqual({
      status: 'READ',
      configuration: {
        exemptions: [
          {
            id: 'vendor-logs',
            match: {
              names: ['/vendor/*'],
              tags: { team: 'data' },
              accounts: ['111122223333'],
              regions: ['eu-west-1'],
              types: ['log-group'],
            },
            reason: "The vendor's agent cannot write to an encrypted group",
            owner: 'platform@example.com',
            expires: '2027-03-31',
          },
        ],
        keys: [{ match: { names: ['/payments/*'] }, key: 'alias/payments' }],
      },
      lines: { exemptions: [3], keys: [9] },
      warnings: [],
    });
  });

  it.each([
    ['with a byte order mark', `\ufeff${WHOLE}`],
    ['with the line ends of Windows', WHOLE.replaceAll('\n', '\r\n')],
    ['whose exemption has expired', fileWith({ expires: '2020-01-01' })],
    ['whose exemption ends exactly two years ahead', fileWith({ expires: '2028-11-28' })],
    ['with an account without quotes', fileWith({ match: '{ names: [a], accounts: [111122223333] }' })],
    ['with yes as text', fileWith({ owner: 'yes' })],
    ['that says it is YAML 1.1, with yes as text', `%YAML 1.1\n---\n${fileWith({ owner: 'yes' })}`],
    ['without entries', 'schema: logseal/config/1\n'],
    ['with empty lists of entries', 'schema: logseal/config/1\nexemptions: []\nkeys: []\n'],
    ['in JSON', '{"schema":"logseal/config/1","exemptions":[],"keys":[]}'],
    ['in JSON that tabs indent', '{\n\t"schema": "logseal/config/1",\n\t"exemptions": [\n\t]\n}\n'],
    ['with a tab after a colon', 'schema:\tlogseal/config/1\n'],
    [
      'for Logstores of Alibaba Cloud',
      fileWith({ match: '{ names: [p/*], types: [logstore], regions: [cn-hangzhou], accounts: [1234567890123456] }' }),
    ],
  ])('%s is right', (_what, text) => {
    expect(mistakesOf(text)).toEqual([]);
  });

  it('may have a reason on several lines', () => {
    const file = read(fileWith({ reason: '>\n      one\n      two\n\n      three\n' }));

    expect(file).toMatchObject({ configuration: { exemptions: [{ reason: 'one two three' }] } });
  });

  it('may name any key of a tag', () => {
    const file = read(fileWith({ match: '{ tags: { constructor: a, __proto__: b, 1: c } }' }));

    const tags = file.status === 'READ' ? file.configuration.exemptions[0]?.match.tags : undefined;
    expect(Object.entries(tags ?? {}).sort()).toEqual([
      ['1', 'c'],
      ['__proto__', 'b'],
      ['constructor', 'a'],
    ]);
  });
});

describe('a glob that reads like a regular expression is warned of, with the glob that was probably meant', () => {
  it.each([
    ['^/app/.*$', 'was "/app/*" meant?'],
    ['.*', 'was "*" meant?'],
    ['/app/.*', 'was "/app/*" meant?'],
    ['^/app/', 'was "/app/*" meant?'],
    ['-prod$', 'was "*-prod" meant?'],
    ['/app/.+', 'was "/app/?*" meant?'],
    ['^a\\.b$', 'was "a.b" meant?'],
    ['[a-z]+', 'write each name that is meant as a glob of its own'],
    ['\\d', 'write each name that is meant as a glob of its own'],
    ['^/app/(a|b)$', 'write each name that is meant as a glob of its own'],
  ])('%s', (glob, hint) => {
    const [warning, ...others] = warningsOf(fileWith({ match: `{ names: [${JSON.stringify(glob)}] }` }));

    expect(others).toEqual([]);
    expect(warning).toContain(
      `line 4: exemptions[0].match.names[0]: ${JSON.stringify(glob)} is a glob, but reads like`,
    );
    expect(warning?.endsWith(hint)).toBe(true);
  });

  it.each(['/app/*', '*', 'a.b', '/a?b', '*.log', '/aws/lambda/x-#1'])('%s is none', (glob) => {
    expect(warningsOf(fileWith({ match: `{ names: [${JSON.stringify(glob)}] }` }))).toEqual([]);
  });
});

it('a key rule behind one that matches every log store is warned of, once for each', () => {
  const text = [
    'schema: logseal/config/1',
    'keys:',
    '  - { match: { names: ["*"], regions: [eu-west-1] }, key: alias/a }',
    '  - { match: { names: ["*"] }, key: alias/b }',
    '  - { match: { names: ["/pay/*"] }, key: alias/c }',
    '  - { match: { names: ["*"] }, key: alias/d }',
  ].join('\n');

  const rest = 'the key rule of line 4 matches every log store, so this one never decides';
  expect(warningsOf(text)).toEqual([`line 5: keys[2]: ${rest}`, `line 6: keys[3]: ${rest}`]);
});

describe('no text makes the reader throw or wait', () => {
  const MIB = 2 ** 20;
  const bomb = ['a: &a0 [lol]', ...Array.from({ length: 30 }, (_, n) => `b${n}: &a${n + 1} [${`*a${n},`.repeat(9)}]`)];
  it.each<[string, string | Uint8Array]>([
    ['5 MB', 'a'.repeat(5 * MIB)],
    ['a billion aliases', bomb.join('\n')],
    ['aliases in a list', fileWith({ match: `{ names: [${'*a, '.repeat(1_000)}] }` })],
    ['many brackets', '['.repeat(MIB)],
    ['many braces', '{'.repeat(MIB)],
    ['many lists', '- '.repeat(MIB / 2)],
    ['many levels', Array.from({ length: 1_400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['one long text', `"${'\\q'.repeat(MIB / 4)}"`],
  ])('%s', (_what, text) => {
    const start = performance.now();

    expect(read(text).status).toBe('MISTAKES');
    // Far less on a machine of one's own.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => read(bytes).status === 'MISTAKES'));
  });

  test('any text of signs that YAML and JSON know', () => {
    const sign = fc.constantFrom(
      ...'[]{}:,-?&*!|>\'"%@`#\n\t \\~',
      'a',
      '1',
      '- ',
      ': ',
      '\n  ',
      'schema',
      '---\n',
      '<<: ',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), (signs) => {
        for (const text of [signs.join(''), `${WHOLE}${signs.join('')}`, `{${signs.join('')}`]) {
          expect(['READ', 'MISTAKES']).toContain(read(text).status);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a right file that was changed in any place: every mistake has a line of the file', () => {
    fc.assert(
      fc.property(
        fc.nat(WHOLE.length),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 5 }),
        (start, length, more) => {
          const text = WHOLE.slice(0, start) + more + WHOLE.slice(start + length);
          const file = read(text);
          const last = text.split(/\r\n|\n|\r/).length;
          if (file.status === 'MISTAKES') {
            expect(file.mistakes).not.toEqual([]);
            for (const { line, column } of file.mistakes) {
              expect(line).toBeGreaterThan(0);
              expect(line).toBeLessThanOrEqual(last);
              expect(column).toBeGreaterThan(0);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a thousand exemptions are read', () => {
    const one = fileWith().split('\n').slice(2, -1).join('\n');
    const many = Array.from({ length: 1_000 }, (_, n) => one.replace('id: vendor', `id: vendor-${n}`));

    expect(mistakesOf(`schema: logseal/config/1\nexemptions:\n${many.join('\n')}\n`)).toEqual([]);
  });
});
