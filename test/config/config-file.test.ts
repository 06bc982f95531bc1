import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readConfigFile } from '../../lib/config/config-file.ts';
import { noteText } from '../../lib/domain/file-note.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

function read(text: string | Uint8Array) {
  return readConfigFile(typeof text === 'string' ? Buffer.from(text) : text, NOW);
}

function mistakesOf(text: string | Uint8Array): string[] {
  const file = read(text);
  return file.status === 'MISTAKES' ? file.mistakes.map(noteText) : [];
}

function warningsOf(text: string): string[] {
  const file = read(text);
  return file.status === 'READ' ? file.warnings.map(noteText) : ['it has mistakes'];
}

/** A file with one exemption. @param fields as they are written; null: left out */
function fileWith(fields: Readonly<Record<string, string | null>> = {}): string {
  const right = { id: 'vendor', match: '{ names: [/vendor/*] }', reason: 'r', owner: 'o', expires: '2027-03-31' };
  const lines = Object.entries({ ...right, ...fields }).filter(([, value]) => value !== null);
  return `schema: logseal/config/1\nexemptions:\n  - ${lines.map(([name, value]) => `${name}: ${value}`).join('\n    ')}\n`;
}

function keyFile(key: string, match = '{ names: [/pay/*] }'): string {
  return `schema: logseal/config/1\nkeys:\n  - match: ${match}\n    key: ${key}\n`;
}

const WHOLE = `schema: logseal/config/1
exemptions:
  - id: vendor-logs
    match: { names: ["/vendor/*"], tags: { team: data }, accounts: ["111122223333"], regions: [eu-west-1], types: [log-group] }
    reason: The vendor's agent cannot write to an encrypted group
    owner: platform@example.com
    expires: 2027-03-31
keys:                                   # the first match decides, else --key or KeyId
  - match: { names: ["/payments/*"] }
    key: alias/payments
`;

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

const DAY = 'exemptions[0].expires: expected a day such as 2027-03-31';
const ID = 'exemptions[0].id: expected an id';
const MATCH = 'exemptions[0].match';
const KEY = 'keys[0].key: expected';

