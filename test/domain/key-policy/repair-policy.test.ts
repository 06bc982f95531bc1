import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSamePolicy, type PolicyRepair, repairKeyPolicy } from '../../../lib/domain/key-policy/repair-policy.ts';
import { elements, questions, SEED, statements } from './arbitraries.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  evaluateText,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  readFor,
} from './builders.ts';

const ROOT: Json = { Sid: 'Root', Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' };
const MAY_DENY = aDeny({ Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } } });

function repair(text: string, question = ABOUT_A_LOG_GROUP): PolicyRepair {
  return repairKeyPolicy(readFor(question, text), question.subject);
}

function repaired(text: string, question = ABOUT_A_LOG_GROUP) {
  const found = repair(text, question);
  if (found.kind !== 'REPAIR') throw new Error(JSON.stringify(found));
  return found;
}

function refusal(text: string, question = ABOUT_A_LOG_GROUP) {
  const found = repair(text, question);
  if (found.kind !== 'REFUSED') throw new Error(JSON.stringify(found));
  return found.refusal;
}

/** A document in which each number is known by how it is written. */
const asWritten = (text: string): Json =>
  (JSON.parse as (text: string, reviver: (name: string, value: unknown, at: { source: string }) => unknown) => Json)(
    text,
    (_name, value, { source }) => (typeof value === 'number' ? `the number ${source}` : value),
  );
const listOf = (document: Json): Json[] => [document.Statement].flat() as Json[];
const bytes = (text: string) => Buffer.byteLength(text);

describe('a repair', () => {
  it('is not needed where the policy is ALLOWED', () => {
    expect(repair(aPolicy(anAllow()))).toEqual({ kind: 'NONE_NEEDED' });
  });

  it('adds one statement at the end', () => {
    const { statement, text } = repaired(aPolicy([ROOT]));

    expect(statement).toMatchObject({ Sid: 'LogsealLogGroups', Principal: { Service: LOGS } });
    expect(text).toBe(aPolicy([ROOT, statement]));
  });

  it('turns a single statement into a list', () => {
    const { statement, text } = repaired(aPolicy(ROOT));

    expect(text).toBe(aPolicy([ROOT, statement]));
  });

  it.each([
    ['LogsealLogGroups', ABOUT_A_LOG_GROUP, 'LogsealQueryResults'],
    ['LogsealQueryResults', ABOUT_QUERY_RESULTS, 'LogsealLogGroups'],
  ])('replaces %s in its place, and no other statement of logseal', (sid, question, otherSid) => {
    const own = anAllow({ Sid: sid, Action: 'kms:Encrypt' });
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
    const { statement, text } = repaired(aPolicy([here]), question);
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
    ['a lone surrogate', '{"X":"\\ud800",', '{"X":"\\ud800",'],
  ])('keeps %s', (_what, start, kept) => {
    const text = aPolicy([ROOT]);

    expect(repaired(text.replace('{', start)).text).toBe(repaired(text).text.replace('{', kept));
  });

  it('keeps a number inside a statement', () => {
    const age = anAllow({ Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': 0 } } });
    const text = aPolicy([age]).replace(':0}', ':12345678901234567890}');

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
    expect(code).toBe('KEY_POLICY_MISSING_ACTIONS');
    expect(message).toContain(`has ${bytes(ofLength(room + 1))} bytes, and would have 32769 `);
    expect(fix).toBe(`shorten other statements of the key policy of ${KEY_ARN}`);
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

describe('a repair is refused', () => {
  const own = (elements: Json) =>
    aPolicy([ROOT, anAllow({ Sid: 'LogsealLogGroups', Action: 'kms:Encrypt', ...elements })]);
  const lost = /statement 1 .* LogsealLogGroups, but does something else/;
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

  it.each<[string, string, string, RegExp]>([
    ['a Deny applies', aPolicy([ROOT, aDeny({ Sid: 'No' })]), 'KEY_POLICY_DENIES', /statement 1 \("No"\) denies it/],
    ['a Deny may apply', aPolicy([anAllow(), MAY_DENY]), 'KEY_POLICY_UNCERTAIN', /statement 1 may deny it/],
    [
      'a Deny may apply once the statement is added',
      aPolicy([ROOT, MAY_DENY]),
      'KEY_POLICY_UNCERTAIN',
      /statement 1 may deny it/,
    ],
    ['it is not JSON', '{', 'KEY_POLICY_UNREADABLE', /it is not JSON/],
    ['it is malformed', '{"Version":"2012-10-17"}', 'KEY_POLICY_UNREADABLE', /there is no Statement/],
    [
      'a field stands twice',
      aPolicy([ROOT]).replace('"Action"', '"Action" : "s3:*","Action"'),
      'KEY_POLICY_UNREADABLE',
      /two fields called "Action"/,
    ],
    [
      'a field stands twice, once with an escape',
      aPolicy([ROOT]).replace('{', '{"X":{"a":[{}],"\\u0061":1},'),
      'KEY_POLICY_UNREADABLE',
      /two fields called/,
    ],
    [
      'two statements have the same Sid',
      aPolicy([anAllow({ Sid: 'A', Action: [] }), ROOT, aDeny({ Sid: 'A', Action: [] })]),
      'KEY_POLICY_UNREADABLE',
      /two statements have the Sid "A"/,
    ],
    ['its own Sid is on a Deny', own({ Effect: 'Deny', Action: 's3:*' }), 'KEY_POLICY_UNREADABLE', lost],
    ['its own Sid is for everybody', own({ Principal: '*' }), 'KEY_POLICY_UNREADABLE', lost],
    [
      'its own Sid is for a role too',
      own({ Principal: { Service: LOGS, AWS: ACCOUNT } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid is for another service',
      own({ Principal: { Service: 'ec2.amazonaws.com' } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid is for all but someone',
      own({ Principal: undefined, NotPrincipal: { Service: LOGS } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid serves another account',
      own({ Condition: { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:444455556666:log-group:*' } } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    [
      'its own Sid serves another account as the source',
      own({ Condition: { StringEquals: { 'aws:SourceAccount': [ACCOUNT, '444455556666'] } } }),
      'KEY_POLICY_UNREADABLE',
      lost,
    ],
    ['it is nested too deeply', aPolicy([ROOT]).replace('{', `{"X":${nested},`), 'KEY_POLICY_UNREADABLE', /nested/],
  ])('where %s', (_when, text, code, message) => {
    expect(refusal(text)).toEqual({
      code,
      message: expect.stringMatching(message),
      fix: expect.stringMatching(/^(?!.*logseal key repair)./),
    });
  });

  it('where the key is in another Region, whatever the policy is', () => {
    const question = { ...ABOUT_A_LOG_GROUP, keyArn: KEY_ARN.replace('us-east-1', 'eu-west-1') };

    for (const text of ['{', aPolicy([ROOT]), aPolicy(anAllow({ Principal: '*' }))]) {
      expect(refusal(text, question)).toMatchObject({ code: 'KEY_WRONG_REGION', fix: 'use a key in us-east-1' });
    }
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
