import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../lib/domain/key-policy/document.ts';
import { aboutALogGroupIn, anAllow, aPolicy, codesOf, problemsOf, ROOT } from './builders.ts';
import { DOCUMENTED } from './documented-policies.ts';

describe('a policy that KMS accepts has no problems', () => {
  it.each(DOCUMENTED)('$source', ({ partition = 'aws', region = 'us-east-1', statements }) => {
    expect(problemsOf(statements, aboutALogGroupIn(partition, region))).toEqual([]);
  });

  it('in any spacing', () => {
    const text = aPolicy([ROOT, anAllow()]);

    expect(codesOf(JSON.stringify(JSON.parse(text), null, '\t'))).toEqual([]);
    expect(codesOf(`\r\n${text}\n`)).toEqual([]);
  });
});

it('what is no policy has no problems beside that', () => {
  for (const text of ['', '{', '[]', '{"Statement":[]}', `{"Id":"\u2013"}`, ' '.repeat(40_000)]) {
    expect(codesOf(text), text).toEqual([]);
  }
});

describe('the size of a policy', () => {
  /** A policy of so many bytes, most of them in characters of two bytes each. */
  const ofBytes = (bytes: number) => {
    const empty = aPolicy([{ ...ROOT, Sid: '' }]);
    const room = bytes - bytesOf(empty);
    return aPolicy([{ ...ROOT, Sid: 'é'.repeat(Math.floor(room / 2)) + 'e'.repeat(room % 2) }]);
  };

  it('is at most 32,768 bytes of UTF-8, however many characters these are', () => {
    expect(Buffer.byteLength(ofBytes(32_768))).toBe(32_768);
    expect(ofBytes(32_769).length).toBeLessThan(17_000);
    expect(codesOf(ofBytes(32_768))).toEqual([]);
    expect(problemsOf(ofBytes(32_769))).toEqual([
      {
        code: 'TOO_LARGE',
        statement: null,
        message: 'the key policy has 32769 bytes, and KMS accepts at most 32768',
        fix: expect.stringContaining('leave out the spaces'),
      },
    ]);
  });

  it('counts spaces between the elements, too', () => {
    expect(codesOf(aPolicy([ROOT]).padEnd(32_768))).toEqual([]);
    expect(codesOf(aPolicy([ROOT]).padEnd(32_769))).toEqual(['TOO_LARGE']);
  });
});

describe('the characters of a policy', () => {
  const withSid = (sid: string) => aPolicy([ROOT, anAllow({ Sid: sid })]);

  it.each(['é', 'ÿ', '\u00a0', '\u007f', '\t', '\n', '\r', '~', '¿'])('may be %j, as it is or escaped', (character) => {
    const text = withSid(`a${character}b`);
    const escaped = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

    expect(codesOf(text)).toEqual([]);
    expect(codesOf(withSid('a@b').replace('@', escaped))).toEqual([]);
  });

  it.each([
    ['\u2013', 'U+2013'],
    ['\u201c', 'U+201C'],
    ['\u0100', 'U+0100'],
    ['\u{1f511}', 'U+1F511'],
    ['\u0000', 'U+0000'],
    ['\u001b', 'U+001B'],
    ['\u200b', 'U+200B'],
    ['\u3042', 'U+3042'],
    ['\ufeff', 'a byte order mark (U+FEFF)'],
  ])('may not be %j', (character, name) => {
    const escapes = [...Array(character.length).keys()].map(
      (at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    );
    const expected = [
      {
        code: 'CHARACTERS',
        statement: { index: 1, sid: `a${character}b` },
        message: expect.stringContaining(`has ${name}: KMS accepts only tab, line feed, carriage return and U+0020 to`),
        fix: expect.stringContaining('remove these characters'),
      },
    ];

    expect(problemsOf(withSid(`a${character}b`))).toEqual(expected);
    expect(problemsOf(withSid('a@b').replace('@', escapes.join('')))).toEqual(expected);
  });

  it('are found in names and values, wherever they are', () => {
    const bad = '\u2019';
    const places = [
      anAllow({ Action: ['kms:Encrypt', `kms:${bad}`] }),
      anAllow({ Condition: { StringEquals: { [`aws:PrincipalTag/${bad}`]: 'x' } } }),
      anAllow({ Condition: { StringEquals: { 'aws:PrincipalTag/x': ['y', bad] } } }),
      anAllow({ Comment: { deep: [{ [bad]: 1 }] } }),
    ];

    for (const statement of places) {
      expect(problemsOf([ROOT, statement]), JSON.stringify(statement)).toMatchObject([
        {
          code: 'CHARACTERS',
          statement: { index: 1 },
          message: expect.stringContaining('the 2nd statement has U+2019'),
        },
      ]);
    }
    expect(problemsOf(aPolicy([ROOT]).replace('{', `{"Id":"${bad}",`))).toMatchObject([
      { code: 'CHARACTERS', statement: null, message: expect.stringContaining('the document has U+2019') },
    ]);
  });

  it('of several statements are one problem, which names each of them', () => {
    const [problem, ...others] = problemsOf([{ ...ROOT, Sid: '\u2013' }, anAllow({ Sid: 'Two', Comment: '\u2014' })]);

    expect(others).toEqual([]);
    expect(problem?.message).toContain('has U+2013, the statement "Two" has U+2014');
  });

  it('of a field that stands twice count, though only the last one takes effect', () => {
    expect(codesOf(aPolicy([ROOT]).replace('{', '{"Id":"\u2013","Id":"x",'))).toEqual(['CHARACTERS']);
  });

  it('may not begin with a byte order mark', () => {
    expect(problemsOf(`\ufeff${aPolicy([ROOT])}`)).toMatchObject([
      { code: 'CHARACTERS', statement: null, message: expect.stringContaining('the document has a byte order mark') },
    ]);
  });

  it('are listed after the size and before the principals', () => {
    const text = aPolicy([{ ...ROOT, Sid: `\u2013${'x'.repeat(33_000)}`, Principal: { AWS: 'AROAEXAMPLEROLEID' } }]);

    expect(codesOf(text)).toEqual(['TOO_LARGE', 'CHARACTERS', 'PRINCIPAL_ORPHAN', 'LOCKS_OUT']);
  });
});

it('names each statement with its index from zero, and words from one', () => {
  const problems = problemsOf([
    ROOT,
    anAllow({ Principal: { AWS: 'AIDAEXAMPLEUSERID' } }),
    anAllow({ Sid: 'Third', Principal: { Service: 'logs' } }),
  ]);

  expect(problems.map(({ code, statement }) => ({ code, ...statement }))).toEqual([
    { code: 'PRINCIPAL_ORPHAN', index: 1, sid: null },
    { code: 'SERVICE_NAME', index: 2, sid: 'Third' },
  ]);
  expect(problems[0]?.message).toContain('the 2nd statement (Allow, Principal AWS AIDAEXAMPLEUSERID)');
  expect(problems[1]?.message).toContain('the statement "Third" (Allow, Principal Service logs)');
});