describe('each mistake is one sentence with its line', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['a tab', 'schema: logseal/config/1\nexemptions:\n\t- id: a\n', 'line 3: expected spaces, got a tab'],
    [
      'a tab after spaces',
      'schema: logseal/config/1\nkeys:\n  - key: a\n \t match: {}\n',
      'line 4: expected spaces, got a tab',
    ],
    [
      'a duplicate id',
      fileWith() + fileWith().split('\n').slice(2).join('\n'),
      'line 8: exemptions[1].id: expected an id of its own, got "vendor", which line 3 has',
    ],
    [
      'an id that is built in',
      fileWith({ id: 'aws-reserved' }),
      'line 3: exemptions[0].id: expected an id of its own, got "aws-reserved", which is built in',
    ],
    ['a date that is none', fileWith({ expires: 'soon' }), `line 7: ${DAY}, got "soon"`],
    ['February 30th', fileWith({ expires: '2027-02-30' }), `line 7: ${DAY}, got "2027-02-30"`],
    ['a time', fileWith({ expires: '2027-03-31T00:00:00Z' }), `line 7: ${DAY}, got "2027-03-31T00:00:00Z"`],
    ['a year', fileWith({ expires: '2027' }), `line 7: ${DAY}, got the number 2027: write it in quotes`],
    ['no date', fileWith({ expires: null }), `line 3: ${DAY}, got nothing`],
    [
      'a day too far ahead',
      fileWith({ expires: '2028-11-29' }),
      'line 7: exemptions[0].expires: expected a day at most two years ahead (2028-11-28), got "2028-11-29"',
    ],
    [
      'an unknown field',
      fileWith({ expiry: 'x' }),
      'line 8: exemptions[0].expiry: unknown field; known are id, match, reason, owner, expires',
    ],
    [
      'an unknown field of a name that objects have',
      fileWith({ constructor: 'x' }),
      'line 8: exemptions[0].constructor: unknown field',
    ],
    [
      'a field twice',
      fileWith({ id: 'a\n    id: b' }),
      'line 4: exemptions[0].id: expected once, got it on line 3 too',
    ],
    ['an empty match', fileWith({ match: '{}' }), `line 4: ${MATCH}: expected names or tags at least, got neither`],
    [
      'a match of accounts only',
      fileWith({ match: '{ accounts: ["111122223333"] }' }),
      `line 4: ${MATCH}: expected names or tags at least, got neither`,
    ],
    ['no match', fileWith({ match: null }), `line 3: ${MATCH}: expected what it matches, got nothing`],
    [
      'an empty list',
      fileWith({ match: '{ names: [] }' }),
      `line 4: ${MATCH}.names: expected a list of globs such as "/vendor/*", got an empty one`,
    ],
    [
      'no tags',
      fileWith({ match: '{ tags: {} }' }),
      `line 4: ${MATCH}.tags: expected tags such as { team: data }, got none`,
    ],
    [
      'a text in the place of a list',
      fileWith({ match: '{ names: /a }' }),
      `line 4: ${MATCH}.names: expected a list of globs such as "/vendor/*", got "/a"`,
    ],
    [
      'an empty glob',
      fileWith({ match: '{ names: [""] }' }),
      `line 4: ${MATCH}.names[0]: expected a glob, got an empty text`,
    ],
    ['a list in the place of fields', '- a\n', 'line 1: expected the fields schema, exemptions, keys, got a list'],
    ['no schema', 'keys: []\n', 'line 1: schema: expected logseal/config/1, got nothing'],
    [
      'another schema',
      '\nschema: logseal/config/2\n',
      'line 2: schema: expected logseal/config/1, got "logseal/config/2"',
    ],
    [
      'a list that is left empty',
      'schema: logseal/config/1\nexemptions:\n',
      'line 2: exemptions: expected a list of exemptions, got nothing',
    ],
    [
      'a bad account',
      fileWith({ match: '{ names: [a], accounts: ["1111"] }' }),
      `line 4: ${MATCH}.accounts[0]: expected an account id of twelve digits, got "1111"`,
    ],
    [
      'an account that would lose its zero',
      fileWith({ match: '{ names: [a], accounts: [012345678901] }' }),
      `line 4: ${MATCH}.accounts[0]: expected an account id of twelve digits, got the number 012345678901: write it in quotes`,
    ],
    [
      'a bad Region',
      fileWith({ match: '{ names: [a], regions: [eu-west] }' }),
      `line 4: ${MATCH}.regions[0]: expected a Region such as eu-west-1, got "eu-west"`,
    ],
    [
      'a type that is none',
      fileWith({ match: '{ names: [a], types: [loggroup] }' }),
      `line 4: ${MATCH}.types[0]: expected one of log-group, query-results, logstore, got "loggroup"`,
    ],
    ['a number as the id', fileWith({ id: '001' }), `line 3: ${ID}, got the number 001: write it in quotes`],
    [
      'a boolean as the owner',
      fileWith({ owner: 'true' }),
      'line 6: exemptions[0].owner: expected an owner, got the boolean true: write it in quotes',
    ],
    ['an empty owner', fileWith({ owner: '' }), 'line 6: exemptions[0].owner: expected an owner, got nothing'],
    [
      'a control character',
      fileWith({ id: '"a\\u001b[2Jb"' }),
      `line 3: ${ID} without control characters, got "a\\u001b[2Jb"`,
    ],
    [
      'a character that turns the text around',
      fileWith({ reason: '"a\\u202eb"' }),
      'line 5: exemptions[0].reason: expected a reason without control characters, got "a\\u202eb"',
    ],
    [
      'a long text',
      fileWith({ reason: 'a'.repeat(1_001) }),
      'line 5: exemptions[0].reason: expected a reason of at most 1000 characters, got 1001',
    ],
    [
      'a glob without quotes',
      fileWith({ match: '{ names: [*-prod] }' }),
      `line 4: ${MATCH}.names[0]: expected a glob, got the YAML alias *-prod: put a text that begins with * in quotes`,
    ],
    [
      'a star without quotes',
      fileWith({ match: '{ names: [*] }' }),
      'line 4: expected a text, got an alias of YAML: put a text that begins with * in quotes',
    ],
    [
      'an anchor',
      fileWith({ reason: '&all everything' }),
      'line 5: exemptions[0].reason: expected a reason, got the YAML anchor &all',
    ],
    [
      'a type of YAML',
      fileWith({ owner: '!!binary aGk=' }),
      'line 6: expected YAML or JSON (Unresolved tag: tag:yaml.org,2002:binary)',
    ],
    [
      'a list as the name of a field',
      'schema: logseal/config/1\n? [a]\n: b\n',
      'line 2: expected the name of a field, got a list',
    ],
    [
      'a colon in a text',
      fileWith({ reason: 'a: b' }),
      'line 5: expected YAML or JSON (Nested mappings are not allowed in compact mappings)',
    ],
    ['an empty file', '', 'line 1: expected a configuration, got an empty file'],
    ['a file of comments', '# nothing\n', 'line 1: expected a configuration, got an empty file'],
    [
      'several documents',
      'schema: logseal/config/1\n---\nschema: logseal/config/1\n',
      'line 2: expected one YAML document, got several',
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from('schema: logseal/config/1\n# caf\xe9\n', 'latin1'),
      'line 2: expected UTF-8, got bytes that are none',
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffschema: x', 'utf16le'),
      'line 1: expected UTF-8, got bytes that are none, but UTF-16 perhaps',
    ],
    [
      'a bare key id',
      keyFile('1234abcd-12ab-34cd-56ef-1234567890ab'),
      `line 4: ${KEY} alias/NAME, an alias ARN or a key ARN, got "1234abcd-12ab-34cd-56ef-1234567890ab" (a bare key id names no Region and no account)`,
    ],
    [
      'a key that AWS manages',
      keyFile('alias/aws/logs'),
      `line 4: ${KEY} a customer managed key, got "alias/aws/logs"`,
    ],
    ['no key', 'schema: logseal/config/1\nkeys:\n  - match: { names: [a] }\n', `line 3: ${KEY} a key, got nothing`],
    [
      'JSON without a comma',
      '{"schema": "logseal/config/1"\n "keys": []}',
      "line 2: expected JSON (Expected ',' or '}' after property value)",
    ],
    [
      'JSON that ends early',
      '{"schema": "logseal/config/1",\n"keys": [',
      'line 2: expected JSON (Unexpected end of JSON input)',
    ],
    [
      'a field of JSON twice',
      '{"schema": "logseal/config/1",\n"schema": "logseal/config/1"}',
      'line 2: schema: expected once, got it on line 1 too',
    ],
  ])('%s', (_what, text, expected) => {
    const mistakes = mistakesOf(text);

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]?.slice(0, expected.length)).toBe(expected);
  });

  test('all of them at once, in the order of the file', () => {
    const text = fileWith({ id: '1', expires: 'x', reason: '""' }).replace('schema: logseal/config/1', 'schema: 2');

    expect(mistakesOf(text).map((mistake) => mistake.split(':').slice(0, 2).join(':'))).toEqual([
      'line 1: schema',
      'line 3: exemptions[0].id',
      'line 5: exemptions[0].reason',
      'line 7: exemptions[0].expires',
    ]);
  });

  test('with the column', () => {
    expect(read(fileWith({ match: '{ names: [""] }' }))).toMatchObject({ mistakes: [{ line: 4, column: 22 }] });
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
    expect(performance.now() - start).toBeLessThan(2_000);
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
