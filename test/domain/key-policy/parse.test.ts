import { describe, expect, it } from 'vitest';
import { ABOUT_A_LOG_GROUP, aDeny, anAllow, aPolicy, evaluateText, type Json, LOGS, readFor } from './builders.ts';

describe('key-policy rule 19: a policy is malformed', () => {
  const statement = anAllow();

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', 'Version: 2012-10-17'],
    ['JSON with a comment', `/* */ ${aPolicy(statement)}`],
    ['JSON cut off', aPolicy(statement).slice(0, -1)],
    ['two documents', aPolicy(statement).repeat(2)],
    ...[null, true, 1, 'text', [], [statement]].map<[string, string]>((value) => [
      `the document ${JSON.stringify(value)}`,
      JSON.stringify(value),
    ]),
    ['no Statement', '{"Version":"2012-10-17"}'],
    ['statement in lower case', JSON.stringify({ statement })],
    ...[[], null, 'x', 1, true, [null], [[statement]], ['x'], {}].map<[string, string]>((value) => [
      `the Statement ${JSON.stringify(value)}`,
      aPolicy(value),
    ]),
    ...[2012, '2012-10-18', '', null, ['2012-10-17'], {}].map<[string, string]>((version) => [
      `the Version ${JSON.stringify(version)}`,
      aPolicy(statement, version),
    ]),
    ['an Id that is not a string', JSON.stringify({ Id: 1, Statement: statement })],
    ...Object.entries<readonly unknown[]>({
      Effect: [undefined, null, 'allow', 'ALLOW', 'Allow ', '', ['Allow'], true],
      Sid: [1, null, ['a'], {}],
      Principal: [
        undefined,
        null,
        '',
        LOGS,
        'arn:aws:iam::111122223333:root',
        [],
        ['*'],
        {},
        1,
        true,
        { Services: LOGS },
        { service: LOGS },
        { '*': '*' },
        { Service: null },
        { Service: 1 },
        { Service: {} },
        { Service: [LOGS, 1] },
        { Service: [[LOGS]] },
        { Service: LOGS, Role: 'x' },
      ],
      Action: [null, 1, true, {}, [1], ['kms:*', null], [['kms:*']]],
      Resource: [null, 1, false, {}, [{}], ['*', null]],
      NotAction: ['kms:*', []],
      NotResource: ['*'],
      NotPrincipal: ['*', { AWS: '*' }],
      Condition: [
        null,
        'x',
        1,
        [],
        [{}],
        { StringEquals: 'x' },
        { StringEquals: null },
        { StringEquals: [] },
        { StringEquals: { a: null } },
        { StringEquals: { a: {} } },
        { StringEquals: { a: [['x']] } },
        { StringEquals: { a: ['x', null] } },
      ],
    }).flatMap(([name, values]) =>
      values.map<[string, string]>((value) => [
        `the ${name} ${JSON.stringify(value)}`,
        aPolicy([statement, anAllow({ [name]: value })]),
      ]),
    ),
    ['a Deny without a principal', aPolicy([statement, aDeny({ Principal: undefined, Action: 'kms:PutKeyPolicy' })])],
    ...[
      '',
      'Equals',
      'StringEqual',
      'StringEquals ',
      'StringEquals\n',
      'ForSomeValues:StringEquals',
      'ForAllValues:',
      'ForAllValues:ForAnyValue:StringEquals',
      'IfExists',
      'StringEqualsIfExistsIfExists',
      'StringEqualsIfExist',
      'NullIfExists',
      'BoolNotEquals',
      'ArnNotMatches',
      'constructor',
      'toString',
    ].map<[string, string]>((operator) => [
      `4: the operator ${JSON.stringify(operator)}`,
      aPolicy([statement, anAllow({ Condition: { [operator]: { a: 'x' } } })]),
    ]),
    [
      '4: the operator "__proto__"',
      aPolicy(statement).replace('"Effect"', '"Condition":{"__proto__":{"a":"x"}},"Effect"'),
    ],
  ])('%s', (_what, text) => {
    const { verdict, missingActions, denyingStatement, repair, warnings } = evaluateText(text);

    expect({ verdict, missingActions, denyingStatement, repair }).toEqual({
      verdict: 'MALFORMED',
      missingActions: [],
      denyingStatement: null,
      repair: null,
    });
    expect(warnings.map(({ code }) => code)).toContain('MALFORMED_POLICY');
  });

  it('and every mistake is reported with its place', () => {
    const broken = {
      Effect: 'allow',
      Principal: { Services: 7 },
      Action: 1,
      NotAction: 'a',
      Condition: { ArnLik: { k: {} } },
    };

    const { warnings } = evaluateText(
      JSON.stringify({ Version: '2012', Id: 1, Statement: [statement, broken, 'text', { ...broken, Condition: [] }] }),
    );

    expect(warnings[0]?.message.replace('AWS would refuse this policy: ', '').split('; ')).toEqual([
      'Version is "2012", expected "2012-10-17" or "2008-10-17"',
      'Id is 1, expected a string',
      'the 2nd statement: Effect is "allow", expected "Allow" or "Deny"',
      'the 2nd statement: Principal has the key "Services", expected one of AWS, Service, Federated, CanonicalUser',
      'the 2nd statement: Principal.Services is 7, expected a string or a list of strings',
      'the 2nd statement has both Action and NotAction',
      'the 2nd statement: Action is 1, expected a string or a list of strings',
      'the 2nd statement: Condition has the operator "ArnLik", which does not exist',
      'the 2nd statement: Condition.ArnLik.k is {}, expected a string, number or boolean, or a list of them',
      'the 3rd statement is not an object',
      'the 4th statement: Effect is "allow", expected "Allow" or "Deny"',
      'the 4th statement: Principal has the key "Services", expected one of AWS, Service, Federated, CanonicalUser',
      'the 4th statement: Principal.Services is 7, expected a string or a list of strings',
      'the 4th statement has both Action and NotAction',
      'the 4th statement: Action is 1, expected a string or a list of strings',
      'the 4th statement: Condition is not an object',
    ]);
  });

  it('and a mistake in a statement with a Sid is reported with the Sid', () => {
    const broken = { Sid: 'Logs', Effect: 'allow' };
    const messageFor = (statements: readonly Json[]) => evaluateText(aPolicy(statements)).warnings[0]?.message;

    expect(messageFor([statement, broken])).toContain('the statement "Logs": Effect is "allow"');
    expect(messageFor([anAllow({ Sid: 'Logs' }), broken])).toContain('the 2nd statement (Sid "Logs") has no Principal');
  });

  it.each<[string, string]>([
    ['no Version', JSON.stringify({ Statement: [statement] })],
    ['Version 2008-10-17', aPolicy([statement], '2008-10-17')],
    ['a scalar Statement', aPolicy(statement)],
    ['lists of one', aPolicy([anAllow({ Principal: { Service: [LOGS] }, Action: ['kms:*'], Resource: ['*'] })])],
    ['an empty Sid', aPolicy(anAllow({ Sid: '' }))],
    ['one Sid twice', aPolicy([anAllow({ Sid: 'A' }), anAllow({ Sid: 'A' })])],
    ['unknown fields', JSON.stringify({ Statement: anAllow({ effect: 1, comment: null }), Tags: [null] })],
    ['white space around', ` \n\t${aPolicy(statement)}\r\n`],
    ['escapes', aPolicy(statement).replace('Allow', '\\u0041llow')],
    ['a field called __proto__', aPolicy(statement).replace('{', '{"__proto__":{"Statement":[]},')],
    [
      'two Versions of which the last is valid',
      '{"Version":"x","Version":"2012-10-17",'.concat(
        aPolicy(statement).slice(1).replace('"Version":"2012-10-17",', ''),
      ),
    ],
  ])('but not for %s', (_what, text) => {
    expect(evaluateText(text).verdict).toBe('ALLOWED');
  });
});

describe('a text', () => {
  const messageOf = (text: string) => evaluateText(text).warnings[0]?.message;

  it('keeps its byte order mark, which is not evaluated', () => {
    const text = `\uFEFF${aPolicy(anAllow())}`;

    expect(readFor(ABOUT_A_LOG_GROUP, text)).toMatchObject({ status: 'READ', text });
  });

  it('that is nested too deeply has this one mistake', () => {
    expect(messageOf(`{"Version":7,"Statement":${'['.repeat(100)}${']'.repeat(100)}}`)).toBe(
      'AWS would refuse this policy: it is nested more than 100 levels deep',
    );
  });

  it('that is not JSON is quoted without its control characters', () => {
    expect(messageOf('\x1b[31m\u202e\n')).toBe(
      String.raw`AWS would refuse this policy: it is not JSON: Unexpected token '\u001b', "\u001b[31m\u202e\u000a" is not valid JSON`,
    );
  });
});
