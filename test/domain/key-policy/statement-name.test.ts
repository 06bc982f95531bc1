import { describe, expect, it } from 'vitest';
import { parseKeyPolicy } from '../../../lib/domain/key-policy/parse.ts';
import { statementName, statementQuote } from '../../../lib/domain/key-policy/statement-name.ts';
import { ACCOUNT, aDeny, anAllow, aPolicy, evaluate, type Json, LOGS } from './builders.ts';

function statementsOf(statements: Json[]) {
  const parsed = parseKeyPolicy(aPolicy(statements));
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  return parsed.policy.statements;
}

describe('a statement is named', () => {
  const namesOf = (sids: readonly (string | undefined)[]) =>
    statementsOf(sids.map((Sid) => anAllow({ Sid }))).map(({ name }) => name);

  it('by its Sid, or by its place counted from one', () => {
    expect(namesOf(['Root', undefined, 'Enable IAM User Permissions', ''])).toEqual([
      'the statement "Root"',
      'the 2nd statement',
      'the statement "Enable IAM User Permissions"',
      'the 4th statement',
    ]);
  });

  it('by both, where several statements have the Sid', () => {
    expect(namesOf(['A', 'B', 'A', 'a'])).toEqual([
      'the 1st statement (Sid "A")',
      'the statement "B"',
      'the 3rd statement (Sid "A")',
      'the statement "a"',
    ]);
    expect(namesOf(['', ''])).toEqual(['the 1st statement', 'the 2nd statement']);
  });

  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [10, '10th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [20, '20th'],
    [21, '21st'],
    [22, '22nd'],
    [23, '23rd'],
    [101, '101st'],
    [111, '111th'],
  ])('number %i as the %s', (number, ordinal) => {
    expect(statementName({ index: number - 1, sid: null })).toBe(`the ${ordinal} statement`);
  });

  it('with the quotes and line breaks of its Sid escaped', () => {
    expect(namesOf(['a\n"b'])).toEqual(['the statement "a\\n\\"b"']);
  });

  it('by its Sid in warnings', () => {
    const { warnings } = evaluate([anAllow({ Sid: 'Global', Principal: { Service: 'logs.amazonaws.com' } })]);

    expect(warnings[0]?.message).toMatch(/^the statement "Global" names logs\.amazonaws\.com/);
  });
});

describe('advice quotes a statement with its Effect and principal', () => {
  const root = `arn:aws:iam::${ACCOUNT}:root`;

  it.each<[Json, string]>([
    [anAllow(), `(Allow, Principal Service ${LOGS})`],
    [aDeny(), '(Deny, Principal "*")'],
    [anAllow({ Principal: { AWS: '*' } }), '(Allow, Principal AWS *)'],
    [aDeny({ Principal: undefined, NotPrincipal: { AWS: root } }), `(Deny, NotPrincipal AWS ${root})`],
    [anAllow({ Principal: { AWS: root, Service: [LOGS] } }), `(Allow, Principal AWS ${root}, Service ${LOGS})`],
    [anAllow({ Principal: { AWS: [root, '1', '2'], Service: LOGS } }), `(Allow, Principal AWS ${root}, AWS 1, 2 more)`],
    [anAllow({ Principal: { Service: [] } }), '(Allow, Principal none)'],
  ])('%j', (statement, quote) => {
    const [first, second] = statementsOf([statement, { ...statement, Sid: 'Logs' }]).map(statementQuote);

    expect(first).toBe(`the 1st statement ${quote}`);
    expect(second).toBe(`the statement "Logs" ${quote}`);
  });
});
