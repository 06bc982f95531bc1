import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfigFile } from '../../lib/config/config-file.ts';
import { LOG_STORE_TYPES } from '../../lib/domain/stores/index.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8'));
// What `if` asks for is required outside of it. Editors know the format of a date; the pattern is enough here.
const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false, validateFormats: false }).compile(
  SCHEMA,
);

function isRightForEditors(text: string): boolean {
  return validate(parse(text, { maxAliasCount: 1_000, uniqueKeys: false }));
}

function isRight(text: string): boolean {
  return readConfigFile(Buffer.from(text), new Date('2026-11-28T12:00:00Z')).status === 'READ';
}

function exemption(fields: Readonly<Record<string, unknown>>): string {
  const right = { id: 'a', match: { names: ['/a/*'] }, reason: 'r', owner: 'o', expires: '2027-03-31' };
  return JSON.stringify({ schema: 'logseal/config/1', exemptions: [{ ...right, ...fields }] });
}

const withMatch = (match: unknown) => exemption({ match });
const withKey = (key: unknown, match: unknown = { names: ['a'] }) =>
  JSON.stringify({ schema: 'logseal/config/1', keys: [{ match, key }] });
const ARN = 'arn:aws:kms:eu-west-1:111122223333:';

describe('the JSON Schema for editors and the reader agree', () => {
  it.each<readonly [string, string]>([
    ['nothing but the schema', 'schema: logseal/config/1'],
    ['an exemption', exemption({})],
    ['an exemption that has expired', exemption({ expires: '2020-01-01' })],
    ['a reason on several lines', exemption({ reason: 'one\ntwo\n' })],
    [
      'every part of a match',
      withMatch({
        names: ['a', 'b?'],
        tags: { a: '*', 'b c': 'd' },
        accounts: ['111122223333', 111122223333],
        regions: ['us-gov-west-1'],
        types: [...LOG_STORE_TYPES],
      }),
    ],
    ['tags alone', withMatch({ tags: { team: 'data' } })],
    ['the longest glob', withMatch({ names: ['é'.repeat(512)] })],
    [
      'Logstores',
      withMatch({ names: ['p/*'], types: ['logstore'], accounts: ['1234567890123456'], regions: ['cn-hangzhou'] }),
    ],
    ['an alias', withKey('alias/a/b_c-d')],
    ['an alias ARN', withKey(`${ARN}alias/a`)],
    ['a key ARN', withKey(`${ARN}key/mrk-1234`)],
    ['a CMK for Logstores', withKey('0123-abc', { names: ['a'], types: ['logstore'] })],
  ])('on %s, which is right', (_what, text) => {
    expect({ reader: isRight(text), schema: isRightForEditors(text) }).toEqual({ reader: true, schema: true });
  });

  it.each<readonly [string, string]>([
    ['no schema', '{}'],
    ['another schema', 'schema: logseal/config/2'],
    ['a list', '[]'],
    ['nothing', ''],
    ['an unknown field', 'schema: logseal/config/1\nexemption: []'],
    ['exemptions that are no list', 'schema: logseal/config/1\nexemptions: {}'],
    ['exemptions that are nothing', 'schema: logseal/config/1\nexemptions:'],
    ...['id', 'match', 'reason', 'owner', 'expires'].map(
      (name) => [`no ${name}`, exemption({ [name]: undefined })] as const,
    ),
    ['an unknown field of an exemption', exemption({ expiry: 'x' })],
    ['a number as the id', exemption({ id: 1 })],
    ['a blank id', exemption({ id: ' ' })],
    ['a long id', exemption({ id: 'a'.repeat(129) })],
    ['a control character in the id', exemption({ id: 'a\u0007' })],
    ['a control character in the reason', exemption({ reason: 'a\u202eb' })],
    ['a blank reason', exemption({ reason: '\n ' })],
    ['a word for the day', exemption({ expires: 'soon' })],
    ['a time for the day', exemption({ expires: '2027-03-31T00:00:00Z' })],
    ['a year for the day', exemption({ expires: 2027 })],
    ['an empty match', withMatch({})],
    ['a match of accounts alone', withMatch({ accounts: ['111122223333'] })],
    ['no names', withMatch({ names: [] })],
    ['a name that is no list', withMatch({ names: 'a' })],
    ['an empty name', withMatch({ names: [''] })],
    ['a long glob', withMatch({ names: ['a'.repeat(513)] })],
    ['no tags', withMatch({ tags: {} })],
    ['a list of tags', withMatch({ tags: ['a'] })],
    ['a number as the value of a tag', withMatch({ tags: { a: 1 } })],
    ['a tag without a key', withMatch({ tags: { '': 'a' } })],
    ['an unknown part of a match', withMatch({ names: ['a'], name: 'b' })],
    ['a short account', withMatch({ names: ['a'], accounts: ['1'] })],
    ['a short account without quotes', withMatch({ names: ['a'], accounts: [1] })],
    ['an account that loses its zero', withMatch({ names: ['a'], accounts: ['X'] }).replace('"X"', '012345678901')],
    ['an account of Alibaba Cloud for log groups', withMatch({ names: ['a'], accounts: ['1234567890123456'] })],
    ['no Region', withMatch({ names: ['a'], regions: ['eu-west'] })],
    ['a Region of Alibaba Cloud for log groups', withMatch({ names: ['a'], regions: ['cn-hangzhou'] })],
    ['no type', withMatch({ names: ['a'], types: ['loggroup'] })],
    ['no types', withMatch({ names: ['a'], types: [] })],
    ['no key', withKey(undefined)],
    ['a bare key id', withKey('1234abcd-12ab-34cd-56ef-1234567890ab')],
    ['a key that AWS manages', withKey('alias/aws/logs')],
    ['the ARN of a key that AWS manages', withKey(`${ARN}alias/aws/logs`)],
    ['an alias with a space', withKey('alias/a b')],
    ['the ARN of something else', withKey('arn:aws:s3:::bucket')],
  ])('on %s, which is a mistake', (_what, text) => {
    expect({ reader: isRight(text), schema: isRightForEditors(text) }).toEqual({ reader: false, schema: false });
  });

  it.each<readonly [string, string]>([
    ['ids that are not unique', exemption({ id: 'b' }).replace(/\[(\{.*\})\]/, '[$1,$1]')],
    ['an id that is built in', exemption({ id: 'aws-reserved' })],
    ['the same field twice', 'schema: logseal/config/1\nkeys: []\nkeys: []'],
    ['a day that the calendar does not have', exemption({ expires: '2027-02-30' })],
    ['a day too far ahead', exemption({ expires: '2028-11-29' })],
    ['a long reason', exemption({ reason: 'a'.repeat(1_001) })],
    ['anchors of YAML', 'schema: &a logseal/config/1'],
    ['a wrong key for Logstores', withKey('a b', { names: ['a'], types: ['logstore'] })],
  ])('but only the reader knows about %s', (_what, text) => {
    expect({ reader: isRight(text), schema: isRightForEditors(text) }).toEqual({ reader: false, schema: true });
  });

  it('names every kind of log store', () => {
    expect(SCHEMA.definitions.match.properties.types.items.enum).toEqual(LOG_STORE_TYPES);
  });
});
