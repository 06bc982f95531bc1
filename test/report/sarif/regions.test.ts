import { expect, it } from 'vitest';
import { statementRegions } from '../../../lib/report/sarif/regions.ts';

/** The text of each region, as an editor would select it. */
function selected(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  return statementRegions(text).map(({ startLine, startColumn, endLine, endColumn }) => {
    const all = lines.slice(startLine - 1, endLine);
    if (startLine === endLine) return (all[0] ?? '').slice(startColumn - 1, endColumn - 1);
    const last = (all.at(-1) ?? '').slice(0, endColumn - 1);
    return [(all[0] ?? '').slice(startColumn - 1), ...all.slice(1, -1), last].join('\n');
  });
}

it.each([
  ['a list', '{"Statement":[{"Sid":"a"},{"Sid":"b"}]}', ['{"Sid":"a"}', '{"Sid":"b"}']],
  ['a single one', '{"Version":"x","Statement":{"Sid":"a"}}', ['{"Sid":"a"}']],
  ['lines', '{\n "Statement": [\n  {\n   "Sid": "a"\n  }\n ]\n}', ['{\n   "Sid": "a"\n  }']],
  ['CRLF', '{\r\n"Statement": [\r\n{ "a": 1,\r\n"b": [2] }]}', ['{ "a": 1,\n"b": [2] }']],
  ['brackets in strings', '{"Statement":[{"Sid":"]}{[\\""},{"Sid":"b"}]}', ['{"Sid":"]}{[\\""}', '{"Sid":"b"}']],
  [
    'nested objects',
    '{"Statement":[{"C":{"Statement":{"x":1}}},{"b":[]}]}',
    ['{"C":{"Statement":{"x":1}}}', '{"b":[]}'],
  ],
  ['an escaped name', '{"\\u0053tatement":[{"a":1}]}', ['{"a":1}']],
  ['the last of two fields', '{"Statement":[{"a":1}],"Statement":[{"b":1}]}', ['{"b":1}']],
  ['other objects before and after', '{"Id":{"x":{}},"Statement":[{"a":1}],"Other":{"y":[{}]}}', ['{"a":1}']],
  ['what get-key-policy prints, as an object', '{"Policy":{"Statement":[{"a":1},{"b":2}]}}', ['{"a":1}', '{"b":2}']],
  ['a byte order mark', '\uFEFF{"Statement":[{"a":1}]}', ['{"a":1}']],
])('finds the statements of a policy: %s', (_, text, expected) => {
  expect(selected(text)).toEqual(expected);
});

it.each([
  ['a policy inside a string', '{"Policy":"{\\"Statement\\":[{\\"a\\":1}]}"}'],
  ['no JSON', 'Statement: [{'],
  ['an unfinished one', '{"Statement":[{"a":1'],
  ['nothing', ''],
  ['a list of lists', '{"Statement":[[{"a":1}]]}'],
  ['a name with an escape that JSON does not know', '{"\\x":[{"a":1}]}'],
  ['text after a quote', '"{"Statement":[{'],
])('finds none, and never throws: %s', (_, text) => {
  expect(statementRegions(text)).toEqual([]);
});

it('takes no longer for each statement where there are many', () => {
  const text = `{"Statement":[\n${Array.from({ length: 30_000 }, () => '{"Effect":"Allow"}').join(',\n')}]}`;

  expect(statementRegions(text)).toHaveLength(30_000);
  expect(statementRegions(text).at(-1)).toMatchObject({ startLine: 30_001, startColumn: 1 });
});
