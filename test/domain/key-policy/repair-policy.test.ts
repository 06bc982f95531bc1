import { describe, expect, it } from 'vitest';
import { isSamePolicy } from '../../../lib/domain/key-policy/policy-text.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  anAllow,
  aPolicy,
  CONTEXT,
  evaluateText,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  ROOT,
  refusal,
  repair,
  repaired,
} from './builders.ts';

const QUERY_RESULTS_ARN = 'arn:aws:logs:us-east-1:111122223333:query-result:*';
const bytes = (text: string) => Buffer.byteLength(text);

describe('a repair', () => {
  it('is not needed where the policy is ALLOWED', () => {
    expect(repair(aPolicy(anAllow()))).toMatchObject({ kind: 'NONE_NEEDED' });
  });

  it('adds one statement at the end', () => {
    const { statement, text } = repaired(aPolicy([ROOT]));

    expect(statement).toMatchObject({ Sid: 'LogsealLogGroups', Principal: { Service: LOGS } });
    expect(text).toBe(aPolicy([ROOT, statement]));
  });

  it('leaves out the byte order mark, which KMS does not take', () => {
    const { statement, text } = repaired(`\uFEFF${aPolicy([ROOT])}`);

    expect(text).toBe(aPolicy([ROOT, statement]));
  });

  it('turns a single statement into a list', () => {
    const { statement, text } = repaired(aPolicy(ROOT));

    expect(text).toBe(aPolicy([ROOT, statement]));
  });

  it.each([
    ['LogsealLogGroups', ABOUT_A_LOG_GROUP, 'LogsealQueryResults', CONTEXT, `${LOG_GROUP_ARN}*`],
    ['LogsealQueryResults', ABOUT_QUERY_RESULTS, 'LogsealLogGroups', 'aws:SourceArn', QUERY_RESULTS_ARN],
  ])('replaces %s in its place, and no other statement of logseal', (sid, question, otherSid, key, arn) => {
    const own = anAllow({ Sid: sid, Action: 'kms:Encrypt', Condition: { ArnLike: { [key]: arn } } });
    const other = anAllow({
      Sid: otherSid,
      Action: 'kms:Decrypt',
      Condition: { Bool: { 'aws:SecureTransport': false } },
    });

    const { statement, text } = repaired(aPolicy([ROOT, own, other]), question);

    expect(statement.Sid).toBe(sid);
    expect(text).toBe(aPolicy([ROOT, statement, other]));
  });

  it('keeps the actions that the replaced statement allowed to other log groups', () => {
    const here = anAllow({ Action: 'kms:Encrypt', Condition: { StringEquals: { [CONTEXT]: LOG_GROUP_ARN } } });
    const question = { ...ABOUT_A_LOG_GROUP, subject: { type: 'log-group', arn: `${LOG_GROUP_ARN}2` } } as const;
    const { statement, text } = repaired(aPolicy([ROOT, here]), question);
    expect(statement.Action).toContain('kms:Encrypt');
    const less = text.replace('"kms:Decrypt",', '');

    const again = repaired(less);

    expect(again.statement.Action).toContain('kms:Encrypt');
    expect(evaluateText(again.text, question).verdict).toBe('ALLOWED');
  });

  it.each([
    ['a number that no double holds', '{"X":12345678901234567890,', '{"X":12345678901234567890,'],
    ['a number out of range', '{"X":[1e999,-0,1.0],', '{"X":[1e999,-0,1.0],'],
    ['a field called __proto__', '{"__proto__":{"Statement":[]},', '{"__proto__":{"Statement":[]},'],
    ['a field called toJSON', '{"toJSON":"x",', '{"toJSON":"x",'],
    ['a field called rawJSON', '{"X":{"rawJSON":"1"},', '{"X":{"rawJSON":"1"},'],
    ['null and empty lists', '{"X":[null,[],{}],"Id":"",', '{"X":[null,[],{}],"Id":"",'],
    ['text that looks like fields', '{"X":"\\"Y\\":1,\\"Y\\":{","Z":"\\\\",', '{"X":"\\"Y\\":1,\\"Y\\":{","Z":"\\\\",'],
    ['one name in two objects', '{"X":{"A":1},"Y":{"A":1},', '{"X":{"A":1},"Y":{"A":1},'],
  ])('keeps %s', (_what, start, kept) => {
    const text = aPolicy([ROOT]);

    expect(repaired(text.replace('{', start)).text).toBe(repaired(text).text.replace('{', kept));
  });

  it('keeps a number inside a statement', () => {
    const age = anAllow({ Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': 0 } } });
    const text = aPolicy([ROOT, age]).replace(':0}', ':12345678901234567890}');

    expect(repaired(text).text).toContain('{"aws:MultiFactorAuthAge":12345678901234567890}');
  });

  it.each([
    ['compact if the original is compact', aPolicy([ROOT]), undefined],
    ['indented if the original has line breaks', JSON.stringify(JSON.parse(aPolicy([ROOT])), null, '\t'), 2],
    ['indented if the line breaks are carriage returns', aPolicy([ROOT]).replace(',', ',\r'), 2],
  ])('is %s', (_how, old, indent) => {
    const { text } = repaired(old);

    expect(text).toBe(JSON.stringify(JSON.parse(text), null, indent));
  });

  it('is compact if it would not fit when indented', () => {
    const { text } = repaired(`\n${aPolicy(Array.from({ length: 280 }, () => ({ ...ROOT, Sid: '' })))}`);

    expect(text).toBe(JSON.stringify(JSON.parse(text)));
    expect(bytes(JSON.stringify(JSON.parse(text), null, 2))).toBeGreaterThan(32_768);
  });

  it('may have at most 32,768 bytes', () => {
    const ofLength = (length: number) => aPolicy([{ ...ROOT, Sid: `é${'e'.repeat(length)}` }]);
    const room = 32_768 - bytes(repaired(ofLength(0)).text);
    const { code, message, fix } = refusal(ofLength(room + 1));

    expect(bytes(repaired(ofLength(room)).text)).toBe(32_768);
    expect(code).toBe('TOO_LARGE');
    expect(message).toContain(
      'with the missing statement: the key policy has 32769 bytes, and KMS accepts at most 32768',
    );
    expect(fix).toContain(`in the key policy of ${KEY_ARN}: merge statements`);
  });

  it('accepts two statements with an empty Sid', () => {
    expect(
      repair(
        aPolicy([
          { ...ROOT, Sid: '' },
          { ...ROOT, Sid: '' },
        ]),
      ).kind,
    ).toBe('REPAIR');
  });
});

describe('the scope of a repair', () => {
  const ARN = LOG_GROUP_ARN;
  const WHOLE = ARN.replace('/app/example', '*');
  const limitedTo = (patterns: string | string[], elements: Json = {}) =>
    anAllow({ Action: 'kms:Encrypt', Condition: { ArnLike: { [CONTEXT]: patterns } }, ...elements });
  const repairFor = (pattern: string, statements: Json[]) => {
    const found = repair(aPolicy([ROOT, ...statements]), ABOUT_A_LOG_GROUP, { type: 'log-groups', pattern });
    if (found.kind !== 'REPAIR') throw new Error(JSON.stringify(found));
    return found.statement.Condition.ArnLike?.[CONTEXT];
  };

  it.each([ARN, ARN.replace('example', '*'), WHOLE])('is %s where that is asked for', (pattern) => {
    expect(repairFor(pattern, [])).toBe(pattern);
  });

  it('keeps the log groups of the replaced statement, whatever else is in its list', () => {
    const own = limitedTo(['arn:aws:logs:*', `${ARN}2`, `${ARN}?`], { Sid: 'LogsealLogGroups' });

    expect(repairFor(ARN, [own])).toEqual(['arn:aws:logs:*', `${ARN}2`, `${ARN}?`, ARN]);
    expect(repairFor(`${ARN}*`, [own])).toEqual(['arn:aws:logs:*', `${ARN}*`]);
  });

  it('keeps the log groups of the replaced statement', () => {
    const own = (patterns: string | string[]) => [limitedTo(patterns, { Sid: 'LogsealLogGroups' })];

    expect(repairFor(ARN, own(`${ARN}2`))).toEqual([`${ARN}2`, ARN]);
    expect(repairFor(ARN, own([`${ARN}2`, `${ARN}*`]))).toEqual([`${ARN}2`, `${ARN}*`]);
    expect(repairFor(WHOLE, own([ARN, `${ARN}2`]))).toBe(WHOLE);
  });
});

describe('two policies are the same', () => {
  const text = aPolicy([ROOT, anAllow()]);

  it.each<[string, string]>([
    ['spacing', JSON.stringify(JSON.parse(text), null, 4)],
    ['order of fields', JSON.stringify({ Statement: [ROOT, anAllow()], Version: '2012-10-17' })],
    ['escapes', text.replace('Allow', '\\u0041llow')],
  ])('whatever their %s', (_what, other) => {
    expect(isSamePolicy(text, other)).toBe(true);
  });

  it.each<[string, string, string]>([
    ['the order of statements', text, aPolicy([anAllow(), ROOT])],
    ['a value', text, text.replace('"Root"', '"root"')],
    ['an additional field', text, text.replace('{', '{"Id":"x",')],
    ['a field called __proto__', text, text.replace('{', '{"__proto__":{},')],
    ['a number that a double cannot tell from the other', '[12345678901234567890]', '[12345678901234567891]'],
    ['the type of a value', '[1]', '["1"]'],
    ['broken JSON', '{', '{ '],
  ])('but not if they differ in %s', (_what, one, other) => {
    expect(isSamePolicy(one, other)).toBe(false);
    expect(isSamePolicy(one, one)).toBe(true);
  });
});
