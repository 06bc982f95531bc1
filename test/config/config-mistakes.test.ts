import { describe, expect, it, test } from 'vitest';
import { fileWith, keyFile, mistakesOf, read } from './config-text.ts';

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
